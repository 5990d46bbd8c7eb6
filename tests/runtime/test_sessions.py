import hashlib
import subprocess
import sys
from dataclasses import replace
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import onnx
import pytest
from ai_edge_litert.interpreter import Interpreter

from lapx_tf.errors import InputError
from lapx_tf.runtime.estimator import PoseEstimator
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


@pytest.mark.parametrize(("name", "tolerance"), [("raw", 1e-5), ("nchw", 1e-5), ("half", 1e-3)])
def test_other_ends_give_the_same_heat_maps(models, name, tolerance):
    """Raw uint8 pixels in, channels before rows, half precision out: callers see no difference."""
    pictures = np.random.default_rng(4).integers(0, 256, (2, 96, 64, 3))
    expected, found = (
        session.run(session.spec.prepare(pictures))
        for session in (open_session(models["float32"]), open_session(models[name]))
    )
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=tolerance)
    assert expected.max() > 0.1


def test_joints_decoded_inside_are_those_decoded_outside(models):
    pictures = np.random.default_rng(5).integers(0, 256, (3, 96, 64, 3))
    inside, outside = (PoseEstimator(models[name]).predict_crops(pictures) for name in ("keypoints", "float32"))
    assert inside.shape == (3, 5, 3)
    np.testing.assert_allclose(inside, outside, atol=1e-5)


@pytest.mark.parametrize("name", ["float32", "int8", "onnx", "raw", "nchw", "half", "keypoints"])
def test_a_batch_gives_what_its_crops_give_alone(models, name):
    session = open_session(models[name], threads=2)
    together = session.run(crops(2))
    assert together.dtype == np.float32
    np.testing.assert_array_equal(together[1:], session.run(crops(2)[1:]))
    assert session.run(crops(0)).shape == (0, *session.spec.output.shape[1:])


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


@pytest.mark.parametrize(
    ("name", "side", "change", "sentence"),
    [
        ("onnx", "input", {"shape": (1, -1, -1, 3)}, "must have an input"),
        ("onnx", "input", {"dtype": "bfloat16"}, "accepted are float32, float16, int8"),
        (
            "onnx",
            "output",
            {"quantization": Quantization(0.5, 0)},
            "gives a quantization for 'heatmaps', which is float32",
        ),
        ("half", "output", {"dtype": "float32"}, "is float16 .* but its JSON says float32"),
        ("raw", "input", {"dtype": "int8", "quantization": Quantization(1.0, -129)}, "the zero point a value of int8"),
        ("raw", "input", {"quantization": Quantization(0.0, 0)}, "the scale must be positive"),
        ("raw", "input", {"quantization": Quantization(float("nan"), 0)}, "the scale must be positive"),
        ("keypoints", "input", {"quantization": Quantization(0.5, 3)}, "has no quantization, but its JSON says Quant"),
        ("keypoints", "output", {"shape": (1, 24, 16, 5)}, "but keypoints with a stride of 4"),
    ],
)
def test_a_spec_that_contradicts_itself_or_the_file_is_an_error(models, copy_of, name, side, change, sentence):
    spec = read_spec(models[name])
    with pytest.raises(InputError, match=sentence):
        open_session(copy_of(name, **{side: replace(getattr(spec, side), **change)}))


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        ("keypoints", {"kind": "heatmaps"}, "but heatmaps with a stride of 4"),
        ("keypoints", {"pixel_values": "normalized"}, "gives no quantization for"),
        ("nchw", {"layout": "NHWC"}, r"must have an input of the shape \[1, any, any, 3\]"),
        ("onnx", {"layout": "NCHW"}, r"must have an input of the shape \[1, 3, any, any\]"),
    ],
)
def test_another_meaning_than_the_file_can_have_is_an_error(copy_of, name, changes, sentence):
    with pytest.raises(InputError, match=sentence):
        open_session(copy_of(name, **changes))


def test_a_file_that_fails_while_it_runs_is_an_error(models, copy_of):
    """It leaves the sides of its input open, so that only the run shows that the size in its JSON does not fit."""
    spec, content = read_spec(models["onnx"]), onnx.load(models["onnx"])
    for place, side in enumerate(content.graph.input[0].type.tensor_type.shape.dim):
        side.dim_param = f"side_{place}"
    digest = hashlib.sha256(content.SerializeToString()).hexdigest()
    model = copy_of("onnx", sha256=digest, input=replace(spec.input, shape=(1, 192, 128, 3)), stride=8)
    model.write_bytes(content.SerializeToString())
    with pytest.raises(InputError, match="can't be run by onnxruntime"):
        open_session(model).run(np.zeros((1, 192, 128, 3), np.float32))


