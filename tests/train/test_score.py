import json
import pickle
import re

import h5py
import numpy as np
import pytest
import scipy.io

from lapx_tf.data.lsp import to_mpii
from tests.evaluation.groups import coco_people
from tests.helpers import write_lsp
from train import score

PEOPLE = 6


@pytest.fixture
def mpii_truth(tmp_path):
    """The file with the truth of a few val persons; returns it and their joints [N, 16, 2] as stored."""
    joints = np.random.default_rng(0).uniform(100, 300, (PEOPLE, 16, 2))
    heads = np.zeros((2, 2, PEOPLE))
    heads[1] = 50  # 0.6 x the diagonal: 42.4 pixels
    missing = np.zeros((16, PEOPLE), np.uint8)
    missing[9, 0] = 1
    content = {"pos_gt_src": joints.transpose(1, 2, 0), "jnt_missing": missing, "headboxes_src": heads}
    scipy.io.savemat(tmp_path / "detections_our_format.mat", content)
    return tmp_path / "detections_our_format.mat", joints


def save(path, joints):
    """Predictions in the format of the path's ending."""
    if path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            file["preds"], file["other"] = joints, np.zeros(3)
    elif path.suffix == ".npz":
        np.savez(path, preds=joints, other=np.zeros(3))
    elif path.suffix == ".mat":
        scipy.io.savemat(path, {"preds": joints, "other": np.zeros(3)})
    else:
        path.write_text(json.dumps({"preds": joints.tolist()}))
    return path


def run(dataset, annotations, predictions, *options) -> int:
    arguments = ["--annotations", str(annotations), "--predictions", str(predictions)]
    return score.main([dataset, *arguments, "--json", str(predictions.parent / "out" / "score.json"), *options])


def scores(dataset, annotations, predictions, *options) -> dict:
    assert run(dataset, annotations, predictions, "--no-report", *options) == 0
    return json.loads((predictions.parent / "out" / "score.json").read_text())


@pytest.mark.parametrize("ending", [".h5", ".npz", ".mat", ".json"])
def test_every_format_gives_the_same_pckh(ending, mpii_truth, tmp_path):
    truth, joints = mpii_truth
    moved = joints + np.array([10, 0])  # 0.24 of the head
    moved[1:3, 0] += 100
    moved[0, 9] += 1000  # not labelled
    found = scores("mpii", truth, save(tmp_path / f"found{ending}", moved))
    assert found["PCKh@0.5"] == pytest.approx(100 * (14 * PEOPLE - 3) / (14 * PEOPLE - 1), abs=1e-3)
    assert found["PCKh@0.1"] == 0
    assert found["PCKh@0.5 per joint"]["right_ankle"] == pytest.approx(100 * 4 / PEOPLE, abs=1e-3)
    assert (found["persons"], found["dataset"], found["split"]) == (PEOPLE, "mpii", "val")
    assert len(found["sha256"]) == 64


def test_an_array_of_another_name_is_taken_if_it_is_the_only_one_that_fits(mpii_truth, tmp_path):
    truth, joints = mpii_truth
    file = tmp_path / "found.npz"
    np.savez(file, mine=np.concatenate([joints, joints], axis=-1), other=np.zeros((PEOPLE, 15, 2)))
    assert scores("mpii", truth, file)["PCKh@0.1"] == 100
    np.savez(file, mine=joints, other=joints)
    assert run("mpii", truth, file) == 2


@pytest.mark.parametrize("joints", [14, 16])
def test_lsp_is_scored_in_both_orders_of_joints(joints, tmp_path, monkeypatch):
    monkeypatch.setattr("lapx_tf.data.lsp.TRAIN_IMAGES", 2)
    stored = write_lsp(tmp_path / "lsp").transpose(2, 1, 0)[2:]  # val: [4, 14, 3]
    found = stored[..., :2].copy()
    found[:, 13] += 500
    if joints == 16:
        found = np.stack([to_mpii(np.dstack([one[None], np.ones((1, 14, 1))])[0]) for one in found])
    file = save(tmp_path / "found.npz", found)
    for annotations in (tmp_path / "lsp", tmp_path / "lsp" / "joints.mat"):
        result = scores("lsp", annotations, file)
        assert result["PCK@0.2"] == pytest.approx(100 * 13 / 14, abs=1e-3)
        assert result["PCK@0.2 per joint"]["head_top"] == 0
    assert run("lsp", tmp_path / "lsp", file, "--split", "all") == 2


