"""No island of float in an integer graph: TensorFlow's quantiser is shown operations that it knows in place of ELU.

The quantiser knows nothing of ELU and leaves every one in float, between DEQUANTIZE and QUANTIZE, with whatever lies between
two of them, although TensorFlow Lite and XNNPACK have an int8 kernel. LEAKY_RELU takes the same part in a graph, one tensor in
and one of another range out, and the quantiser knows it. So ELU goes through it as LEAKY_RELU and comes back as ELU. The int8
kernel of ELU looks up in a table what float gives for each of the 256 values, so nothing is lost against the island.

For int16 there is no kernel of ELU; there it is taken apart into operations that there is one for.
"""

from collections.abc import Collection
from typing import Any

from tensorflow.lite.python import schema_py_generated as schema

from convert import flatbuffer
from convert.flatbuffer import Builtin

_ELU, _SAME = 0.5, 1.0
"""Slopes of LEAKY_RELU that tell what it stands for: ELU, or a change of scale alone. Nothing computes with the first."""


def with_stand_ins(content: bytes, keep_float: Collection[str] = ()) -> bytes:
    """Prepares a float file with ranges (`tflite_quantize.calibrate`) for the quantiser.

    CONCATENATION needs one scale for all its tensors, and the quantiser gives that of its output not only to its inputs but
    to what they were made of by REDUCE_MAX, RESHAPE and the like, of which it then cuts off what lies outside. So each input
    of another range has its scale changed first.

    Args:
        content: of the file.
        keep_float: names of tensors whose operations the quantiser will leave in float.
    """
    model = flatbuffer.parse(content)
    graph = model.subgraphs[0]
    nodes = []
    for node in graph.operators:
        name = flatbuffer.operation(model, node)
        if name == "ELU":
            flatbuffer.set_operation(model, node, Builtin.LEAKY_RELU, _leaky_relu(_ELU))
        elif name == "CONCATENATION" and flatbuffer.name_of(graph, int(node.outputs[0])) not in keep_float:
            nodes += _change_of_scales(model, graph, node)
        nodes.append(node)
    graph.operators = nodes
    return flatbuffer.pack(model)


def without_stand_ins(content: bytes) -> bytes:
    """Puts ELU in the place of what stands for it in a quantised file, and QUANTIZE for a change of scale."""
    model = flatbuffer.parse(content)
    graph = model.subgraphs[0]
    for node in graph.operators:
        if flatbuffer.operation(model, node) != "LEAKY_RELU":
            continue
        if node.builtinOptions.alpha == _ELU:
            flatbuffer.set_operation(model, node, Builtin.ELU)
        else:
            flatbuffer.set_operation(model, node, Builtin.QUANTIZE, schema.QuantizeOptionsT())
    return flatbuffer.pack(model)


def with_elu_in_parts(content: bytes) -> bytes:
    """Takes every ELU of a float file apart: elu(x) = p + (exp(x - p) - 1) with p = max(x, 0), exactly."""
    model = flatbuffer.parse(content)
    graph = model.subgraphs[0]
    minus_one, nodes = flatbuffer.add_constant(model, -1, "minus_one"), []
    for node in graph.operators:
        if flatbuffer.operation(model, node) == "ELU":
            nodes += _elu_in_parts(model, graph, int(node.inputs[0]), int(node.outputs[0]), minus_one)
        else:
            nodes.append(node)
    graph.operators = nodes
    return flatbuffer.pack(model)


def _change_of_scales(model: Any, graph: Any, node: Any) -> list[Any]:
    """Gives CONCATENATION inputs of its output's range; returns the operators that make them."""
    (output,), made = node.outputs, []
    common = graph.tensors[output].quantization
    for place, source in enumerate(map(int, node.inputs)):
        own = graph.tensors[source].quantization
        if common is None or own is None or (own.min[0], own.max[0]) == (common.min[0], common.max[0]):
            continue
        changed = flatbuffer.add_tensor(graph, source, f"{flatbuffer.name_of(graph, source)}/scaled{place}")
        graph.tensors[changed].quantization = common
        node.inputs[place] = changed
        made.append(flatbuffer.operator(model, Builtin.LEAKY_RELU, [source], [changed], _leaky_relu(_SAME)))
    return made


def _elu_in_parts(model: Any, graph: Any, x: int, y: int, minus_one: int) -> list[Any]:
    names = ("positive", "negative", "exponential", "below_zero")
    own = flatbuffer.name_of(graph, y)
    positive, negative, exponential, below = (flatbuffer.add_tensor(graph, y, f"{own}/{name}") for name in names)
    parts = (
        (Builtin.RELU, [x], positive, None),
        (Builtin.SUB, [x, positive], negative, schema.SubOptionsT()),
        (Builtin.EXP, [negative], exponential, schema.ExpOptionsT()),
        (Builtin.ADD, [exponential, minus_one], below, schema.AddOptionsT()),
        (Builtin.ADD, [below, positive], y, schema.AddOptionsT()),
    )
    return [flatbuffer.operator(model, code, inputs, [output], options) for code, inputs, output, options in parts]


def _leaky_relu(slope: float) -> Any:
    options = schema.LeakyReluOptionsT()
    options.alpha = slope
    return options
