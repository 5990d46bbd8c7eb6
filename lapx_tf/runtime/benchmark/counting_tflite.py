"""What a `.tflite` file computes, read from its flat buffer with the schema that comes with LiteRT."""

import importlib.util
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

ENDING = ".tflite"

Shapes = list[tuple[int, ...]]


def is_installed() -> bool:
    """Whether the schema is there; tflite-runtime comes without."""
    return all(importlib.util.find_spec(name) for name in ("ai_edge_litert", "flatbuffers"))


def count(model: Path) -> tuple[int, int]:
    """Multiply-accumulates and parameters of a file of one graph whose shapes are known."""
    from ai_edge_litert import schema_py_generated as schema

    content: Any = schema.Model.GetRootAs(model.read_bytes())
    graph: Any = content.Subgraphs(0)
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    codes = [content.OperatorCodes(index) for index in range(content.OperatorCodesLength())]
    # Operations below 127 stand in the older field alone, where the file was written by an old converter.
    done = [names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())] for code in codes]
    operators = [graph.Operators(index) for index in range(graph.OperatorsLength())]
    macs = sum(_macs(schema, graph, one, done[one.OpcodeIndex()]) for one in operators)
    return macs, _parameters(schema, content, graph)


def _macs(schema: Any, graph: Any, operator: Any, done: str) -> int:
    if done not in _MACS:
        return 0
    inputs = [_shape(graph, operator.Inputs(index)) for index in range(operator.InputsLength())]
    output = _shape(graph, operator.Outputs(0))
    return _MACS[done](inputs, output, _transposed(schema, operator))


def _transposed(schema: Any, operator: Any) -> bool:
    """Whether a product takes its first factor transposed."""
    if operator.BuiltinOptionsType() != schema.BuiltinOptions.BatchMatMulOptions:
        return False
    options, table = schema.BatchMatMulOptions(), operator.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    return bool(options.AdjX())


def _shape(graph: Any, tensor: int) -> tuple[int, ...]:
    """Of a tensor; an operation that leaves out an input has -1 there."""
    if tensor < 0:
        return ()
    found = graph.Tensors(tensor)
    return tuple(found.Shape(index) for index in range(found.ShapeLength()))


_MACS: dict[str, Callable[[Shapes, tuple[int, ...], bool], int]] = {
    # The kernel is [outputs, height, width, inputs], of a group where there are several.
    "CONV_2D": lambda inputs, output, _: math.prod(output) * math.prod(inputs[1][1:]),
    # [1, height, width, outputs]
    "DEPTHWISE_CONV_2D": lambda inputs, output, _: math.prod(output) * math.prod(inputs[1][1:3]),
    # [outputs, inputs]
    "FULLY_CONNECTED": lambda inputs, output, _: math.prod(output) * inputs[1][-1],
    # The output's shape, the kernel [outputs, height, width, inputs], and the image, each pixel of which meets all of it.
    "TRANSPOSE_CONV": lambda inputs, output, _: math.prod(inputs[2][:3]) * math.prod(inputs[1]),
    "BATCH_MATMUL": lambda inputs, output, transposed: math.prod(output) * inputs[0][-2 if transposed else -1],
}
"""Multiply-accumulates from the shapes of the inputs and of the output, and whether the first factor is transposed."""


def _parameters(schema: Any, content: Any, graph: Any) -> int:
    """The sizes of stored tensors that hold real values: floats, and integers with a scale; shapes and axes have none."""
    floats = (schema.TensorType.FLOAT32, schema.TensorType.FLOAT16)
    sizes: dict[int, int] = {}  # by buffer: several tensors may share one
    for index in range(graph.TensorsLength()):
        tensor = graph.Tensors(index)
        stored = content.Buffers(tensor.Buffer()).DataLength() > 0
        scale = tensor.Quantization()
        if stored and (tensor.Type() in floats or (scale is not None and scale.ScaleLength())):
            sizes[tensor.Buffer()] = math.prod(_shape(graph, index))
    return sum(sizes.values())