@pytest.fixture
def coco_files(tmp_path):
    """An annotation file of few people in pictures beside it, and perfect results."""
    truth = coco_people(3).ground_truth
    (tmp_path / "val").mkdir()
    for image in truth["images"]:
        image["file_name"] = f"{image['id']}.jpg"
        (tmp_path / "val" / image["file_name"]).write_bytes(image.pop("path"))
    results = [
        {key: annotation[key] for key in ("image_id", "category_id", "keypoints")} | {"score": 0.5}
        for annotation in truth["annotations"]
    ]
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    (tmp_path / "results.json").write_text(json.dumps(results))
    return tmp_path / "truth.json", tmp_path / "results.json", results


def test_coco_results_are_scored_against_an_annotation_file(coco_files):
    truth, file, results = coco_files
    assert scores("coco", truth, file)["AP"] == 1
    file.write_text(json.dumps(results[:1]))
    assert scores("coco", truth, file)["AR"] == pytest.approx(1 / 3)
    file.write_text("[]")
    assert scores("coco", truth, file)["AP"] == 0


def test_a_report_lies_beside_the_json_unless_it_is_not_wanted(coco_files, tmp_path, capsys):
    truth, file, _ = coco_files
    assert run("coco", truth, file, "--no-report") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["score.json"]
    assert run("coco", truth, file, "--report", str(tmp_path / "page.html")) == 0
    assert "image/jpeg" in (tmp_path / "page.html").read_text()  # the pictures were found in `val/`
    capsys.readouterr()
    assert run("coco", truth, file) == 0
    assert capsys.readouterr().out.startswith("AP 1.0000: results.json on 3 persons of coco val; ")
    assert (tmp_path / "out" / "score.html").read_text().count("<figure>") == 3


class Trap:
    """What a pickle would run."""

    def __reduce__(self):
        return print, ("unpickled",)


@pytest.mark.parametrize("ending", [".h5", ".npz", ".mat", ".json"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_truncated_predictions_are_one_sentence(ending, share, mpii_truth, tmp_path, capsys):
    truth, joints = mpii_truth
    whole = save(tmp_path / f"found{ending}", joints).read_bytes()
    file = tmp_path / f"found{ending}"
    file.write_bytes(whole[: int(share * len(whole))])
    assert run("mpii", truth, file) == 2
    error = capsys.readouterr().err
    assert f"found{ending}" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("joints", "sentence"),
    [
        (np.zeros((PEOPLE - 1, 16, 2)), r"one array `preds` of \[6, 16, 2 or more\] numbers; it holds"),
        (np.zeros((PEOPLE, 14, 2)), "it holds"),
        (np.zeros((PEOPLE, 16, 1)), "it holds"),
        (np.zeros((PEOPLE, 32)), "it holds"),
        (np.full((PEOPLE, 16, 2), "x"), "it holds"),
        (np.full((PEOPLE, 16, 2), True), "it holds"),
        (np.full((PEOPLE, 16, 2), 1j), "it holds"),
        (np.full((PEOPLE, 16, 2), np.nan), r"person 0 \(val person 1\): right_ankle is predicted at \[nan, nan\]"),
        (np.full((PEOPLE, 16, 2), 1e300), "must be a number from -1e"),
    ],
)
def test_predictions_of_another_shape_or_kind_are_one_sentence(joints, sentence, mpii_truth, tmp_path, capsys):
    file = tmp_path / "found.npz"
    np.savez(file, preds=joints)
    assert run("mpii", mpii_truth[0], file) == 2
    error = capsys.readouterr().err
    assert re.search(sentence, error)
    assert "found.npz" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", '{"preds": 3}', '{"preds": [[[1, 2], [3]]]}', '{"preds": [[[null, 2]]]}', '{"preds": []}', "NaN", ""],
)
def test_json_of_another_kind_is_one_sentence(content, mpii_truth, tmp_path, capsys):
    file = tmp_path / "found.json"
    file.write_text(content)
    assert run("mpii", mpii_truth[0], file) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_nothing_is_unpickled(mpii_truth, tmp_path, capsys):
    np.savez(tmp_path / "found.npz", preds=np.array([Trap()], object))
    (tmp_path / "plain.npz").write_bytes(pickle.dumps(Trap()))
    np.save(tmp_path / "one.npy", np.zeros((PEOPLE, 16, 2)))
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    for name in ("found.npz", "plain.npz", "one.npz"):
        assert run("mpii", mpii_truth[0], tmp_path / name) == 2
        captured = capsys.readouterr()
        assert "unpickled" not in captured.out
        assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({"image_id": 77}, "image_id 77"),
        ({"keypoints": [1, 2, 3]}, "keypoints"),
        ({"keypoints": [float("nan")] * 51}, "keypoints"),
        ({"score": "high"}, "score"),
        ({"category_id": None}, "category_id"),
    ],
)
def test_a_malformed_result_is_named(record, sentence, coco_files, capsys):
    truth, file, results = coco_files
    file.write_text(json.dumps([results[0], results[1] | record]))
    assert run("coco", truth, file) == 2
    error = capsys.readouterr().err
    assert "results.json: results[1]" in error
    assert sentence in error


