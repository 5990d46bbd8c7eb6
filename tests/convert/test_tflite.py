"""TensorFlow Lite files: what goes in and out, and what they compute, in every precision."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from convert import flatbuffer, tflite, tflite_metadata, tflite_quantize
from convert.agreement import compare
from convert.graph import inference_function
from convert.graph.options import FOR_INT8, GraphOptions
from lapx_tf import geometry, pixels
from lapx_tf.codecs.decode import decode
from lapx_tf.errors import InputError
from lapx_tf.models import storage
from lapx_tf.runtime.sessions import dequantize, quantize
from lapx_tf.spec import Quantization

Crops = np.ndarray
Write = Callable[..., Path]

DECIBELS = {"float32": 110, "float16": 60, "dynamic": 40, "int8": 25, "int16x8": 35}
"""That the heat maps have at least; measured are 134, 71, 75, 35 and 44."""


@pytest.fixture(scope="module")
def images() -> Crops:
    """uint8 [12, 64, 64, 3], smooth; none is quite black or white."""
    coarse = np.random.default_rng(0).uniform(20, 230, (12, 4, 4, 3))
    return tf.image.resize(coarse, (64, 64)).numpy().round().astype(np.uint8)


@pytest.fixture(scope="module")
def write(network, images, tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Writes a file of the tiny network, or returns it where it has been written."""
    folder, written = tmp_path_factory.mktemp("tflite"), dict[tuple, Path]()

    def of(precision: str, pixel_values: str = "normalized", output: str = "heatmaps", keep: tuple = ()) -> Path:
        key = (precision, pixel_values, output, *keep)
        if key not in written:
            options = GraphOptions(pixel_values, output, rewrites=FOR_INT8)
            crops = images if pixel_values == "uint8" else pixels.normalize(images)
            path = folder / f"{len(written)}.tflite"
            about = {"description": "a description", "licence": "ours"}
            function = inference_function(network, options)
            tflite.write(function, path, precision, crops[:8], about=about, keep_float=keep)
            written[key] = path
        return written[key]

    return of


def run(path: Path, images: Crops) -> np.ndarray:
    """A file's answers as real numbers, to images of bytes."""
    source, answer = tflite.tensors(path)
    interpreter = Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    (ends,), (results,) = interpreter.get_input_details(), interpreter.get_output_details()
    answers = []
    for image in images:
        crop = image if source.dtype == "uint8" else quantize(pixels.normalize(image), source)
        interpreter.set_tensor(ends["index"], crop[None])
        interpreter.invoke()
        answers.append(dequantize(interpreter.get_tensor(results["index"]), answer)[0])
    return np.stack(answers)


def dtypes_of(path: Path) -> set[int]:
    """The types of what a file's operations make."""
    graph = flatbuffer.parse(path.read_bytes()).subgraphs[0]
    return {graph.tensors[tensor].type for node in graph.operators for tensor in node.outputs}


@pytest.mark.parametrize("pixel_values", ["normalized", "uint8"])
@pytest.mark.parametrize("precision", tflite.PRECISIONS)
def test_heat_maps_are_those_of_keras(precision, pixel_values, write, network, images):
    expected = storage.KerasSession(network).run(pixels.normalize(images))
    found = compare(expected, run(write(precision, pixel_values), images))
    assert found.signal_to_noise_db > DECIBELS[precision]
    if precision == "float32":
        assert found.max_difference < 1e-5


@pytest.mark.parametrize(
    ("precision", "dtype"), [("float32", "float32"), ("dynamic", "float32"), ("int8", "int8"), ("int16x8", "int16")]
)
def test_the_ends_are_named_and_of_the_precision(precision, dtype, write):
    path = write(precision)
    source, answer = tflite.tensors(path)
    assert (source.name, source.dtype, source.shape) == ("image", dtype, (1, 64, 64, 3))
    assert (answer.name, answer.dtype, answer.shape) == ("heatmaps", dtype, (1, 16, 16, 16))
    assert (source.quantization is not None) == (answer.quantization is not None) == ("int" in dtype)
    signature = Interpreter(model_path=str(path)).get_signature_list()
    assert signature == {tflite_metadata.SIGNATURE: {"inputs": ["image"], "outputs": ["heatmaps"]}}


@pytest.mark.parametrize("precision", tflite.PRECISIONS)
def test_bytes_go_in_as_they_are_whatever_the_crops_show(precision, write):
    source, _ = tflite.tensors(write(precision, "uint8"))
    assert source.dtype == "uint8"
    assert source.quantization == Quantization(1.0, 0)


@pytest.mark.parametrize("pixel_values", ["normalized", "uint8"])
@pytest.mark.parametrize("precision", ["float32", "float16", "dynamic", "int8"])
def test_joints_are_those_of_the_same_file_with_heat_maps(precision, pixel_values, write, images):
    joints = decode(run(write(precision, pixel_values), images))
    joints[..., :2] = geometry.transform(geometry.crop_from_heatmap(), joints)[..., :2]
    path = write(precision, pixel_values, "keypoints")
    np.testing.assert_allclose(run(path, images), joints, atol=1e-4)
    _, answer = tflite.tensors(path)
    assert (answer.name, answer.dtype, answer.shape) == ("keypoints", "float32", (1, 16, 3))


