import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapx_tf.geometry import Box
from lapx_tf.runtime.cli import main
from lapx_tf.spec import sidecar_of

# (x, y) in a picture of 240 x 200 (height x width).
POINTS = np.array([[101, 50], [130, 100], [70, 95], [125, 165], [80, 160.0]])


@pytest.fixture
def photos(tmp_path, paint) -> Path:
    """A folder with the same painted person as a.png and a.jpg."""
    folder = tmp_path / "photos"
    folder.mkdir()
    image = paint((240, 200), POINTS, 9)
    for name in ("a.png", "a.jpg"):
        cv2.imwrite(str(folder / name), image[..., ::-1])
    return folder


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def sentence_of(capfd) -> str:
    """The one line that the command wrote on stderr; LiteRT tells what it does there too."""
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    return lines[0]


@pytest.mark.parametrize("name", ["float32", "int8", "onnx"])
def test_predict_writes_joints_in_pixels_of_the_picture(models, photos, tmp_path, name):
    out = tmp_path / "new" / "out"
    assert run("predict", models[name], photos / "a.png", "--out", out) == 0
    assert files(out) == ["a.png.pose.json", "a.png.pose.png"]
    told = json.loads((out / "a.png.pose.json").read_text())
    assert told["image"] == {"file": "a.png", "width": 200, "height": 240, "upright": True}
    assert told["model"]["file"] == models[name].name
    (person,) = told["people"]
    assert [joint["name"] for joint in person["joints"]][:2] == ["head", "left_hand"]
    scale = Box(**person["box"]).to_aspect((96, 64)).width / 64
    found = np.array([[joint["x"], joint["y"]] for joint in person["joints"]])
    assert np.abs(found - POINTS).max() < 1.15 * scale
    source, drawn = (cv2.imread(str(path)) for path in (photos / "a.png", out / "a.png.pose.png"))
    assert drawn.shape == source.shape
    assert (drawn != source).any()


def test_predict_of_a_folder_keeps_pictures_of_one_stem_apart_and_can_be_repeated(models, photos):
    before = (photos / "a.png").read_bytes()
    expected = ["a.jpg", "a.jpg.pose.json", "a.jpg.pose.png", "a.png", "a.png.pose.json", "a.png.pose.png"]
    for _ in range(2):  # the second time, the folder holds the drawings of the first
        assert run("predict", models["float32"], photos, "--out", photos, "--flip-test", "--threads", 2) == 0
        assert files(photos) == expected
    assert (photos / "a.png").read_bytes() == before


def test_one_picture_that_is_none_leaves_nothing(models, photos, tmp_path, capfd):
    (photos / "text.jpg").write_text("not a picture")
    assert run("predict", models["float32"], photos / "text.jpg", "--out", tmp_path / "out") == 2
    assert "text.jpg is not a picture" in sentence_of(capfd)
    assert not (tmp_path / "out").exists()


def test_a_bad_picture_in_a_folder_does_not_keep_the_others_from_being_done(models, photos, tmp_path, capfd):
    (photos / "b.jpg").write_text("not a picture")
    (photos / "c.png").write_bytes((photos / "a.png").read_bytes()[:200])
    (photos / "d.jpg").touch()
    assert run("predict", models["float32"], photos, "--out", tmp_path / "out") == 2
    sentence = sentence_of(capfd)
    assert "3 of 5 pictures" in sentence
    assert all(name in sentence for name in ("b.jpg", "c.png", "d.jpg"))
    assert files(tmp_path / "out") == ["a.jpg.pose.json", "a.jpg.pose.png", "a.png.pose.json", "a.png.pose.png"]


def test_an_empty_folder_and_a_missing_source_are_errors(models, tmp_path, capfd):
    (tmp_path / "empty").mkdir()
    for source, words in ((tmp_path / "empty", "no picture in"), (tmp_path / "none.jpg", "no such file")):
        assert run("predict", models["float32"], source, "--out", tmp_path / "out") == 2
        assert words in sentence_of(capfd)
    assert not (tmp_path / "out").exists()


