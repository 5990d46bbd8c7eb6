import importlib.util

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from lapx_tf.runtime.benchmark import ceiling, counting_onnx, counting_tflite
from lapx_tf.runtime.benchmark.counting import KEY, Counts, counts_of
from lapx_tf.spec import read_spec

MACS = 96 * 64 * 3 * 5  # a 1x1 convolution from 3 to 5 channels
KERNEL, BIAS, MASK = 15, 5, 24 * 16 * 5


@pytest.mark.parametrize("name", ["float32", "int8", "onnx", "nchw", "half"])
def test_a_convolution_is_counted_in_every_kind_of_file(models, name):
    found = counts_of(models[name], read_spec(models[name]))
    assert found.macs == MACS
    assert (
        KERNEL + BIAS + MASK <= found.parameters <= KERNEL + BIAS + MASK + 8
    )  # mean and std of the ONNX file, constants


def test_the_ceiling_counts_as_it_says(tmp_path):
    for precision in ceiling.PRECISIONS:
        file = tmp_path / f"{precision}.tflite"
        file.write_bytes(ceiling.model(precision))
        # Ten convolutions share one kernel and one bias.
        assert counting_tflite.count(file) == (ceiling.MACS, ceiling.CHANNELS**2 + ceiling.CHANNELS)


def test_operations_of_tensorflow_lite_are_counted_as_the_converter_counts_their_graph(tmp_path):
    import tensorflow as tf

    from convert.graph.macs import macs

    rng = np.random.default_rng(0)
    kernels = [rng.normal(size=shape).astype(np.float32) for shape in ((3, 3, 4, 8), (3, 3, 8, 1), (8, 6))]

    def network(image):
        maps = tf.nn.depthwise_conv2d(tf.nn.conv2d(image, kernels[0], 2, "SAME"), kernels[1], (1, 1, 1, 1), "SAME")
        rows = tf.reshape(maps, (1, 16, 8))
        mixed = tf.matmul(tf.matmul(rows, rows, transpose_b=True), rows)
        return tf.matmul(tf.reshape(mixed, (16, 8)), kernels[2])

    graph = tf.function(network, input_signature=[tf.TensorSpec((1, 8, 8, 4))]).get_concrete_function()
    file = tmp_path / "all.tflite"
    file.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([graph]).convert())
    expected = 16 * 8 * 9 * 4 + 16 * 8 * 9 + 16 * 16 * 8 + 16 * 8 * 16 + 16 * 8 * 6
    assert macs(graph) == expected
    assert counting_tflite.count(file)[0] == expected


def test_a_transposed_convolution_is_counted_by_its_input(tmp_path):
    import tensorflow as tf

    kernel = np.ones((4, 4, 3, 2), np.float32)  # height, width, outputs, inputs

    def network(image):
        return tf.nn.conv2d_transpose(image, kernel, (1, 10, 10, 3), 2, "SAME")

    graph = tf.function(network, input_signature=[tf.TensorSpec((1, 5, 5, 2))]).get_concrete_function()
    file = tmp_path / "up.tflite"
    file.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([graph]).convert())
    assert counting_tflite.count(file)[0] == 5 * 5 * 4 * 4 * 3 * 2


def onnx_file(path, nodes, weights, source, output):
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (source, output)]
    constants = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def test_operations_of_onnx_are_counted(tmp_path):
    weights = {name: np.ones(shape, np.float32) for name, shape in (
        ("deep", (4, 1, 3, 3)), ("up", (4, 2, 2, 2)), ("flat", (72, 5)), ("square", (5, 5)))}  # fmt: skip
    weights["shape"] = np.array([1, 72])
    nodes = [
        helper.make_node("Conv", ["x", "deep"], ["a"], group=4, kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("ConvTranspose", ["a", "up"], ["b"], strides=[2, 2]),
        helper.make_node("Reshape", ["b", "shape"], ["c"]),
        helper.make_node("Gemm", ["c", "flat"], ["d"]),
        helper.make_node("MatMul", ["d", "square"], ["y"]),
    ]
    file = onnx_file(tmp_path / "g.onnx", nodes, weights, ("x", ("batch", 4, 3, 3)), ("y", ("batch", 5)))
    macs, parameters = counting_onnx.count(file)
    assert macs == 36 * 9 + 9 * 4 * 2 * 4 + 72 * 5 + 25
    assert parameters == 36 + 32 + 360 + 25


def test_scales_of_quantized_onnx_files_are_no_parameters(tmp_path):
    weights = {"w": np.ones((2, 3, 1, 1), np.int8), "scale": np.ones(2, np.float32), "zero": np.zeros(2, np.int8)}
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "scale", "zero"], ["kernel"], axis=0),
        helper.make_node("Conv", ["x", "kernel"], ["y"]),
    ]
    file = onnx_file(tmp_path / "q.onnx", nodes, weights, ("x", (1, 3, 4, 4)), ("y", (1, 2, 4, 4)))
    assert counting_onnx.count(file) == (16 * 2 * 3, 6)


def test_without_a_reader_the_json_tells(copy_of, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    silent, told = copy_of("onnx"), copy_of("int8", conversion={KEY: {"macs": 5, "parameters": 7}})
    assert counts_of(silent, read_spec(silent)) is None
    assert counts_of(told, read_spec(told)) == Counts(5, 7)
