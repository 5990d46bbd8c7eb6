import json
import re
import shutil

import cv2
import numpy as np
import pytest

from lapx_tf.runtime.benchmark import runner
from lapx_tf.runtime.cli import main
from lapx_tf.spec import sidecar_of
from tests.runtime.benchmark.samples import measured, report

QUICK = ("--runs", "2", "--warmup", "0", "--rounds", "1")


def run(*arguments: object) -> int:
    return main(["benchmark", *map(str, arguments)])


def sentence_of(capfd) -> str:
    """The one line that the command wrote on stderr; LiteRT tells what it does there too."""
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    return lines[0]


@pytest.fixture
def nothing_is_run(monkeypatch):
    """Whoever gets as far as measuring fails the test."""
    monkeypatch.setattr(runner, "run", lambda *_: pytest.fail("measured"))


def test_tables_json_and_page_of_a_run_in_two_runtimes(models, tmp_path, capfd):
    out, page = tmp_path / "b.json", tmp_path / "b.html"
    files = (models["int8"], models["onnx"])
    assert (
        run(
            *files, *QUICK, "--runtime", "litert,onnxruntime,ai-edge-litert", "--json", out, "--html", page, "--profile"
        )
        == 0
    )
    found = json.loads(out.read_text())
    assert [one["runtime"].split()[0] for one in found["measurements"]] == ["ai-edge-litert", "onnxruntime"]
    assert {(one["precision"], one["threads"]) for one in found["ceilings"]} == {("int8", 1), ("float32", 1)}
    assert all(one["of_ceiling"] > 0 for one in found["measurements"])
    assert all(one["frames"]["runs"] == 10 for one in found["measurements"])
    assert [one["runtime"].split()[0] for one in found["profiles"]] == ["ai-edge-litert", "onnxruntime"]
    told = capfd.readouterr().out
    for part in ("Latency, batch 1", "int8.tflite", "Work, size and memory", "frames/s", "operations,"):
        assert part in told
    assert "<!DOCTYPE html>" in page.read_text()


def test_a_run_is_compared_with_an_earlier_one_and_shared(models, tmp_path, capfd):
    baseline, picture = tmp_path / "before.json", tmp_path / "people.png"
    cv2.imwrite(str(picture), np.zeros((60, 40, 3), np.uint8))
    quick = ("--runs", "4", "--warmup", "0", "--rounds", "2")
    assert run(models["float32"], *quick, "--json", baseline) == 0
    capfd.readouterr()
    assert run(models["float32"], *quick, "--image", picture, "--compare", baseline, "--share") == 0
    told = capfd.readouterr().out
    assert told.startswith("### Benchmark on ")
    assert "**Against the baseline of " in told
    assert "people.png, 40x60" in told
    assert str(tmp_path) not in told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--runtime", "tensorrt"], "there is no runtime 'tensorrt'; accepted are ai-edge-litert"),
        (["--runtime", "onnxruntime"], r"none of onnxruntime runs .*float32.tflite"),
        (["--runtime", "litert,onnxruntime"], "onnxruntime runs none of the models"),
        (["--device", "adb"], "--device and --benchmark-model belong together"),
        (["--benchmark-model", "b"], "--device and --benchmark-model belong together"),
        (["--device", "ssh:pi", "--benchmark-model", "b"], "--device must be adb or adb:SERIAL, got 'ssh:pi'"),
        (
            ["--device", "adb", "--benchmark-model", "b", "--runtime", "litert"],
            "--runtime and --image are for this machine",
        ),
        (["--compare", "none.json"], "no such file: none.json"),
        (["--image", "none.jpg"], "no such file: none.jpg"),
        (["--image", "."], "is a folder"),
        (["--html", "."], "--html must be a file, . is a folder"),
        (["--json", "."], "--json must be a file, . is a folder"),
    ],
)
@pytest.mark.usefixtures("nothing_is_run")
def test_what_is_wrong_is_said_before_anything_is_measured(models, capfd, options, sentence):
    assert run(models["float32"], *options) == 2
    assert re.search(sentence, sentence_of(capfd))


@pytest.mark.usefixtures("nothing_is_run")
def test_a_picture_that_is_none_is_told(models, tmp_path, capfd):
    (tmp_path / "a.jpg").write_text("no picture")
    assert run(models["float32"], "--image", tmp_path / "a.jpg") == 2
    assert "a.jpg is not a picture" in sentence_of(capfd)


@pytest.mark.usefixtures("nothing_is_run")
def test_a_baseline_that_is_none_is_told(models, tmp_path, capfd):
    assert run(models["float32"], "--compare", sidecar_of(models["float32"])) == 2
    assert "is no report of `lapx benchmark --json`" in sentence_of(capfd)


@pytest.mark.usefixtures("nothing_is_run")
def test_the_same_model_twice_is_told(models, capfd):
    assert run(models["float32"], models["int8"], models["float32"].parent / "." / "float32.tflite") == 2
    assert "float32.tflite is given twice" in sentence_of(capfd)


def test_a_copy_under_another_name_shows_the_noise(models, tmp_path, monkeypatch, capfd):
    for name in ("a.tflite", "b.tflite"):
        shutil.copy(models["float32"], tmp_path / name)
        shutil.copy(sidecar_of(models["float32"]), sidecar_of(tmp_path / name))
    noisy = report(measured([10, 14, 10], model="a.tflite"), measured([14, 10, 11], model="b.tflite"))
    monkeypatch.setattr(runner, "run", lambda *_: noisy)
    assert run(tmp_path / "a.tflite", tmp_path / "b.tflite") == 0
    assert "Too noisy to tell a.tflite from b.tflite" in " ".join(capfd.readouterr().out.split())
