import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from lapx_tf.errors import InputError
from lapx_tf.runtime.sessions import dequantize, open_session, quantize
from lapx_tf.spec import Quantization, TensorSpec, read_spec, sidecar_of


def crops(count: int) -> np.ndarray:
    return np.random.default_rng(3).uniform(-2, 2, (count, 96, 64, 3)).astype(np.float32)


def test_all_runtimes_agree(models):
    expected = open_session(models["float32"]).run(crops(3))
    assert expected.shape == (3, 24, 16, 5)
    assert expected.max() > 0.1
    np.testing.assert_allclose(open_session(models["onnx"]).run(crops(3)), expected, atol=1e-5)
    step = read_spec(models["int8"]).output.quantization.scale
    np.testing.assert_allclose(open_session(models["int8"]).run(crops(3)), expected, atol=2.5 * step)


@pytest.mark.parametrize("name", ["float32", "int8", "onnx"])
def test_a_batch_gives_what_its_crops_give_alone(models, name):
    session = open_session(models[name], threads=2)
    together = session.run(crops(2))
    assert together.dtype == np.float32
    np.testing.assert_array_equal(together[1:], session.run(crops(2)[1:]))
    assert session.run(crops(0)).shape == (0, 24, 16, 5)


def test_quantisation_rounds_half_to_even_and_clips():
    tensor = TensorSpec("x", (4,), "int8", Quantization(0.5, 10))
    stored = quantize(np.float32([0.25, 0.75, -0.25, 1.0, 1000, -1000]), tensor)
    assert stored.dtype == np.int8
    assert stored.tolist() == [10, 12, 10, 12, 127, -128]
    assert dequantize(stored, tensor).tolist() == [0.0, 1.0, 0.0, 1.0, 58.5, -69.0]


def test_crops_of_another_size_are_an_error(models):
    with pytest.raises(ValueError, match=r"crops must be \[B, 96, 64, 3\], got \[1, 64, 96, 3\]"):
        open_session(models["float32"]).run(np.zeros((1, 64, 96, 3), np.float32))


def test_a_missing_file_a_folder_and_another_ending_are_errors(tmp_path):
    for name, sentence in [("none.tflite", "no such file"), ("a.keras", "python -m convert"), ("a.pt", "accepted are")]:
        path = tmp_path / name
        if name != "none.tflite":
            path.touch()
        with pytest.raises(InputError, match=sentence):
            open_session(path)
    with pytest.raises(InputError, match="is a folder"):
        open_session(tmp_path)


@pytest.mark.parametrize("threads", [0, -1])
def test_threads_below_one_are_an_error(models, threads):
    with pytest.raises(InputError, match="threads must be 1 or more"):
        open_session(models["float32"], threads)


@pytest.mark.parametrize("name", ["float32", "onnx"])
def test_missing_json_and_changed_or_truncated_files_are_errors(copy_of, name):
    model = copy_of(name)
    model.write_bytes(model.read_bytes()[:-100])
    with pytest.raises(InputError, match="sha256 differs"):
        open_session(model)
    sidecar_of(model).unlink()
    with pytest.raises(InputError, match="beside it"):
        open_session(model)


@pytest.mark.parametrize("name", ["float32", "onnx"])
@pytest.mark.parametrize("content", [b"", b"no model at all", bytes(1000)])
def test_a_file_that_is_no_model_is_an_error_even_with_the_right_sha256(copy_of, name, content):
    model = copy_of(name, sha256=hashlib.sha256(content).hexdigest())
    model.write_bytes(content)
    with pytest.raises(InputError, match=r"can't be loaded|has no input") as caught:
        open_session(model)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["float32", "int8", "onnx"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "other"}, "has no input called 'other'"),
        ({"shape": (1, 64, 96, 3)}, "a stride of|the input of"),
        ({"shape": (1, 3, 96, 64)}, "must have an input"),
        ({"shape": (96, 64, 3)}, "must have an input"),
        ({"dtype": "uint8", "quantization": Quantization(1.0, 0)}, "but its JSON says uint8"),
        ({"dtype": "int16", "quantization": None}, "gives no quantization"),
    ],
)
def test_a_spec_that_contradicts_the_input_is_an_error(models, copy_of, name, change, sentence):
    spec = read_spec(models[name])
    with pytest.raises(InputError, match=sentence):
        open_session(copy_of(name, input=replace(spec.input, **change)))


def test_a_spec_that_contradicts_the_output_or_the_scale_is_an_error(models, copy_of):
    spec = read_spec(models["int8"])
    with pytest.raises(InputError, match="the joints of dots_5"):
        open_session(copy_of("int8", output=replace(spec.output, shape=(1, 24, 16, 6))))
    with pytest.raises(InputError, match="Quantization"):
        open_session(copy_of("int8", output=replace(spec.output, quantization=Quantization(0.5, 0))))
    with pytest.raises(InputError, match="stride of 8"):
        open_session(copy_of("int8", stride=8))


@pytest.mark.parametrize(
    "change",
    [{"stride": 0}, {"mean": (0.5, 0.5)}, {"std": (0.2, 0.0, 0.2)}, {"padding": float("nan")}, {"padding": -1.0}],
)
def test_a_spec_with_impossible_values_is_an_error(copy_of, change):
    with pytest.raises(InputError, match="must have 3 means"):
        open_session(copy_of("onnx", **change))


def test_onnx_without_its_runtime_says_what_to_install(models, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"pip install lapx-tf\[onnx\]"):
        open_session(models["onnx"])


def test_the_runtime_imports_neither_tensorflow_nor_keras(models):
    code = f"""
import importlib, pkgutil, sys
import lapx_tf.runtime
for module in pkgutil.iter_modules(lapx_tf.runtime.__path__):
    importlib.import_module("lapx_tf.runtime." + module.name)
from lapx_tf.runtime.sessions import open_session
open_session({str(models["float32"])!r})
open_session({str(models["onnx"])!r})
found = {{"tensorflow", "keras", "jax", "torch"}} & set(sys.modules)
sys.exit(str(found) if found else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
