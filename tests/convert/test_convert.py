"""`python -m convert`: files that agree with Keras, or none."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf

from convert import calibration, onnx, tflite
from convert.__main__ import main
from lapx_tf import commands
from lapx_tf.errors import GateError
from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX
from lapx_tf.runtime.sessions import open_session
from lapx_tf.spec import read_spec, sidecar_of
from tests.helpers import ROOT, randomize

SIZE = (64, 64)
NAMES = {
    ("tflite", "float32"): "tiny_float32.tflite",
    ("tflite", "int8"): "tiny_int8.tflite",
    ("onnx", "float32"): "tiny.onnx",
}


def picture(path: Path, seed: int) -> None:
    """A smooth random picture, higher than wide."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 4, 3), dtype=np.uint8)
    cv2.imwrite(str(path), cv2.resize(noise, (80, 120), interpolation=cv2.INTER_CUBIC))


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for seed in range(8):
        picture(folder / f"{seed}.png", seed)
    return folder


@pytest.fixture(scope="session")
def convert(keras_file: Path, pictures: Path) -> Callable[..., int]:
    """Runs the command and returns its exit code."""

    def run(out: Path, *arguments: str, model: Path = keras_file, folder: Path = pictures) -> int:
        return main([str(model), *arguments, "--calibration", str(folder), "--out", str(out)])

    return run


@pytest.fixture(scope="session", params=NAMES, ids="-".join)
def converted(request: pytest.FixtureRequest, convert, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to, precision = request.param
    out = tmp_path_factory.mktemp(f"{to}-{precision}")
    assert convert(out, "--to", to, "--precision", precision) == 0
    # Nothing but the file and its JSON is left.
    assert {path.name for path in out.iterdir()} == {NAMES[request.param], f"{NAMES[request.param]}.json"}
    return out / NAMES[request.param]


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
    assert history["check"]["crops"] == 2
    assert history["check"]["max_difference"] > 0
    assert history["check"]["source"].startswith("pictures in pictures")
    assert (history["calibration"] is not None) == quantized
    assert not quantized or history["calibration"]["crops"] == 6


def test_the_json_lists_the_operations(converted):
    operators = json.loads(sidecar_of(converted).read_text())["conversion"]["operators"]
    assert {"CONV_2D", "Conv"} & operators.keys()
    assert not any(name.upper().startswith(("FLEX", "CUSTOM")) for name in operators)


@pytest.fixture(scope="module")
def select_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an operation that only TensorFlow has."""

    @tf.function(input_signature=[tf.TensorSpec((1, 4), tf.float32)])
    def function(x: tf.Tensor) -> tf.Tensor:
        return tf.math.tan(x)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    path = tmp_path_factory.mktemp("select") / "select.tflite"
    path.write_bytes(converter.convert())
    return path


def test_select_operations_are_found(select_file):
    with pytest.raises(GateError, match="FlexTan"):
        tflite.operators(select_file)


def test_select_operations_fail_the_command(convert, select_file, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tflite, "write", lambda model, path, *_: path.write_bytes(select_file.read_bytes()))
    assert convert(tmp_path, "--to", "tflite") == 1
    assert "FlexTan" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def other_network(network: LAPX, path: Path) -> Path:
    """A file with a copy of the network in which one batch normalisation has moved a little."""
    copy = LAPX.from_config(network.get_config())
    copy.set_weights(network.get_weights())
    norm = copy.stacks[0].norm
    norm.moving_mean.assign(norm.moving_mean + 0.01)
    storage.save(copy, path)
    return path


def test_a_file_that_disagrees_with_keras_is_not_kept(convert, converted, network, tmp_path, monkeypatch, capsys):
    """The file was made of nearly the same network, or, for int8, shows other joints."""
    precision = read_spec(converted).precision
    kind = onnx if converted.suffix == ".onnx" else tflite
    monkeypatch.setattr(kind, "write", lambda model, path, *_: path.write_bytes(converted.read_bytes()))
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


def test_a_sidecar_that_cannot_be_written_leaves_nothing(convert, converted, tmp_path, monkeypatch, capsys):
    write_json = commands.write_json
    kind = onnx if converted.suffix == ".onnx" else tflite
    monkeypatch.setattr(kind, "write", lambda model, path, *_: path.write_bytes(converted.read_bytes()))

    def full_disk(path: Path, content: dict) -> None:
        if content["conversion"]:
            raise OSError(28, "No space left on device", str(path))
        write_json(path, content)

    monkeypatch.setattr(commands, "write_json", full_disk)
    assert convert(tmp_path, "--to", converted.suffix[1:], "--precision", read_spec(converted).precision) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_bad_inputs_exit_with_2(convert, keras_file, pictures, tmp_path, capsys):
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
    assert convert(out, "--to", "onnx", "--precision", "int8") == 2
    assert "float32 only" in capsys.readouterr().err
    assert convert(out, "--to", "tflite", "--samples", "0") == 2
    assert "--samples" in capsys.readouterr().err
    assert not out.exists()


def test_a_model_of_free_size_exits_with_2(convert, tmp_path, capsys):
    storage.save(LAPX(8, 1, 1, (), 2, (None, None, 3)), tmp_path / "free.keras")
    assert convert(tmp_path / "out", "--to", "tflite", model=tmp_path / "free.keras") == 2
    assert "any input size" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--to", "tflite", "--precision", "float8"], ["--to", "coreml"], []])
def test_unknown_choices_are_wrong_use(convert, tmp_path, arguments, capsys):
    assert convert(tmp_path, *arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_another_backend_is_refused(convert, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert convert(tmp_path, "--to", "tflite") == 2
    assert "KERAS_BACKEND=tensorflow" in capsys.readouterr().err


def test_a_person_sees_only_our_lines(keras_file, pictures, tmp_path):
    command = [sys.executable, "-m", "convert", keras_file, "--to", "tflite", "--precision", "int8"]
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [*command, "--calibration", pictures, "--out", tmp_path],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].endswith("parameters, input 64x64")
    assert lines[-1].startswith(f"{tmp_path / 'tiny_int8.tflite'}: ")
    assert len(lines) == 4
