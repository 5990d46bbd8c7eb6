"""The JSON beside a model: what is written fits its schema, what is read may be older or broken, and it is enough by itself."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter
from hypothesis import given, settings
from hypothesis import strategies as st

from lapx_tf.errors import InputError
from lapx_tf.geometry import Box
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.skeletons import COCO_17, MPII_16
from lapx_tf.spec import ModelSpec, Quantization, TensorSpec, read_spec, sidecar_of
from tests.helpers import FIXTURES, ROOT
from tests.runtime import dots

HEATMAPS = ModelSpec(
    file="pose_int8.tflite",
    sha256="0123456789abcdef" * 4,
    precision="int8",
    input=TensorSpec("image", (1, 256, 192, 3), "int8", Quantization(0.0187, -14)),
    output=TensorSpec("heatmaps", (1, 64, 48, 16), "int8", Quantization(0.004, -99)),
    skeleton=MPII_16,
    training={"dataset": "lsp"},
    conversion={"check": {"crops": 32}},
)
KEYPOINTS = replace(
    HEATMAPS,
    input=TensorSpec("image", (1, 3, 256, 192), "uint8"),
    output=TensorSpec("keypoints", (1, 17, 3)),
    skeleton=COCO_17,
    layout="NCHW",
    pixel_values="raw",
    kind="keypoints",
    flip_test=True,
)
SPECS = pytest.mark.parametrize("spec", [HEATMAPS, KEYPOINTS], ids=lambda spec: spec.kind)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((ROOT / "docs" / "model.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_json(spec: ModelSpec) -> dict[str, Any]:
    return json.loads(json.dumps(spec.to_dict()))


def leaves(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """The path of everything in a JSON, the whole first."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))


def changed(fields: dict[str, Any], path: tuple, value: Any) -> Any:
    """A copy with another value at a path."""
    if not path:
        return value
    result = copy.deepcopy(fields)
    inner = result
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return result


@SPECS
def test_what_is_written_is_read_back_and_fits_the_schema(spec, validator):
    validator.validate(as_json(spec))
    assert ModelSpec.from_dict(as_json(spec)) == spec


@SPECS
def test_every_key_is_in_the_schema_and_in_the_document(spec, validator):
    document, schema = (ROOT / "docs" / "model_json.md").read_text("utf-8"), validator.schema
    described = set(re.findall(r"`([a-z_0-9.]+)`", document))
    for key, value in as_json(spec).items():
        assert key in schema["properties"]
        free = key in ("training", "conversion")
        for inner in value if isinstance(value, dict) and not free else ():
            tensor = schema["$defs"]["tensor"]["properties"] if key in ("input", "output") else {}
            assert inner in schema["properties"][key]["properties"] | tensor, f"{key}.{inner}"
            assert f"{key}.{inner}" in described
        assert isinstance(value, dict) or key in described


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format_version",), 3),
        (("file",), "folder/pose.tflite"),
        (("sha256",), "0123"),
        (("input", "layout"), "CHWN"),
        (("input", "layout"), "NCHW"),
        (("input", "shape"), [1, 256, 192]),
        (("input", "dtype"), "float32"),
        (("input", "mean"), [0.5, 0.5]),
        (("input", "std"), [0.2, 0, 0.2]),
        (("input", "quantization", "scale"), 0),
        (("output", "kind"), "keypoints"),
        (("output", "stride"), 0),
        (("output", "flip_test"), "no"),
        (("crop", "padding"), -1),
        (("skeleton", "flip_pairs"), [[0, 1, 2]]),
        (("training",), None),
    ],
)
def test_the_schema_refuses_what_can_not_be_run(validator, path, value):
    assert not validator.is_valid(changed(as_json(HEATMAPS), path, value))


def test_a_json_of_the_first_version_is_still_read():
    """As commit 92b1b88 wrote it."""
    spec = ModelSpec.from_dict(json.loads((FIXTURES / "format_1.tflite.json").read_text("utf-8")))
    assert (spec.input_size, spec.layout, spec.pixel_values) == ((128, 128), "NHWC", "normalized")
    assert (spec.kind, spec.flip_test, spec.output.shape) == ("heatmaps", False, (1, 32, 32, 16))
    assert (spec.skeleton, spec.training["dataset"]) == (MPII_16, "synthetic")


def test_version_1_means_what_version_2_means_without_the_new_keys():
    fields = as_json(HEATMAPS) | {"format_version": 1}
    del fields["input"]["pixel_values"], fields["output"]["flip_test"]
    assert ModelSpec.from_dict(fields) == HEATMAPS


