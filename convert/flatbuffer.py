"""TensorFlow Lite files as objects that can be changed, on top of TensorFlow's own reader and writer.

A model has `operatorCodes`, `buffers` and one graph, `subgraphs[0]`, with `tensors` and `operators`; operators name tensors by
their index. TensorFlow generates the classes from the schema of the format, without types, so `Any` stands for all of them.
"""

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

Builtin = schema.BuiltinOperator
"""The numbers of the built-in operations, by the names that `operation` gives."""

FLOAT32, UINT8 = schema.TensorType.FLOAT32, schema.TensorType.UINT8


def parse(content: bytes) -> Any:
    """The model in a file's content."""
    return flatbuffer_utils.convert_bytearray_to_object(bytearray(content))


def pack(model: Any) -> bytes:
    """The content of the file, without the codes of operations that no longer occur."""
    nodes = [node for graph in model.subgraphs for node in graph.operators]
    used = sorted({node.opcodeIndex for node in nodes})
    model.operatorCodes = [model.operatorCodes[index] for index in used]
    for node in nodes:
        node.opcodeIndex = used.index(node.opcodeIndex)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def operation(model: Any, node: Any) -> str:
    """The name of what an operator does, such as `CONV_2D`."""
    return str(flatbuffer_utils.opcode_to_name(model, node.opcodeIndex))


def name_of(graph: Any, tensor: int) -> str:
    """The name of a tensor."""
    return graph.tensors[tensor].name.decode()


def operator(
    model: Any, builtin: int, inputs: Sequence[int], outputs: Sequence[int], options: Any = None, version: int = 1
) -> Any:
    """A new operator, which is not in the graph yet.

    Args:
        model: that will have it.
        builtin: a member of `Builtin` below 127; later operations need another field.
        inputs: indices of tensors.
        outputs: likewise.
        options: of the class in the schema that belongs to the operation, such as `schema.AddOptionsT`.
        version: of the operation, which says what types it takes.
    """
    node = schema.OperatorT()
    node.inputs, node.outputs = list(inputs), list(outputs)
    set_operation(model, node, builtin, options, version)
    return node


def set_operation(model: Any, node: Any, builtin: int, options: Any = None, version: int = 1) -> None:
    """Makes an operator do something else with the same tensors; see `operator`."""
    codes = [(code.builtinCode, code.version) for code in model.operatorCodes]
    if (builtin, version) not in codes:
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = builtin
        code.version = version
        model.operatorCodes.append(code)
        codes.append((builtin, version))
    node.opcodeIndex = codes.index((builtin, version))
    # The class of the options is called after the member of the union, with a T.
    node.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1]) if options else 0
    node.builtinOptions = options


def add_tensor(graph: Any, like: int, name: str) -> int:
    """Adds an activation of the shape and type of another one, without a range; returns its index."""
    tensor = copy(graph.tensors[like])
    tensor.name, tensor.buffer, tensor.quantization = name.encode(), 0, None
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def add_constant(model: Any, value: float, name: str) -> int:
    """Adds a float32 number; returns the index of its tensor."""
    tensor: Any = schema.TensorT()
    tensor.name, tensor.type, tensor.shape = name.encode(), FLOAT32, []
    tensor.buffer = add_buffer(model, np.float32(value).tobytes())
    model.subgraphs[0].tensors.append(tensor)
    return len(model.subgraphs[0].tensors) - 1


def copy_constant(model: Any, constant: int) -> int:
    """Adds a tensor with a copy of the values of another one; returns its index."""
    tensors = model.subgraphs[0].tensors
    tensor = copy(tensors[constant])
    tensor.buffer = add_buffer(model, bytes(model.buffers[tensor.buffer].data))
    tensors.append(tensor)
    return len(tensors) - 1


def add_buffer(model: Any, data: bytes) -> int:
    """Adds bytes that a tensor or an entry of the metadata holds; returns their index."""
    buffer: Any = schema.BufferT()
    buffer.data = np.frombuffer(data, np.uint8)
    model.buffers.append(buffer)
    return len(model.buffers) - 1


def quantization(scale: float, zero_point: int) -> Any:
    """What a tensor's integers mean: real = scale * (stored - zero_point)."""
    stored = schema.QuantizationParametersT()
    stored.scale, stored.zeroPoint = [scale], [zero_point]
    return stored


def value_range(low: float, high: float) -> Any:
    """The range of a tensor's values, from which the quantiser makes scale and zero point."""
    stored = schema.QuantizationParametersT()
    stored.min, stored.max = [low], [high]
    return stored