def test_other_joints_than_coco_s_are_refused(coco_files, capsys):
    truth, file, _ = coco_files
    content = json.loads(truth.read_text())
    content["categories"][0]["keypoints"][0] = "snout"
    truth.write_text(json.dumps(content))
    assert run("coco", truth, file) == 2
    assert "not COCO's" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["--json results.json", "--json truth.json", "--json a.json --report truth.html"])
def test_what_is_read_is_not_written_over(output, coco_files, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    truth, file, _ = coco_files
    annotations = truth.rename("truth.html") if "html" in output else truth
    before = [path.read_bytes() for path in (annotations, file)]
    arguments = ["coco", "--annotations", str(annotations), "--predictions", str(file), *output.split()]
    assert score.main(arguments) == 2
    assert "name another file for the scores" in capsys.readouterr().err
    assert [path.read_bytes() for path in (annotations, file)] == before


@pytest.mark.parametrize("name", ["found.txt", "none.npz"])
def test_files_that_are_not_there_or_of_no_known_format_are_one_sentence(name, mpii_truth, tmp_path, capsys):
    (tmp_path / "found.txt").write_text("1 2 3")
    assert run("mpii", mpii_truth[0], tmp_path / name) == 2
    assert name in capsys.readouterr().err


def run_json(dataset, annotations, predictions, folder) -> dict:
    out = folder / "score.json"
    arguments = ["--annotations", str(annotations), "--predictions", str(predictions), "--json", str(out)]
    assert score.main([dataset, *arguments]) == 0
    assert out.with_suffix(".html").stat().st_size < 3e6
    return json.loads(out.read_text())


def test_the_oracle_of_mpii(shared_data, tmp_path):
    found = run_json("mpii", shared_data / "mpii", shared_data / "mpii" / "preds_valid_a.h5", tmp_path)
    assert (found["PCKh@0.5"], found["PCKh@0.1"], found["persons"]) == (88.035, 28.647, 2958)
    of_joint = found["PCKh@0.5 per joint"]
    assert round(of_joint["head_top"], 2) == 95.94
    assert (round(of_joint["right_ankle"], 2), round(of_joint["left_ankle"], 2)) == (78.87, 79.24)


def test_the_oracle_of_coco(shared_data, tmp_path):
    folder = shared_data / "coco"
    found = run_json("coco", folder / "example_ground_truth.json", folder / "example_predictions.json", tmp_path)
    figures = {"AP": 0.860890, "AP50": 0.993145, "AP75": 0.910891, "APm": 0.775578, "APl": 0.937252, "AR": 0.875}
    assert {key: round(found[key], 6) for key in figures} == figures
