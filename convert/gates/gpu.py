"""What LiteRT's GPU delegate does not take of a file.

The rules are those of the delegate's source (google-ai-edge/LiteRT, tflite/delegates/gpu/common/model_builder.cc, commit
e3b6183): operations it knows, tensors of at most four dimensions, and floats but where an operation is about something else.
Whether a phone's driver then runs them well is another matter. TensorFlow's own check (`Analyzer`, `gpu_compatibility=True`)
calls every file compatible in version 2.21, one with TOPK_V2 too.
"""

from collections import Counter
from collections.abc import Iterable

from convert.gates.nodes import Node, Tensor

_OPERATIONS = """
    ABS ADD ADD_N AVERAGE_POOL_2D BATCH_MATMUL CAST CONCATENATION CONV_2D COS CUMSUM DENSIFY DEPTHWISE_CONV_2D DEPTH_TO_SPACE
    DIV ELU EQUAL EXP FLOOR FLOOR_DIV FLOOR_MOD FULLY_CONNECTED GATHER GELU GREATER GREATER_EQUAL HARD_SWISH LEAKY_RELU LESS
    LESS_EQUAL LOG LOGICAL_AND LOGISTIC LSTM MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL ONE_HOT PACK PAD
    PADV2 POW PRELU REDUCE_MAX REDUCE_MIN REDUCE_PROD RELU RELU6 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR
    RSQRT SELECT SELECT_V2 SIGN SIN SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE STRIDED_SLICE SUB
    SUM TANH TILE TRANSPOSE TRANSPOSE_CONV UNPACK
"""
TAKEN = frozenset(_OPERATIONS.split())

MOST_DIMENSIONS = 4

_FLOATS = frozenset({"FLOAT32", "FLOAT16"})
_COMPARISONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
_CASTS = _FLOATS | {"INT32", "BOOL"}
_INPUTS = {
    "CAST": _CASTS,
    "LOGICAL_AND": _FLOATS | {"BOOL"},
    "ONE_HOT": _FLOATS | {"INT32"},
    "GATHER": _FLOATS | {"INT32"},
}
_INPUTS |= dict.fromkeys(("SELECT", "SELECT_V2"), _FLOATS | {"BOOL"})
_OUTPUTS = {"CAST": _CASTS, "LOGICAL_AND": _FLOATS | {"BOOL"}} | dict.fromkeys(_COMPARISONS, _FLOATS | {"BOOL"})


def not_taken(nodes: Iterable[Node]) -> Counter[str]:
    """How often the delegate would leave an operation to the CPU, by the operation and the reason."""
    return Counter(reason for node in nodes for reason in [_reason(node)] if reason)


def hazards(nodes: Iterable[Node]) -> Counter[str]:
    """What the delegate takes but is reported to do slowly or wrongly on some phones: a maximum over the channels."""
    return Counter(
        "REDUCE_MAX over the channels"
        for node in nodes
        if node.name == "REDUCE_MAX" and node.outputs[0].shape[-1:] == (1,) != node.inputs[0].shape[-1:]
    )


def _reason(node: Node) -> str | None:
    if node.name == "DEQUANTIZE" and all(tensor.constant and tensor.dtype == "FLOAT16" for tensor in node.inputs):
        return None  # half-precision weights, which the delegate reads as they are
    if node.name not in TAKEN:
        return node.name
    dimensions = max(len(tensor.shape) for tensor in node.inputs + node.outputs)
    if dimensions > MOST_DIMENSIONS:
        return f"{node.name} of {dimensions} dimensions"
    wrong = _others(node.inputs, _INPUTS.get(node.name, _FLOATS)) | _others(
        node.outputs, _OUTPUTS.get(node.name, _FLOATS)
    )
    return f"{node.name} of {', '.join(sorted(wrong))}" if wrong else None


def _others(tensors: Iterable[Tensor], accepted: frozenset[str]) -> set[str]:
    return {tensor.dtype for tensor in tensors if not tensor.constant} - accepted
