"""The trained networks in the package: found by name, checked, and as good as their cards say."""

import json
import shutil

import cv2
import numpy as np
import pytest

from lapx_tf import LAPX, PoseEstimator, geometry, images, pretrained
from lapx_tf.data import sources
from lapx_tf.errors import InputError
from lapx_tf.pretrained import FLOAT16, INT8, KERAS, KINDS
from lapx_tf.runtime import cli
from tests.helpers import ROOT
from train import evaluate, photographs

NAMES = pretrained.names()
CARDS = ROOT / "docs/models"


@pytest.fixture(scope="module")
def photo():
    """A photograph of an astronaut down to the waist, uint8 [H, W, 3], RGB."""
    return images.read_image(photographs.ASTRONAUT)


def whole_body(photo) -> geometry.Box:
    height, width = photo.shape[:2]
    return geometry.Box((width - 1) / 2, photographs.BODY * height / 2, width, photographs.BODY * height)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_the_one_released_and_small_enough_for_the_repository(name):
    for kind in KINDS:
        path = pretrained.file_of(name, kind)
        assert path.name.startswith(name)
        assert path.stat().st_size < 10e6


@pytest.mark.parametrize("name", NAMES)
def test_the_card_tells_of_the_network_in_the_package(name):
    told = json.loads((CARDS / f"{name}.json").read_text("utf-8"))
    assert told["sha256"] == pretrained.index()[name][KERAS]["sha256"]
    first = told["rows"][0]
    card = (CARDS / f"{name}.md").read_text("utf-8")
    assert f"**PCK@0.2 {first['plain']:.1f}, with flip test {first['flipped']:.1f}**" in card


@pytest.mark.parametrize("name", NAMES)
def test_keras_and_the_files_for_the_device_see_the_same_person(name, photo):
    model = LAPX.from_preset(name)
    assert model.skeleton is not None
    assert model.training_notes["recipe"]
    crop = images.warp(photo, geometry.crop_from_image(whole_body(photo), model.image_size), model.image_size)
    exact, *others = (
        session.run(session.spec.prepare(crop[None]))[0]
        for session in (evaluate.open_any(pretrained.file_of(name, kind), threads=1) for kind in (KERAS, FLOAT16, INT8))
    )
    for found, tolerance in zip(others, (0.02, 0.2), strict=True):
        assert np.abs(found - exact).max() < tolerance * exact.max()


@pytest.mark.parametrize("name", NAMES)
def test_head_and_shoulders_are_found_in_a_photograph(name, photo):
    (pose,) = PoseEstimator(name)(photo, [whole_body(photo)])
    at = dict(zip(pose.skeleton.joints, pose.joints[:, :2] / photo.shape[1], strict=True))
    assert np.linalg.norm(at["head_top"] - (0.45, 0.04)) < 0.1
    assert np.linalg.norm(at["neck"] - (0.44, 0.37)) < 0.1
    assert at["right_shoulder"][0] < 0.4 < 0.5 < at["left_shoulder"][0]  # she faces us
    assert all(0.3 < at[shoulder][1] < 0.6 for shoulder in ("right_shoulder", "left_shoulder"))


@pytest.mark.parametrize("name", NAMES)
def test_evaluation_gives_the_figure_of_the_card(name, shared_data):
    told = {row["kind"]: row for row in json.loads((CARDS / f"{name}.json").read_text("utf-8"))["rows"] if row["whole"]}
    people = sources.load(shared_data / "lsp", "val")
    for kind in (FLOAT16, INT8):
        found = evaluate.evaluate(evaluate.open_any(pretrained.find(name, kind), threads=2), people)
        assert found["PCK@0.2"] == pytest.approx(told[kind]["plain"], abs=0.1)


def test_a_file_goes_before_a_network_of_that_name_and_a_folder_does_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = NAMES[0]
    (tmp_path / name).mkdir()
    assert pretrained.find(name, KERAS) == pretrained.file_of(name)
    (tmp_path / name).rmdir()
    (tmp_path / name).write_bytes(b"mine")
    assert pretrained.find(name, KERAS).read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("lapx_smal_lsp", "no such file or trained network: lapx_smal_lsp; the networks are .*lapx_small_lsp"),
        ("lapx_small_lsp:int4", "lapx_small_lsp has no file 'int4'; there are keras, float16, int8"),
    ],
)
def test_a_wrong_name_is_refused_in_a_sentence(asked, sentence, capfd):
    with pytest.raises(InputError, match=sentence):
        pretrained.find(asked, KERAS)
    assert cli.main(["info", asked]) == 2
    assert "lapx_small_lsp" in capfd.readouterr().err


def test_a_path_that_is_not_there_is_called_a_file():
    with pytest.raises(InputError, match=r"no such file: missing\.tflite"):
        PoseEstimator("missing.tflite")


def test_a_file_that_was_changed_is_refused(tmp_path):
    for path in pretrained.FOLDER.iterdir():
        shutil.copy(path, tmp_path)
    file = pretrained.index(tmp_path)["lapx_small_lsp"][INT8]["file"]
    assert pretrained.file_of("lapx_small_lsp", INT8, tmp_path) == tmp_path / file
    with (tmp_path / file).open("ab") as changed:
        changed.write(b"\0")
    with pytest.raises(InputError, match="is not the file that was released: sha256"):
        pretrained.file_of("lapx_small_lsp", INT8, tmp_path)
    (tmp_path / file).unlink()
    with pytest.raises(InputError, match="is missing"):
        pretrained.file_of("lapx_small_lsp", INT8, tmp_path)


def test_the_commands_of_the_device_take_a_name(photo, tmp_path, capfd):
    picture = tmp_path / "photo.png"
    cv2.imwrite(str(picture), photo[..., ::-1])
    assert cli.main(["info", "lapx_small_lsp"]) == 0
    assert "float16" in capfd.readouterr().out
    assert cli.main(["predict", "lapx_small_lsp:int8", str(picture), "--out", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out/photo.png.pose.json").read_text("utf-8"))
    assert told["model"]["file"] == "lapx_small_lsp_int8.tflite"
