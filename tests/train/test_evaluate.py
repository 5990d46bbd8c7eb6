import json

import cv2
import numpy as np
import pytest

from lapx_tf.data import sources
from lapx_tf.models.storage import KerasSession, save
from lapx_tf.skeletons import COCO_17, MPII_16, Skeleton
from tests.data import coco_files, mpii_writers
from tests.evaluation.groups import Brightness
from tests.helpers import write_lsp
from train import evaluate

FOX_5 = Skeleton("fox_5", tuple(coco_files.FOX["keypoints"]), ((1, 2),))
SKELETONS = {"mpii": MPII_16, "coco": COCO_17, "fox": FOX_5}


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A folder with mpii.tflite, coco.tflite and fox.tflite, which stand for sessions that need no graph."""
    for name in SKELETONS:
        (tmp_path / f"{name}.tflite").write_text("no network")
    monkeypatch.setattr(evaluate, "open_any", lambda model, threads: Brightness(SKELETONS[model.stem], model.name))
    return tmp_path


@pytest.fixture
def lsp(tmp_path, monkeypatch):
    """A folder in LSP's layout with four val people."""
    monkeypatch.setattr("lapx_tf.data.lsp.TRAIN_IMAGES", 2)
    write_lsp(tmp_path / "lsp")
    return tmp_path / "lsp"


@pytest.fixture
def mpii(tmp_path):
    """A folder in MPII's layout with two val people in one picture, and their truth."""
    records = [mpii_writers.wei_person(val=1.0), mpii_writers.wei_person(val=1.0)]
    mpii_writers.write_json(tmp_path / "mpii" / "mpii_annotations.json", records)
    mpii_writers.write_truth(tmp_path / "mpii", 2)
    write_picture(tmp_path / "mpii" / "images" / "a.jpg")
    return tmp_path / "mpii"


@pytest.fixture
def coco(tmp_path):
    """A folder in COCO's layout with three val people in two pictures, and detections in one of them."""
    folder = tmp_path / "coco"
    people = [coco_files.annotation(number, coco_files.PERSON, image) for number, image in ((1, 1), (2, 1), (3, 2))]
    coco_files.write(
        folder / "annotations" / "person_keypoints_val2017.json",
        [coco_files.image(1), coco_files.image(2)], people, coco_files.PERSON, folder / "val2017",
    )  # fmt: skip
    found = [{"image_id": 1, "category_id": 1, "bbox": [10, 20, 60, 80], "score": score} for score in (0.9, 0.4, 0.3)]
    (folder / "found.json").write_text(json.dumps(found))
    return folder


def write_picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8))


def run(model, dataset, data, *options) -> int:
    out = data.parent / "out" / "score.json"
    return evaluate.main([str(model), "--dataset", dataset, "--data", str(data), "--json", str(out), *options])


def scores(model, dataset, data, *options) -> dict:
    assert run(model, dataset, data, "--no-report", *options) == 0
    return json.loads((data.parent / "out" / "score.json").read_text())


def test_lsp_is_scored_by_pck_with_its_conditions(models, lsp, capsys):
    assert run(models / "mpii.tflite", "lsp", lsp) == 0
    out = lsp.parent / "out"
    found = json.loads((out / "score.json").read_text())
    assert 0 <= found["PCK@0.2"] <= 100
    conditions = {
        "images": 4, "persons": 4, "unreadable": 0, "problems": 0, "dataset": "lsp", "split": "val",
        "joints": "14 of LSP, person-centric", "reference": "right hip - left shoulder",
        "crop": "square around the labelled joints x 1.25", "input_size": [64, 64], "flip_test": False, "flip_shift": 0,
        "decoder": "quarter", "model": "mpii.tflite", "precision": "float32",
    }  # fmt: skip
    assert {key: found[key] for key in conditions} == conditions
    assert found["sha256"] == "0" * 64
    assert (out / "score.html").read_text().count("<figure>") == 4
    said = f"PCK@0.2 {found['PCK@0.2']:.3f}: mpii.tflite on 4 persons of lsp val; {out / 'score.json'}, {out / 'score.html'}\n"
    assert capsys.readouterr().out == said


def test_a_network_in_memory_has_the_scores_of_its_file(tiny_network, lsp):
    save(tiny_network, lsp.parent / "tiny.keras")
    of_file = scores(lsp.parent / "tiny.keras", "lsp", lsp, "--flip-test")
    in_memory = evaluate.scores_of(tiny_network, sources.load(lsp, "val"), flip_test=True)
    assert in_memory == {"PCK@0.2": of_file["PCK@0.2"]}
    assert evaluate.evaluate(KerasSession(tiny_network), sources.load(lsp, "val"), flip_test=True) == {
        key: value for key, value in of_file.items() if key.startswith("PCK")
    }