@pytest.mark.parametrize("version", [3, 0, "2", None, [2], float("nan")])
def test_a_version_that_is_not_known_is_refused_in_words(version):
    with pytest.raises(ValueError, match="format_version must be 1 to 2 for this version of lapx-tf, got"):
        ModelSpec.from_dict(as_json(HEATMAPS) | {"format_version": version})


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ((), [], "format_version must be"),
        (("input",), None, "wrong type"),
        (("output",), "heatmaps", "wrong type"),
        (("input", "shape"), [1, float("inf"), 192, 3], "wrong type"),
        (("input", "quantization"), 0, "wrong type"),
        (("input", "quantization"), {"scale": 0.5}, "'zero_point' is missing"),
        (("input", "mean"), [[0.5], 0.5, 0.5], "wrong type"),
        (("input", "pixel_values"), "scaled", "pixel_values must be one of normalized, raw, got 'scaled'"),
        (("output", "kind"), "masks", "kind must be one of"),
        (("output", "flip_test"), "false", "flip_test must be one of False, True, got 'false'"),
        (("crop",), 1.25, "wrong type"),
        (("skeleton",), {"name": "dots"}, "needs the keys"),
        (("skeleton", "flip_pairs"), [[0, 99]], "from 0 to 15"),
        (("conversion",), 5, "wrong type"),
    ],
)
def test_what_is_wrong_is_said(path, value, sentence):
    with pytest.raises(ValueError, match=sentence):
        ModelSpec.from_dict(changed(as_json(HEATMAPS), path, value))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)
)


@settings(deadline=None, derandomize=True)
@given(path=st.sampled_from(list(leaves(as_json(HEATMAPS)))), value=ANYTHING)
def test_anything_anywhere_is_read_or_a_value_error(path, value):
    try:
        spec = ModelSpec.from_dict(changed(as_json(HEATMAPS), path, value))
    except ValueError:
        return
    assert spec.flip_test in (False, True)
    assert all(isinstance(side, int) for side in (*spec.input.shape, *spec.output.shape))


@settings(deadline=None, derandomize=True)
@given(path=st.sampled_from(list(leaves(as_json(HEATMAPS)))[1:]))
def test_a_key_that_is_missing_is_read_or_a_value_error(path):
    fields = inner = as_json(HEATMAPS)
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    try:
        ModelSpec.from_dict(fields)
    except ValueError:
        return


@pytest.mark.parametrize(
    "text", ["", "[", "{}", "[" * 100_000, "\udcff", '{"format_version": 1e999}', '{"a": ' + "9" * 5000]
)
def test_a_broken_file_is_named(tmp_path, text):
    model = tmp_path / "pose.tflite"
    model.touch()
    sidecar_of(model).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"pose\.tflite\.json does not describe a model"):
        read_spec(model)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return dots.write_models(tmp_path_factory.mktemp("models"))


def runner(model: Path, described: dict[str, Any]) -> Callable[[np.ndarray], np.ndarray]:
    """What a stranger writes for step 5."""
    if model.suffix == ".onnx":
        session = onnxruntime.InferenceSession(model)
        name, output = described["input"]["name"], described["output"]["name"]
        return lambda stored: np.asarray(session.run([output], {name: stored})[0])
    interpreter = Interpreter(str(model))
    interpreter.allocate_tensors()
    (source,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()

    def infer(stored: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(source["index"], stored)
        interpreter.invoke()
        return interpreter.get_tensor(output["index"])

    return infer


DOTS = np.array([[0.52, 0.06], [0.97, 0.48], [0.04, 0.41], [0.81, 0.98], [0.20, 0.91]])
"""(x, y) of the model's joints as fractions of the person's extent."""


@pytest.mark.parametrize("name", ["float32", "int8", "keypoints", "onnx", "raw", "nchw", "half"])
@pytest.mark.parametrize(
    ("size", "person"),
    [
        ((300, 260), (120.5, 140.25, 60, 130)),
        ((90, 70), (33.0, 44.0, 21, 26)),  # enlarged
        ((700, 900), (430.0, 360.0, 400, 560)),  # averaged down by a factor that does not divide the picture
        ((200, 200), (20.0, 150.0, 90, 80)),  # reaches over two borders
    ],
)
def test_the_program_of_the_document_finds_the_joints_of_the_estimator(models, name, size, person):
    """The document's program sees the JSON and the file only."""
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "model_json.md").read_text("utf-8"), re.S)
    assert set(re.findall(r"^(?:import|from) (\w+)", program, re.M)) == {"math", "numpy"}
    scope: dict[str, Any] = {}
    exec(program, scope)
    points = DOTS * person[2:] + np.subtract(person[:2], np.divide(person[2:], 2))
    picture = dots.paint(size, points, radius=0.1 * max(person[2:]))
    described = json.loads(sidecar_of(models[name]).read_text("utf-8"))
    found = scope["joints_of"](picture, person, described, runner(models[name], described))
    (expected,) = PoseEstimator(models[name])(picture, boxes=[Box(*person)])
    assert described["skeleton"]["joints"] == list(expected.skeleton.joints)
    assert np.median(expected.joints[:, 2]) > 0.5  # a dot outside the picture has no height
    # OpenCV averages a picture down to 8 bits, which moves no joint but its score.
    np.testing.assert_allclose(found[:, :2], expected.joints[:, :2], atol=0.01)
    np.testing.assert_allclose(found[:, 2], expected.joints[:, 2], atol=0.01)