def test_an_out_that_is_a_file_is_an_error_and_stays(models, photos, tmp_path, capfd):
    (tmp_path / "out").write_text("mine")
    for out in (tmp_path / "out", tmp_path / "out" / "below"):
        assert run("predict", models["float32"], photos, "--out", out) == 2
        sentence_of(capfd)
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("command", ["predict", "benchmark", "info"])
def test_a_model_that_cannot_be_used_is_an_error(copy_of, photos, tmp_path, capfd, command):
    rest = [photos, "--out", tmp_path / "out"] if command == "predict" else []
    rest += ["--json", tmp_path / "out.json"] if command == "benchmark" else []
    model = copy_of("float32")
    whole, described = model.read_bytes(), sidecar_of(model).read_text()

    model.write_bytes(whole[: len(whole) // 2])
    assert run(command, model, *rest) == 2
    assert "sha256" in sentence_of(capfd)
    model.write_bytes(whole)
    for damaged in (
        "{",
        "[]",
        described.replace('"sha256"', '"sha"'),
        described.replace('"NHWC"', '"NHWC", "shape": 3'),
    ):
        sidecar_of(model).write_text(damaged)
        assert run(command, model, *rest) == 2
        assert "does not describe a model" in sentence_of(capfd)
    sidecar_of(model).unlink()
    assert run(command, model, *rest) == 2
    assert "beside it" in sentence_of(capfd)
    assert run(command, tmp_path / "none.tflite", *rest) == 2
    assert "no such file" in sentence_of(capfd)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["predict", "m.tflite", "a.jpg"],
        ["predict", "m.tflite", "a.jpg", "--out", "o", "--threads", "0"],
        ["predict", "m.tflite", "a.jpg", "--out", "o", "--threads", "two"],
        ["benchmark", "m.tflite", "--threads", "1,0"],
        ["benchmark", "m.tflite", "--threads", "1,"],
        ["benchmark", "m.tflite", "--runs", "-3"],
        ["benchmark", "m.tflite", "--warmup", "x"],
        ["benchmark"],
        ["info"],
    ],
)
def test_wrong_arguments_are_one_sentence(arguments, capfd):
    assert run(*arguments) == 2
    assert "--help" in sentence_of(capfd)


def test_benchmark_writes_table_and_json(models, tmp_path, capfd):
    report = tmp_path / "report.json"
    quick = ["--threads", "1,2", "--runs", "2", "--warmup", "0", "--rounds", "1", "--json", report]
    assert run("benchmark", models["float32"], *quick) == 0
    told = json.loads(report.read_text())
    assert [one["threads"] for one in told["measurements"]] == [1, 2]
    table = capfd.readouterr().out
    assert "float32.tflite" in table
    assert "ai-edge-litert" in table
    assert "median" in table


def test_info_tells_what_the_model_is(models, capfd):
    assert run("info", models["int8"]) == 0
    told = capfd.readouterr().out
    for part in ("int8", "[1, 96, 64, 3]", "left_hand", "dots_5", "dataset: dots", str(models["int8"])):
        assert part in told


def test_info_tells_the_licence_and_what_the_model_was_made_of(copy_of, capfd):
    known = {"licence": "research use", "from": {"file": "pose.keras", "sha256": "0" * 64}}
    for conversion, licence, source in (
        (known, "research use", "pose.keras, sha256 0000"),
        ({}, "not stated", "not recorded"),
    ):
        assert run("info", copy_of("int8", conversion=conversion)) == 0
        told = capfd.readouterr().out
        assert f"licence     {licence}\nmade from   {source}" in told


def test_help_is_no_error_and_quick(models):
    code = "import sys; from lapx_tf.runtime.cli import main; main(['--help'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("predict", "benchmark", "info"))
