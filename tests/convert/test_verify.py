"""`python -m convert.verify`: the gates on files that are there already."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorflow.lite.tools import flatbuffer_utils

from convert.verify import main
from lapx_tf import commands
from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX
from lapx_tf.spec import sha256_of, sidecar_of


@pytest.fixture
def verify(keras_file: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the command in a wide terminal and returns its exit code."""
    monkeypatch.setenv("COLUMNS", "400")

    def run(*arguments: str | Path, model: Path = keras_file) -> int:
        return main([str(model), *map(str, arguments), "--calibration", str(pictures)])

    return run


def described_as(file: Path, source: Path, **changes: Any) -> None:
    """The JSON of one file, for another one."""
    fields = json.loads(sidecar_of(source).read_text())
    commands.write_json(sidecar_of(file), fields | {"file": file.name, "sha256": sha256_of(file)} | changes)


@pytest.fixture(scope="session")
def noisy(float32_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with a little noise in its largest kernel."""
    file = tmp_path_factory.mktemp("noisy") / "noisy.tflite"
    model: Any = flatbuffer_utils.read_model(str(float32_file))
    largest = max((buffer for buffer in model.buffers if buffer.data is not None), key=lambda buffer: len(buffer.data))
    weights = np.frombuffer(bytes(largest.data), np.float32)
    noise = np.random.default_rng(0).normal(0, 0.01 * weights.std(), weights.shape).astype(np.float32)
    largest.data = list((weights + noise).tobytes())
    flatbuffer_utils.write_model(model, str(file))
    described_as(file, float32_file)
    return file


def test_a_file_that_was_just_converted_passes(verify, float32_file, tmp_path, capsys):
    assert verify(float32_file, "--dataset", "synthetic", "--json", tmp_path / "out.json") == 0
    assert "tiny_float32.tflite" in capsys.readouterr().out
    found = json.loads((tmp_path / "out.json").read_text())[str(float32_file)]
    assert {gate: result["verdict"] for gate, result in found.items()} == dict.fromkeys(
        ("numbers", "task", "artifact"), "passed"
    )
    assert found["task"]["measure"] == "PCK@0.2"
    assert found["numbers"]["crops"] == 2
    assert found["numbers"]["bounds"]["max_difference"] > found["numbers"]["max_difference"] > 0


def test_noise_in_the_weights_fails(verify, float32_file, noisy, capsys):
    assert verify(float32_file, noisy) == 1
    said = capsys.readouterr()
    assert said.err == f"error: 1 of 2 files failed a check: {noisy}\n"
    assert "differs from Keras" in said.out


def test_another_precision_than_the_json_says_fails(verify, float32_file, tmp_path, capsys):
    file = tmp_path / "claims.tflite"
    file.write_bytes(float32_file.read_bytes())
    described_as(file, float32_file, precision="int8")
    assert verify(file) == 1
    assert "left in float" in capsys.readouterr().out


def test_files_that_can_not_be_checked_exit_with_2(verify, float32_file, network, tmp_path, capsys):
    alone, other, odd = (tmp_path / name for name in ("alone.tflite", "other.tflite", "odd.tflite"))
    for file in (alone, other, odd):
        file.write_bytes(float32_file.read_bytes())
    described_as(other, float32_file, sha256="0" * 64)
    described_as(odd, float32_file, precision="float8")
    unlike = tmp_path / "unlike.keras"
    storage.save(LAPX(8, 1, 1, (), 2, (64, 64, 3)), unlike)
    cases = {
        "no such file": ([tmp_path / "none.tflite"], {}),
        "has no alone.tflite.json beside it": ([alone], {}),
        "its sha256 differs": ([float32_file, other], {}),
        "accepted are float32, float16": ([odd], {}),
        "not those of": ([float32_file], {"model": unlike}),
        "has those of": ([float32_file, "--dataset", "synthetic"], {"model": unlike}),
    }
    for sentence, (arguments, options) in cases.items():
        assert verify(*arguments, **options) == 2
        error = capsys.readouterr().err
        assert sentence in error
        assert error.count("\n") == 1
