"""How many multiplications and additions a graph asks for."""

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from convert.graph.operations import shape_of


def macs(function: Any) -> int:
    """Multiply-accumulates of the convolutions and matrix products of a graph whose shapes are known.

    Element-wise operations and pooling are not counted, multiplications by stored zeros are.

    Args:
        function: a `tf.types.experimental.ConcreteFunction`, of `inference_function` or of a Keras model.
    """
    operations = function.graph.get_operations()
    return sum(
        _PER_OUTPUT[one.type](one) * math.prod(shape_of(one.outputs[0]))
        for one in operations
        if one.type in _PER_OUTPUT
    )


def _of_conv(operation: tf.Operation) -> int:
    """For each output: the kernel is [height, width, inputs, outputs]."""
    return math.prod(shape_of(operation.inputs[1])[:3])


def _of_depthwise(operation: tf.Operation) -> int:
    """For each output: the kernel is [height, width, channels, outputs of a channel]."""
    return math.prod(shape_of(operation.inputs[1])[:2])


def _of_product(operation: tf.Operation) -> int:
    """For each output: the length of the rows of the first factor, or of its columns where that is transposed."""
    transposed = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
    return shape_of(operation.inputs[0])[-2 if transposed else -1]


_PER_OUTPUT: dict[str, Callable[[tf.Operation], int]] = {
    "Conv2D": _of_conv,
    "DepthwiseConv2dNative": _of_depthwise,
    "MatMul": _of_product,
    "BatchMatMulV2": _of_product,
}