def test_the_choices_reach_the_network_and_the_conditions(models, lsp):
    found = scores(models / "mpii.tflite", "lsp", lsp, "--decoder", "dark", "--flip-test", "--flip-shift", "1")
    assert (found["decoder"], found["flip_test"], found["flip_shift"]) == ("dark", True, 1)


def test_mpii_is_scored_by_pckh_with_the_field_s_truth(models, mpii):
    found = scores(models / "mpii.tflite", "mpii", mpii)
    assert 0 <= found["PCKh@0.1"] <= found["PCKh@0.5"] <= 100
    assert (found["images"], found["persons"]) == (1, 2)
    assert "head box" in found["reference"]


def test_mpii_without_head_sizes_is_refused_before_the_network_runs(models, mpii, capsys):
    (mpii / "detections_our_format.mat").unlink()
    assert run(models / "mpii.tflite", "mpii", mpii) == 2
    assert "detections_our_format.mat" in capsys.readouterr().err
    assert run(models / "mpii.tflite", "mpii", mpii, "--split", "all") == 2
    assert "PCKh needs the head size of every person, 2 of 2 have none" in capsys.readouterr().err


def test_coco_is_scored_by_ap_on_annotated_or_detected_boxes(models, coco):
    found = scores(models / "coco.tflite", "coco", coco)
    assert 0 <= found["AP"] <= 1
    assert (found["images"], found["persons"], found["crop"]) == (2, 3, "annotated box x 1.25")
    found = scores(models / "coco.tflite", "coco", coco, "--detections", str(coco / "found.json"))
    assert (found["images"], found["persons"], found["crop"]) == (1, 3, "boxes of found.json x 1.25")


def test_people_s_own_joints_are_scored_by_ap(models, tmp_path):
    foxes = [coco_files.annotation(number, coco_files.FOX) for number in (1, 2)]
    coco_files.write(tmp_path / "own" / "val.json", [coco_files.image(1)], foxes, coco_files.FOX, tmp_path / "own")
    found = scores(models / "fox.tflite", "own", tmp_path / "own")
    assert 0 <= found["AP"] <= 1
    assert found["joints"] == "5 of fox_5"


def test_a_picture_that_can_not_be_read_is_left_out_only_if_asked(models, lsp, capsys):
    (lsp / "images" / "im0004.jpg").write_bytes(b"")
    assert run(models / "mpii.tflite", "lsp", lsp) == 2
    assert "im0004.jpg" in capsys.readouterr().err
    assert not (lsp.parent / "out").exists()
    found = scores(models / "mpii.tflite", "lsp", lsp, "--unreadable-limit", "1")
    assert (found["persons"], found["images"], found["unreadable"]) == (3, 3, 1)


@pytest.mark.parametrize(
    ("model", "options", "sentence"),
    [
        ("coco", [], "the model finds the joints of coco_17, the data set has those of mpii_16"),
        ("mpii", ["--flip-shift", "1"], "needs --flip-test"),
        ("mpii", ["--decoder", "best"], "invalid choice"),
        ("mpii", ["--detections", "found.json"], "lsp has no ground truth of COCO's kind"),
        ("mpii", ["--report", "page.htm"], "must end in .html"),
        ("mpii", ["--report", "page.html", "--no-report"], "not allowed with"),
        ("mpii", ["--split", "test"], "invalid choice"),
    ],
)
def test_wrong_use_is_one_sentence(model, options, sentence, models, lsp, capsys):
    assert run(models / f"{model}.tflite", "lsp", lsp, *options) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert not (lsp.parent / "out").exists()


def test_neither_the_model_nor_its_json_nor_the_data_is_written_over(models, lsp, tmp_path, capsys):
    model = models / "mpii.tflite"
    before = model.read_bytes()
    for out in (model, models / "mpii.tflite.json", lsp):
        assert evaluate.main([str(model), "--dataset", "lsp", "--data", str(lsp), "--json", str(out)]) == 2
        assert "name another file" in capsys.readouterr().err
    assert evaluate.main([str(model), "--dataset", "lsp", "--data", str(lsp), "--json", str(tmp_path / "a.html")]) == 2
    assert "can't be the JSON and the report" in capsys.readouterr().err
    assert model.read_bytes() == before
