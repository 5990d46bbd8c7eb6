"""LAPX as a TensorFlow Lite file: built-in operations only, in floats, with int8 weights, or in integers throughout."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.lite.python.convert_phase import ConverterError
from tensorflow.lite.tools import flatbuffer_utils

from convert import flatbuffer, tflite_metadata, tflite_quantize
from lapx_tf.errors import GateError, InputError
from lapx_tf.spec import Quantization, TensorSpec

PRECISIONS = ("float32", "float16", "dynamic", "int8", "int16x8")
"""`float16`: weights in half; the runtime computes in float32 from them, or in half where the hardware does. `dynamic`: int8
weights; the runtime quantises activations as they come. `int8`: all in int8. `int16x8`: int16 activations, int8 weights."""


def write(
    function: Any,
    path: Path,
    precision: str,
    calibration: NDArray[Any] | None = None,
    *,
    about: Mapping[str, str] | None = None,
    keep_float: Sequence[str] = (),
) -> None:
    """Converts a network.

    The quantised files take and give integers: int8, or int16 with int16x8. An image of bytes goes in as uint8 whatever the
    precision, with a scale of one and a zero point of zero; joints come out as float32.

    Args:
        function: of `convert.graph.inference_function`: from `image` to `heatmaps` or `keypoints`.
        path: the file to write.
        precision: one of `PRECISIONS`.
        calibration: [N, H, W, 3], crops in the numbers that `function` takes, to find the ranges for int8 and int16x8.
        about: what the file says about itself, see `tflite_metadata.described`.
        keep_float: names of layers that int8 leaves in float, whole or as they begin, such as `stack1/attention`.

    Raises:
        GateError: the network holds an operation that TensorFlow Lite has not built in.
        InputError: the precision is unknown or can't be had, crops are missing, or there is no such layer.
    """
    if precision not in PRECISIONS:
        raise InputError(f"a TensorFlow Lite file is offered in {', '.join(PRECISIONS)}, got {precision!r}")
    content = float_file(function, precision)
    if precision in ("int8", "int16x8"):
        if calibration is None or not len(calibration):
            raise InputError(f"{precision} needs crops to find the ranges of its activations, got none")
        content = (
            tflite_quantize.int8(content, calibration, keep_float)
            if precision == "int8"
            else tflite_quantize.int16x8(content, calibration)
        )
    # The quantisers give the ends names of their own.
    content = tflite_metadata.named(content, function.inputs[0].op.name, function.outputs[0].op.name)
    path.write_bytes(tflite_metadata.described(content, about or {}))


def float_file(function: Any, precision: str = "float32") -> bytes:
    """The content of a file that computes in float; anything but `float16` and `dynamic` has its weights in float32."""
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], tf.Module())
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if precision in ("float16", "dynamic"):
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    try:
        content = _with_bytes_as_numbers(converter.convert())
    except ConverterError as error:
        raise GateError(f"TensorFlow Lite can't express this network: {str(error).strip():.300}") from error
    return _with_unequal_scales(content) if precision == "dynamic" else content


def _with_unequal_scales(content: bytes) -> bytes:
    """Moves the first scale of a kernel by its last bit where all of them are equal, as in `Rewrite.COLUMN_BLOCKS`.

    tflite-runtime 2.14 takes equal scales for a single one of the whole kernel, which it then reads as 0: it gives zeros.
    """
    model = flatbuffer.parse(content)
    for tensor in model.subgraphs[0].tensors:
        stored = tensor.quantization
        scales = [] if stored is None or stored.scale is None else list(stored.scale)
        if stored is not None and len(scales) > 1 and len(set(scales)) == 1:
            stored.scale = [float(np.nextafter(np.float32(scales[0]), np.float32(1))), *scales[1:]]
    return flatbuffer.pack(model)


def _with_bytes_as_numbers(content: bytes) -> bytes:
    """Reads an image of bytes by DEQUANTIZE, with a scale of one, in place of CAST, which XNNPACK does not take."""
    model = flatbuffer.parse(content)
    graph = model.subgraphs[0]
    for node in graph.operators:
        if flatbuffer.operation(model, node) == "CAST" and node.inputs[0] == graph.inputs[0]:
            flatbuffer.set_operation(model, node, flatbuffer.Builtin.DEQUANTIZE)
            graph.tensors[graph.inputs[0]].quantization = flatbuffer.quantization(1.0, 0)
    return flatbuffer.pack(model)


def tensors(path: Path) -> tuple[TensorSpec, TensorSpec]:
    """The input and the output as the written file describes them."""
    model: Any = flatbuffer_utils.read_model(str(path))
    graph = model.subgraphs[0]
    return _described(graph.tensors[graph.inputs[0]]), _described(graph.tensors[graph.outputs[0]])


def _described(tensor: Any) -> TensorSpec:
    stored: Any = tensor.quantization
    pairs = [] if stored is None or stored.scale is None else list(zip(stored.scale, stored.zeroPoint, strict=True))
    return TensorSpec(
        name=tensor.name.decode(),
        shape=tuple(int(side) for side in tensor.shape),
        dtype=str(flatbuffer_utils.type_to_name(tensor.type)).lower(),
        quantization=Quantization(float(pairs[0][0]), int(pairs[0][1])) if len(pairs) == 1 else None,
    )


def operators(path: Path) -> Counter[str]:
    """How often each operation occurs in a file.

    Raises:
        GateError: one of them is a TensorFlow operation (Flex) or a custom one, which plain LiteRT does not have.
    """
    model: Any = flatbuffer_utils.read_model(str(path))
    nodes = [node for graph in model.subgraphs for node in graph.operators]
    # The converter writes TensorFlow's operations as custom ones called Flex...
    custom = {_custom_name(model, node) for node in nodes} - {""}
    if custom:
        raise GateError(f"operations that plain LiteRT does not have: {', '.join(sorted(custom))}")
    return Counter(str(flatbuffer_utils.opcode_to_name(model, node.opcodeIndex)) for node in nodes)


def _custom_name(model: Any, node: Any) -> str:
    custom = model.operatorCodes[node.opcodeIndex].customCode
    return custom.decode() if custom else ""
