"""What of a network's maps must be in memory at the same time, whatever runs it: read off the graph of its file.

A runtime that gives each map's memory back after the last operation that reads it, and computes in the order of the file, needs
this much for maps, and no such runtime needs less. Skips are in it while they wait.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert import flatbuffer

_BYTES = 4  # of a float32


@dataclass(frozen=True)
class Live:
    """In bytes.

    Attributes:
        most_bytes: the most that all maps take that are needed during an operation: its inputs, its output, and what waits.
        waiting_bytes: the most that maps take that no input or output of the operation is, but a later one's input.
    """

    most_bytes: int
    waiting_bytes: int


def of(file: Path) -> Live:
    """Of a float32 TensorFlow Lite file with one image."""
    model = flatbuffer.parse(file.read_bytes())
    graph = model.subgraphs[0]
    steps = _steps(model, graph)
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for step, tensors in enumerate(steps):
        for tensor in tensors:
            first.setdefault(tensor, step)
            last[tensor] = step
    sizes = {tensor: _BYTES * math.prod(map(int, graph.tensors[tensor].shape)) for tensor in first}
    at_work = [sum(sizes[tensor] for tensor in tensors) for tensors in steps]
    live = [
        sum(size for tensor, size in sizes.items() if first[tensor] <= step <= last[tensor])
        for step in range(len(steps))
    ]
    return Live(max(live), max(whole - part for whole, part in zip(live, at_work, strict=True)))


def _steps(model: Any, graph: Any) -> list[set[int]]:
    """For each operation the maps that go in and come out; a reshaped map is the map itself."""
    stored = {index for index, tensor in enumerate(graph.tensors) if model.buffers[tensor.buffer].data is not None}
    own: dict[int, int] = {}
    steps = []
    for node in graph.operators:
        inputs = [own.get(int(tensor), int(tensor)) for tensor in node.inputs if tensor >= 0 and tensor not in stored]
        if flatbuffer.operation(model, node) == "RESHAPE":
            own[int(node.outputs[0])] = inputs[0]
        else:
            steps.append({*inputs, *map(int, node.outputs)})
    return steps
