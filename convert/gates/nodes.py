"""The operations of a TensorFlow Lite file, as far as the checks look at them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tensorflow.lite.tools import flatbuffer_utils

from convert import flatbuffer


@dataclass(frozen=True)
class Tensor:
    """What goes into an operation or comes out.

    Attributes:
        shape: batch included.
        dtype: in the format's own words, such as `FLOAT32`.
        constant: stored in the file.
    """

    shape: tuple[int, ...]
    dtype: str
    constant: bool


@dataclass(frozen=True)
class Node:
    """An operation by its name in the format, such as `CONV_2D`."""

    name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def read(path: Path) -> list[Node]:
    """The operations in the order in which they run."""
    model = flatbuffer.parse(path.read_bytes())
    graph = model.subgraphs[0]
    tensors = [_tensor(model, tensor) for tensor in graph.tensors]
    return [
        Node(
            flatbuffer.operation(model, operator),
            tuple(tensors[index] for index in operator.inputs if index >= 0),  # an input that is left out is -1
            tuple(tensors[index] for index in operator.outputs),
        )
        for operator in graph.operators
    ]


def _tensor(model: Any, tensor: Any) -> Tensor:
    shape = () if tensor.shape is None else tuple(int(side) for side in tensor.shape)
    constant = model.buffers[tensor.buffer].data is not None
    return Tensor(shape, str(flatbuffer_utils.type_to_name(tensor.type)), constant)
