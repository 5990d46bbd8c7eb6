"""LAPX as a TensorFlow Lite file: built-in operations only, float32 or full-integer int8."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.lite.python.convert_phase import ConverterError
from tensorflow.lite.tools import flatbuffer_utils

from lapx_tf.errors import GateError
from lapx_tf.models.lapx import LAPX
from lapx_tf.spec import Quantization, TensorSpec


def write(model: LAPX, path: Path, precision: str, calibration: NDArray[np.float32]) -> None:
    """Converts a network.

    Args:
        model: of a fixed input size.
        path: the file to write.
        precision: `float32`, or `int8`: weights per channel, activations per tensor, int8 in and out.
        calibration: float32 [N, H, W, 3], normalised crops whose ranges int8 is made for.

    Raises:
        GateError: the network holds an operation that TensorFlow Lite has not built in.
    """
    height, width = model.image_size
    image = tf.TensorSpec((1, height, width, 3), tf.float32, name="image")
    function = tf.function(lambda image: model(image, training=False), input_signature=[image])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], model)
    # By way of a SavedModel (the default) the weights stay variables, which nothing initialises in the written file.
    converter.experimental_lower_to_saved_model = False
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if precision == "int8":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([crop[None]] for crop in calibration)
        converter.inference_input_type = converter.inference_output_type = tf.int8
    try:
        path.write_bytes(converter.convert())
    except ConverterError as error:
        raise GateError(f"TensorFlow Lite can't express this network: {str(error).strip():.300}") from error


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
