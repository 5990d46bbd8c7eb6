"""LAPX as an ONNX file: the input `image` stays [1, H, W, 3] as everywhere else, the output is called `heatmaps`."""

from collections import Counter
from pathlib import Path

import onnx
import tensorflow as tf
import tf2onnx

from lapx_tf.errors import GateError
from lapx_tf.models.lapx import LAPX
from lapx_tf.spec import TensorSpec


def write(model: LAPX, path: Path, opset: int) -> None:
    """Converts a network.

    The batch is fixed at one: a free one costs 'Shape', 'Gather' and 'Slice' nodes, and the sessions run crop by crop.

    Args:
        model: of a fixed input size.
        path: the file to write.
        opset: version of ONNX' operations.
    """
    height, width = model.image_size
    image = tf.TensorSpec((1, height, width, 3), tf.float32, name="image")
    function = tf.function(lambda image: model(image, training=False), input_signature=[image])
    converted, _ = tf2onnx.convert.from_function(function, [image], opset=opset)
    _rename_output(converted.graph, "heatmaps")
    onnx.checker.check_model(converted, full_check=True)
    onnx.save(converted, str(path))


def _rename_output(graph: onnx.GraphProto, name: str) -> None:
    """The output's own name is `Identity:0`, which says nothing."""
    old, graph.output[0].name = graph.output[0].name, name
    for node in graph.node:
        for ends in (node.input, node.output):
            ends[:] = [name if end == old else end for end in ends]


def tensors(path: Path) -> tuple[TensorSpec, TensorSpec]:
    """The input and the output as the written file describes them."""
    graph = onnx.load(str(path)).graph
    return _described(graph.input[0]), _described(graph.output[0])


def _described(value: onnx.ValueInfoProto) -> TensorSpec:
    tensor = value.type.tensor_type
    dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type).name
    return TensorSpec(value.name, tuple(side.dim_value for side in tensor.shape.dim), dtype)


def operators(path: Path) -> Counter[str]:
    """How often each operation occurs in a file.

    Raises:
        GateError: one of them is not of the ONNX standard.
    """
    nodes = onnx.load(str(path)).graph.node
    custom = {f"{node.domain}.{node.op_type}" for node in nodes if node.domain not in ("", "ai.onnx")}
    if custom:
        raise GateError(f"operations that are not of the ONNX standard: {', '.join(sorted(custom))}")
    return Counter(node.op_type for node in nodes)
