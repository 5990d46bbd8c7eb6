"""`python -m convert`: files that agree with Keras, or none."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from convert import calibration, onnx, tflite, verify
from lapx_tf import commands
from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.sessions import open_session
from lapx_tf.spec import read_spec, sidecar_of
from tests.helpers import ROOT, randomize

SIZE = (64, 64)


@pytest.fixture(scope="session")
def onnx_file(convert, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("onnx")
    assert convert(out, "--to", "onnx") == 0
    # Nothing but the file and its JSON is left.
    assert {path.name for path in out.iterdir()} == {"tiny.onnx", "tiny.onnx.json"}
    return out / "tiny.onnx"


@pytest.fixture(params=["tiny_float32.tflite", "tiny_int8.tflite", "tiny.onnx"])
def converted(request: pytest.FixtureRequest) -> Path:
    """Each file in turn; not to be changed."""
    if request.param == "tiny.onnx":
        return request.getfixturevalue("onnx_file")
    return request.getfixturevalue("tflite_files") / request.param


def test_a_converted_file_agrees_with_keras(converted, network):
    crops = calibration.load_crops(None, SIZE, 1).check[:4]
    expected = storage.KerasSession(network).run(crops)
    heatmaps = open_session(converted).run(crops)
    error = np.abs(heatmaps - expected)
    if read_spec(converted).precision == "float32":
        assert error.max() < 1e-5 * np.ptp(expected)
    else:
        assert np.sqrt(np.mean(error**2)) < 0.7 * expected.std()
        assert len(np.unique(heatmaps)) <= 256


def test_the_json_says_what_is_needed_to_run_the_file(converted, network, keras_file):
    spec = read_spec(converted)
    assert spec.file == converted.name
    assert spec.input.name == "image"
    assert spec.input.shape == (1, 64, 64, 3)
    assert spec.output.name == "heatmaps"
    assert spec.output.shape == (1, 16, 16, 16)
    assert spec.skeleton == network.skeleton
    assert spec.training == {"dataset": "none, random weights"}
    quantized = spec.precision == "int8"
    for tensor in (spec.input, spec.output):
        assert tensor.dtype == spec.precision
        assert (tensor.quantization is not None) == quantized
    fields = json.loads(sidecar_of(converted).read_text())
    assert fields["input"]["color_order"] == "RGB"
    history = fields["conversion"]
    assert history["from"]["file"] == keras_file.name
    assert history["tools"]["tensorflow"] == tf.__version__
    assert history["counts"]["macs"] > history["counts"]["parameters"] > 1_000
    assert (history["calibration"] is not None) == quantized
    assert not quantized or history["calibration"]["crops"] == 6


def test_the_json_says_what_was_checked(converted):
    check = json.loads(sidecar_of(converted).read_text())["conversion"]["check"]
    assert check["numbers"]["verdict"] == check["artifact"]["verdict"] == "passed"
    assert check["numbers"]["crops"] == 2
    assert check["numbers"]["max_difference"] > 0
    assert check["numbers"]["source"].startswith("pictures in pictures")
    assert check["task"]["verdict"] == "not run"
    assert "--data" in check["task"]["note"]
    assert check["artifact"]["bytes"] == converted.stat().st_size
    operators = check["artifact"]["operators"]
    assert {"CONV_2D", "Conv"} & operators.keys()
    assert not any(name.upper().startswith(("FLEX", "CUSTOM")) for name in operators)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--to", "tflite", "--output", "keypoints", "--size", "64x48"], "tiny_float32_keypoints_64x48.tflite"),
        (["--to", "onnx", "--layout", "nchw", "--input", "uint8", "--flip-test"], "tiny_uint8_flip_nchw.onnx"),
    ],
)
def test_options_change_what_the_file_takes_and_gives_but_not_the_joints(convert, network, tmp_path, arguments, name):
    assert convert(tmp_path, *arguments) == 0
    session = open_session(tmp_path / name)
    spec = session.spec
    assert spec.kind == ("keypoints" if "--output" in arguments else "heatmaps")
    assert (spec.input.dtype, spec.layout) == (("uint8", "NCHW") if "--input" in arguments else ("float32", "NHWC"))
    resized = LAPX.from_config(network.get_config() | {"input_shape": [*spec.input_size, 3]})
    resized.set_weights(network.get_weights())
    crops = calibration.load_crops(None, spec.input_size, 1).check_pixels[:4]
    expected = PoseEstimator(storage.KerasSession(resized), flip_test=spec.flip_test).predict_crops(crops)
    np.testing.assert_allclose(PoseEstimator(session).predict_crops(crops), expected, atol=1e-3)


def test_an_int8_file_that_takes_bytes_passes_its_checks(convert, tmp_path):
    assert convert(tmp_path, "--to", "tflite", "--precision", "int8", "--input", "uint8") == 0
    spec = read_spec(tmp_path / "tiny_int8_uint8.tflite")
    assert (spec.input.dtype, spec.pixel_values) == ("uint8", "raw")


def test_a_cut_network_is_exported_without_the_later_stacks(convert, tmp_path, capsys):
    network = randomize(LAPX(8, 2, 1, (1,), 16, (*SIZE, 3), name="two"))
    storage.save(network, tmp_path / "two.keras")
    assert convert(tmp_path / "out", "--to", "tflite", "--stacks", "1", model=tmp_path / "two.keras") == 0
    session = open_session(tmp_path / "out" / "two_float32_s1.tflite")
    crops = calibration.load_crops(None, SIZE, 1).check[:2]
    expected = storage.KerasSession(network.truncated(1)).run(crops)
    assert np.abs(session.run(crops) - expected).max() < 1e-5 * np.ptp(expected)
    # Where it was cut stands in the JSON.
    assert verify.main([str(tmp_path / "two.keras"), str(tmp_path / "out" / "two_float32_s1.tflite")]) == 0
    assert convert(tmp_path / "out", "--to", "tflite", "--stacks", "3", model=tmp_path / "two.keras") == 2
    assert "--stacks must be 1 to 2, got 3" in capsys.readouterr().err


def other_network(network: LAPX, path: Path) -> Path:
    """A file with a copy of the network in which one batch normalisation has moved a little."""
    copy = LAPX.from_config(network.get_config())
    copy.set_weights(network.get_weights())
    norm = copy.stacks[0].norm
    norm.moving_mean.assign(norm.moving_mean + 0.01)
    storage.save(copy, path)
    return path


def writing(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """The converter gives this file, whatever it is asked for."""
    kind = onnx if file.suffix == ".onnx" else tflite
    monkeypatch.setattr(kind, "write", lambda function, path, *_, **__: path.write_bytes(file.read_bytes()))


def test_a_file_that_disagrees_with_keras_is_not_kept(convert, converted, network, tmp_path, monkeypatch, capsys):
    """The file was made of nearly the same network, or, for int8, shows other joints."""
    precision = read_spec(converted).precision
    writing(monkeypatch, converted)
    model = tmp_path / "tiny.keras"
    if precision == "float32":
        other_network(network, model)
    else:
        storage.save(randomize(LAPX.from_config(network.get_config()), seed=1), model)
    out = tmp_path / "out"
    before = {out / converted.name: b"model", sidecar_of(out / converted.name): b"json"}
    out.mkdir()
    for path, content in before.items():
        path.write_bytes(content)
    assert convert(out, "--to", converted.suffix[1:], "--precision", precision, model=model) == 1
    expected = "differs from Keras" if precision == "float32" else "signal-to-noise"
    assert expected in capsys.readouterr().err
    # What was there before is still there, and nothing else.
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_a_file_that_does_not_run_is_not_kept(convert, float32_file, tmp_path, monkeypatch, capsys):
    writing(monkeypatch, float32_file)
    assert convert(tmp_path, "--to", "tflite", "--size", "64x48") == 1
    assert "the file does not run" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_sidecar_that_cannot_be_written_leaves_nothing(convert, float32_file, tmp_path, monkeypatch, capsys):
    write_json = commands.write_json
    writing(monkeypatch, float32_file)

    def full_disk(path: Path, content: dict) -> None:
        if "check" in content["conversion"]:
            raise OSError(28, "No space left on device", str(path))
        write_json(path, content)

    monkeypatch.setattr(commands, "write_json", full_disk)
    assert convert(tmp_path, "--to", "tflite") == 2
    assert "No space left on device" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_variant_that_fails_does_not_take_the_others_with_it(convert, float32_file, tmp_path, monkeypatch, capsys):
    writing(monkeypatch, float32_file)
    assert convert(tmp_path, "--to", "tflite", "--precision", "float32", "int8") == 1
    assert "1 of 2 files failed. tiny_int8.tflite: " in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"tiny_float32.tflite", "tiny_float32.tflite.json"}


def test_bad_inputs_exit_with_2(convert, picture, tmp_path, capsys):
    out, empty, damaged = (tmp_path / name for name in ("out", "empty", "damaged"))
    empty.mkdir()
    damaged.mkdir()
    picture(damaged / "a.png", 0)
    (damaged / "b.jpg").write_bytes(b"no picture")
    (tmp_path / "bad.keras").write_bytes(b"no model")
    cases = {
        "no such file": {"model": tmp_path / "missing.keras"},
        "is not a whole Keras model": {"model": tmp_path / "bad.keras"},
        "no such folder": {"folder": tmp_path / "missing"},
        "no picture in": {"folder": empty},
        "b.jpg is not a picture": {"folder": damaged},
    }
    for sentence, changes in cases.items():
        assert convert(out, "--to", "tflite", **changes) == 2
        assert sentence in capsys.readouterr().err
    assert not out.exists()


def test_a_model_of_free_size_is_converted_for_a_size_that_is_given(convert, tmp_path, capsys):
    model = tmp_path / "free.keras"
    storage.save(randomize(LAPX(16, 1, 1, (), 2, (None, None, 3))), model)
    assert convert(tmp_path / "out", "--to", "tflite", model=model) == 2
    assert "--size" in capsys.readouterr().err
    assert convert(tmp_path / "out", "--to", "tflite", "--size", "32x48", model=model) == 0
    assert read_spec(tmp_path / "out" / "free_float32_32x48.tflite").input_size == (32, 48)


def test_another_backend_is_refused(convert, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert convert(tmp_path, "--to", "tflite") == 2
    assert "KERAS_BACKEND=tensorflow" in capsys.readouterr().err


def command(keras_file: Path, pictures: Path, out: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command in a process of its own, alone in its process group as in a terminal."""
    words = [sys.executable, "-m", "convert", keras_file, *arguments, "--calibration", pictures, "--out", out]
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.Popen(
        [str(word) for word in words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # What runs the tests may ignore Ctrl-C, as a shell's background jobs do, and processes inherit that.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    )


def test_several_files_are_made_in_one_go_and_a_person_sees_only_our_lines(keras_file, pictures, tmp_path):
    running = command(
        keras_file, pictures, tmp_path, "--to", "tflite", "--precision", "float32", "float16", "--jobs", "2"
    )
    said, complained = running.communicate()
    assert (running.returncode, complained) == (0, "")
    first, crops, *files = said.splitlines()
    assert first.endswith("parameters, input 64x64")
    assert crops.startswith("crops: pictures in")
    names = {"tiny_float32.tflite", "tiny_float16.tflite"}
    assert {line.split(":")[0] for line in files} == {str(tmp_path / name) for name in names}
    assert {path.name for path in tmp_path.iterdir()} == names | {f"{name}.json" for name in names}
    for name in names:
        open_session(tmp_path / name)


def test_interrupted_it_leaves_nothing_and_nobody(keras_file, pictures, tmp_path):
    running = command(keras_file, pictures, tmp_path, "--to", "tflite", "--precision", "float32", "int8", "--jobs", "2")
    while running.poll() is None and len(list(tmp_path.glob(".convert-*/*.log"))) < 2:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    said, complained = running.communicate()
    assert (running.returncode, complained) == (130, "error: stopped\n"), said
    assert list(tmp_path.iterdir()) == []
    until = time.monotonic() + 5  # the process that watches over multiprocessing's files ends a moment after the others
    while alive(running.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert alive(running.pid) == []


def alive(group: int) -> list[str]:
    """The processes of a group, but for those that have ended and that nobody has asked for yet."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if line.split()[0] == str(group) and line.split()[1][0] != "Z"]