@pytest.mark.parametrize(("name", "ending"), [("float32", ".onnx"), ("onnx", ".tflite")])
def test_a_renamed_model_is_an_error(models, tmp_path, name, ending):
    renamed = tmp_path / f"renamed{ending}"
    renamed.write_bytes(models[name].read_bytes())
    with pytest.raises(InputError, match=f"has no renamed{ending}.json beside it"):
        open_session(renamed)
    sidecar_of(renamed).write_bytes(sidecar_of(models[name]).read_bytes())
    with pytest.raises(InputError, match="can't be loaded by") as caught:
        open_session(renamed)
    assert "\n" not in str(caught.value)


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
    [
        {"stride": 0},
        {"mean": (0.5, 0.5)},
        {"mean": (0.5, float("inf"), 0.5)},
        {"std": (0.2, 0.0, 0.2)},
        {"padding": float("nan")},
        {"padding": -1.0},
    ],
)
def test_a_spec_with_impossible_values_is_an_error(copy_of, change):
    with pytest.raises(InputError, match="must have 3 finite means"):
        open_session(copy_of("onnx", **change))


def test_onnx_without_its_runtime_says_what_to_install(models, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"pip install lapx-tf\[onnx\]"):
        open_session(models["onnx"])


@pytest.fixture
def tflite_runtime(monkeypatch):
    """Stands in for the package, which can't be installed beside NumPy 2 (`make test-tflite-runtime` has the true one)."""
    package, interpreter = ModuleType("tflite_runtime"), ModuleType("tflite_runtime.interpreter")
    package.__spec__, interpreter.Interpreter = ModuleSpec("tflite_runtime", None), Interpreter
    monkeypatch.setitem(sys.modules, "tflite_runtime", package)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", interpreter)
    monkeypatch.setattr(np, "__version__", "1.26.4")


def test_the_runtime_is_the_first_that_is_installed(models, tflite_runtime, monkeypatch):
    assert open_session(models["int8"]).runtime == "ai-edge-litert"
    assert open_session(models["onnx"]).runtime == "onnxruntime"
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    session = open_session(models["int8"])
    assert session.runtime == "tflite-runtime"
    assert session.run(crops(1)).shape == (1, 24, 16, 5)


def test_the_runtime_can_be_named(models, tflite_runtime):
    assert open_session(models["int8"], runtime="tflite-runtime").runtime == "tflite-runtime"
    assert open_session(models["int8"], runtime="litert").runtime == "ai-edge-litert"
    for model in ("int8", "onnx"):
        with pytest.raises(
            InputError, match="no runtime 'tensorrt'; accepted are ai-edge-litert, tflite-runtime, onnxrunt"
        ):
            open_session(models[model], runtime="tensorrt")
    with pytest.raises(
        InputError, match=r"onnxruntime does not run \.tflite files; accepted are ai-edge-litert, tflite-r"
    ):
        open_session(models["int8"], runtime="onnxruntime")
    with pytest.raises(InputError, match=r"tflite-runtime does not run \.onnx files; accepted are onnxruntime"):
        open_session(models["onnx"], runtime="tflite-runtime")


@pytest.mark.parametrize("runtime", ["ai-edge-litert", "tflite-runtime", "onnxruntime"])
def test_a_runtime_that_is_not_installed_says_how_to_get_it(models, runtime, monkeypatch):
    monkeypatch.setitem(sys.modules, runtime.replace("-", "_"), None)
    with pytest.raises(InputError, match=rf"needs {runtime}: pip install"):
        open_session(models["onnx" if runtime == "onnxruntime" else "int8"], runtime=runtime)


def test_without_any_runtime_the_preferred_one_is_asked_for(models, monkeypatch):
    for package in ("ai_edge_litert", "tflite_runtime"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match="needs ai-edge-litert: pip install ai-edge-litert"):
        open_session(models["int8"])


def test_a_runtime_that_cannot_be_imported_says_why(models, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(InputError, match=r"ai-edge-litert can't be imported: .*ai_edge_litert\.interpreter"):
        open_session(models["int8"])


def test_tflite_runtime_beside_numpy_2_is_refused_before_it_crashes(models, tflite_runtime, monkeypatch):
    monkeypatch.setattr(np, "__version__", "2.4.6")
    with pytest.raises(InputError, match=r"tflite-runtime needs numpy<2, found numpy 2\.4\.6"):
        open_session(models["int8"], runtime="tflite-runtime")


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