def test_an_int8_file_has_no_float_in_it(write):
    assert flatbuffer.FLOAT32 not in dtypes_of(write("int8")) | dtypes_of(write("int8", "uint8"))


def test_nothing_in_an_int8_file_is_unused(write):
    model = flatbuffer.parse(write("int8").read_bytes())
    nodes = model.subgraphs[0].operators
    used = {int(tensor) for node in nodes for tensor in [*node.inputs, *node.outputs]}
    assert len(used) == len(model.subgraphs[0].tensors)
    assert {node.opcodeIndex for node in nodes} == set(range(len(model.operatorCodes)))


def test_what_a_file_says_about_itself(write):
    model = flatbuffer.parse(write("int8").read_bytes())
    assert model.description == b"a description"
    buffers = {entry.name.decode(): model.buffers[entry.buffer].data for entry in model.metadata}
    assert json.loads(bytes(buffers[tflite_metadata.ENTRY])) == {"description": "a description", "licence": "ours"}


def test_layers_stay_in_float_where_asked(write, network, images):
    path = write("int8", keep=("stack1/conv", "heatmaps"))
    model = flatbuffer.parse(path.read_bytes())
    graph = model.subgraphs[0]
    in_float = {
        flatbuffer.name_of(graph, int(node.outputs[0])).split(";")[0]
        for node in graph.operators
        if flatbuffer.operation(model, node) == "CONV_2D" and graph.tensors[node.outputs[0]].type == flatbuffer.FLOAT32
    }
    assert len(in_float) == 2
    assert any(name.startswith("stack1/conv/") for name in in_float)
    expected = storage.KerasSession(network).run(pixels.normalize(images))
    mixed, plain = (compare(expected, run(one, images)).signal_to_noise_db for one in (path, write("int8")))
    assert mixed > plain


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"precision": "float8"}, "offered in float32, float16, dynamic, int8, int16x8, got 'float8'"),
        ({"precision": "int8", "keep": ("stack1/cov",)}, "no layer 'stack1/cov' .* nearest are stack1/conv"),
        ({"precision": "int16x8", "output": "keypoints"}, "int16x8 files give heat maps"),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(arguments, sentence, write):
    with pytest.raises(InputError, match=sentence):
        write(**arguments)


@pytest.mark.parametrize("crops", [None, np.zeros((0, 64, 64, 3), np.float32)])
def test_int8_needs_crops(crops, network, tmp_path):
    with pytest.raises(InputError, match="int8 needs crops"):
        tflite.write(inference_function(network, GraphOptions()), tmp_path / "a.tflite", "int8", crops)
    assert list(tmp_path.iterdir()) == []


def test_ranges_are_those_of_the_values_also_where_an_operation_works_in_place():
    kernel = np.random.default_rng(1).normal(0, 1, (1, 1, 3, 3)).astype(np.float32)

    @tf.function(input_signature=[tf.TensorSpec((1, 8, 8, 3), tf.float32, "image")])
    def function(image: tf.Tensor) -> tf.Tensor:
        # The sum may be written over the convolution's result.
        return tf.identity(tf.nn.conv2d(image, kernel, 1, "SAME", name="product") + 9 * image, "sum")

    crops = np.random.default_rng(2).normal(0, 1, (4, 8, 8, 3)).astype(np.float32)
    content = tflite_quantize.calibrate(tflite.float_file(function.get_concrete_function()), crops)
    model = flatbuffer.parse(content)
    graph = model.subgraphs[0]
    product = next(node for node in graph.operators if flatbuffer.operation(model, node) == "CONV_2D").outputs[0]
    expected = {
        int(graph.inputs[0]): crops,
        product: crops @ kernel[0, 0],
        int(graph.outputs[0]): crops @ kernel[0, 0] + 9 * crops,
    }
    for tensor, values in expected.items():
        found = graph.tensors[tensor].quantization
        assert found.min[0] == pytest.approx(values.min(), rel=1e-5)
        assert found.max[0] == pytest.approx(values.max(), rel=1e-5)


@pytest.mark.parametrize("quantise", [tflite_quantize.int8, tflite_quantize.int16x8])
def test_what_is_always_zero_has_a_scale(quantise):
    """With a scale of zero the runtime ends the process when it loads the file."""

    @tf.function(input_signature=[tf.TensorSpec((1, 4, 4, 2), tf.float32, "image")])
    def nothing_added(image: tf.Tensor) -> tf.Tensor:
        return tf.identity(image + tf.nn.conv2d(image, tf.zeros((1, 1, 2, 2)), 1, "SAME"), "heatmaps")

    content = tflite.float_file(nothing_added.get_concrete_function())
    crops = np.random.default_rng(0).normal(size=(4, 4, 4, 2)).astype(np.float32)
    graph = flatbuffer.parse(quantise(content, crops)).subgraphs[0]
    made = [graph.tensors[tensor] for node in graph.operators for tensor in node.outputs]
    assert all(tensor.quantization.scale[0] > 0 for tensor in made)
