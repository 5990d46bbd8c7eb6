"""Integer graphs without islands of float: nothing is lost against the islands, and no range is cut off."""

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tensorflow.lite.python import schema_py_generated as schema

from convert import flatbuffer, islands, tflite, tflite_quantize
from convert.flatbuffer import Builtin
from convert.graph import inference_function
from convert.graph.options import FOR_INT8, GraphOptions

# LiteRT's third set, of reference kernels, has no ELU.
KERNELS = {"XNNPACK": OpResolverType.AUTO, "built in": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES}


@pytest.fixture(scope="module")
def float_file(network) -> bytes:
    return tflite.float_file(inference_function(network, GraphOptions(rewrites=FOR_INT8)))


@pytest.fixture(scope="module")
def int8_file(float_file) -> bytes:
    crops = np.random.default_rng(0).normal(0, 1, (4, 64, 64, 3)).astype(np.float32)
    return tflite_quantize.int8(float_file, crops)


def operations(content: bytes) -> list[str]:
    model = flatbuffer.parse(content)
    return [flatbuffer.operation(model, node) for node in model.subgraphs[0].operators]


def run(content: bytes, image: np.ndarray, kernels: OpResolverType = OpResolverType.AUTO) -> np.ndarray:
    interpreter = Interpreter(model_content=content, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def with_islands(content: bytes) -> bytes:
    """The file as TensorFlow's converter writes it: every int8 ELU as DEQUANTIZE, a float ELU, QUANTIZE."""
    model = flatbuffer.parse(content)
    graph, nodes = model.subgraphs[0], []
    for node in graph.operators:
        if flatbuffer.operation(model, node) != "ELU":
            nodes.append(node)
            continue
        (x,), (y,) = node.inputs, node.outputs
        before, after = (flatbuffer.add_tensor(graph, y, f"{y}{name}") for name in ("before", "after"))
        graph.tensors[before].type = graph.tensors[after].type = flatbuffer.FLOAT32
        nodes += [
            flatbuffer.operator(model, Builtin.DEQUANTIZE, [x], [before], schema.DequantizeOptionsT(), version=2),
            flatbuffer.operator(model, Builtin.ELU, [before], [after]),
            flatbuffer.operator(model, Builtin.QUANTIZE, [after], [y], schema.QuantizeOptionsT()),
        ]
    graph.operators = nodes
    return flatbuffer.pack(model)


def test_every_elu_is_in_int8(float_file, int8_file):
    assert operations(int8_file).count("ELU") == operations(float_file).count("ELU") > 0
    assert not {"DEQUANTIZE", "LEAKY_RELU"} & set(operations(int8_file))


@pytest.mark.parametrize("kernels", KERNELS.values(), ids=KERNELS)
def test_int8_elu_gives_the_same_as_an_island_to_the_bit(kernels, int8_file):
    plain = with_islands(int8_file)
    assert operations(plain).count("DEQUANTIZE") == operations(int8_file).count("ELU")
    rng = np.random.default_rng(1)
    for _ in range(3):
        image = rng.integers(-128, 128, (1, 64, 64, 3), np.int8)
        answer = run(int8_file, image, kernels)
        assert np.ptp(answer.astype(int)) > 20
        np.testing.assert_array_equal(answer, run(plain, image, kernels))


@pytest.fixture(scope="module")
def joined() -> tuple[Callable, np.ndarray]:
    """Values from -8 to 8, what lies above zero of them beside, as the network's attention has it, and crops."""

    @tf.function(input_signature=[tf.TensorSpec((1, 16, 16, 4), tf.float32, "image")])
    def function(image: tf.Tensor) -> tf.Tensor:
        x = image * tf.constant([1, -1, 1, -1], tf.float32)
        highest, mean = tf.reduce_max(x, -1, keepdims=True), tf.reduce_mean(x, -1, keepdims=True)
        gate = tf.sigmoid(tf.reduce_sum(tf.nn.relu(tf.concat([highest, mean], -1)), -1, keepdims=True))
        return tf.identity(x * gate, "heatmaps")

    return function.get_concrete_function(), np.random.default_rng(2).uniform(-8, 8, (8, 16, 16, 4)).astype(np.float32)


def test_joining_tensors_cuts_no_range_off(joined):
    function, crops = joined
    ranged = tflite_quantize.calibrate(tflite.float_file(function), crops)
    content = tflite_quantize.from_ranges(ranged, integer_ends=False)
    assert "CONCATENATION" in operations(content)
    error = run(content, crops[:1]) - function(tf.constant(crops[:1])).numpy()
    # A step is 16 / 255; cut off at the smallest mean, the error would be several units.
    assert np.abs(error).max() < 0.2


def elu_of_products(also: bool) -> tuple[bytes, np.ndarray, Callable]:
    """ELU of values from -20 to 5; the answer holds them as they are `also`, or not. With the crops that give them."""

    @tf.function(input_signature=[tf.TensorSpec((1, 16, 16, 1), tf.float32, "image")])
    def function(image: tf.Tensor) -> tf.Tensor:
        x = tf.nn.conv2d(image, tf.constant([[[[1.0, 1.0]]]]), 1, "SAME")
        return tf.identity(tf.nn.elu(x) + x if also else tf.nn.elu(x), "heatmaps")

    crops = np.random.default_rng(6).uniform(-20, 5, (4, 16, 16, 1)).astype(np.float32)
    return tflite.float_file(function.get_concrete_function()), crops, function


@pytest.mark.parametrize(("also", "least"), [(False, np.log(6 / 255 / 2)), (True, -20)])
def test_what_goes_into_elu_alone_ends_where_elu_is_flat(also, least):
    content, crops, _ = elu_of_products(also)
    model = flatbuffer.parse(tflite_quantize.calibrate(content, crops))
    graph = model.subgraphs[0]
    (source,) = (int(node.inputs[0]) for node in graph.operators if flatbuffer.operation(model, node) == "ELU")
    found = graph.tensors[source].quantization
    assert (found.min[0], found.max[0]) == pytest.approx((least, 5), abs=0.05)


def test_the_end_of_elu_costs_no_more_than_half_a_step():
    content, crops, function = elu_of_products(also=False)
    quantised = tflite_quantize.from_ranges(tflite_quantize.calibrate(content, crops), integer_ends=False)
    deep = np.full_like(crops[:1], -20)
    error = run(quantised, deep) - function(tf.constant(deep)).numpy()
    assert np.abs(error).max() <= 6 / 255


def test_elu_in_parts_is_elu(float_file):
    parts = islands.with_elu_in_parts(float_file)
    assert "ELU" not in operations(parts)
    image = np.random.default_rng(3).normal(0, 1, (1, 64, 64, 3)).astype(np.float32)
    expected = run(float_file, image)
    np.testing.assert_allclose(run(parts, image), expected, atol=1e-5 * np.ptp(expected))


def test_an_int16_file_has_no_float_in_it(float_file):
    crops = np.random.default_rng(4).normal(0, 1, (2, 64, 64, 3)).astype(np.float32)
    found = operations(tflite_quantize.int16x8(float_file, crops))
    assert found.count("EXP") == operations(float_file).count("ELU")
    assert not {"DEQUANTIZE", "ELU"} & set(found)


def test_biases_that_are_equal_do_not_share_a_scale():
    kernels = np.random.default_rng(5).normal(0, 1, (2, 1, 1, 3, 3)).astype(np.float32) * [[[[[1]]]], [[[[20]]]]]
    bias = np.array([3, -2, 1], np.float32)

    @tf.function(input_signature=[tf.TensorSpec((1, 8, 8, 3), tf.float32, "image")])
    def function(image: tf.Tensor) -> tf.Tensor:
        x = image
        for kernel in kernels.astype(np.float32):
            x = tf.nn.bias_add(tf.nn.conv2d(x, kernel, 1, "SAME"), tf.constant(bias))
        return tf.identity(x, "heatmaps")

    function = function.get_concrete_function()
    crops = np.random.default_rng(6).normal(0, 1, (4, 8, 8, 3)).astype(np.float32)
    content = tflite_quantize.int16x8(tflite.float_file(function), crops)
    scales = [tensor.quantization.scale[0] for tensor in ends(content)]
    stored = np.clip(np.rint(crops[:1] / np.float32(scales[0])), -32768, 32767).astype(np.int16)
    expected = function(tf.constant(crops[:1])).numpy()
    np.testing.assert_allclose(run(content, stored) * scales[1], expected, atol=0.02 * np.ptp(expected))


def ends(content: bytes) -> list:
    graph = flatbuffer.parse(content).subgraphs[0]
    return [graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]]
