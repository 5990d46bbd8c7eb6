"""What an `.onnx` file computes, read with the package `onnx`, which the installation on a device has not."""

import importlib.util
import math
from pathlib import Path
from typing import Any

ENDING = ".onnx"

_KERNELS = {"Conv": 1, "ConvInteger": 1, "QLinearConv": 3}
"""Which input of a convolution is its kernel, [outputs, inputs of a group, height, width]."""

_FACTORS = {"MatMul": 0, "MatMulInteger": 0, "QLinearMatMul": 0}
"""Which input of a product is its first factor."""


def is_installed() -> bool:
    """Whether the format can be read."""
    return importlib.util.find_spec("onnx") is not None


def count(model: Path) -> tuple[int, int]:
    """Multiply-accumulates and parameters of a file; sides that it leaves open count as 1, the batch."""
    import onnx

    graph = onnx.shape_inference.infer_shapes(onnx.load(model)).graph
    shapes = {one.name: tuple(one.dims) for one in graph.initializer}
    for one in (*graph.value_info, *graph.input, *graph.output):
        shapes[one.name] = tuple(side.dim_value or 1 for side in one.type.tensor_type.shape.dim)
    return sum(_macs(node, shapes) for node in graph.node), _parameters(onnx, graph)


def _macs(node: Any, shapes: dict[str, tuple[int, ...]]) -> int:
    done = node.op_type
    if done in _KERNELS:
        return math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[_KERNELS[done]]][1:])
    if done in _FACTORS:
        return math.prod(shapes[node.output[0]]) * shapes[node.input[_FACTORS[done]]][-1]
    if done == "Gemm":
        transposed = any(one.name == "transA" and one.i for one in node.attribute)
        return math.prod(shapes[node.output[0]]) * shapes[node.input[0]][0 if transposed else -1]
    if (
        done == "ConvTranspose"
    ):  # each pixel of the image meets the whole kernel [inputs, outputs of a group, height, width]
        batch, _, *sides = shapes[node.input[0]]
        return batch * math.prod(sides) * math.prod(shapes[node.input[1]])
    return 0


def _parameters(onnx: Any, graph: Any) -> int:
    """The sizes of stored tensors that hold real values: floats, and integers that a node widens; not their scales."""
    quantized = {node.input[0] for node in graph.node if node.op_type == "DequantizeLinear"}
    scales = {name for node in graph.node if "Linear" in node.op_type for name in node.input[1:]}
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16)
    return sum(
        math.prod(one.dims)
        for one in graph.initializer
        if one.name in quantized or (one.data_type in floats and one.name not in scales)
    )
