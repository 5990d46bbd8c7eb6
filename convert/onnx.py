"""LAPX as an ONNX file: float32, float16 or int8, with operations of the ONNX standard alone.

The ends are called `image` and `heatmaps` or `keypoints`, and are the same in every precision: what is quantised is inside.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from numpy.typing import NDArray

from convert.onnx_precision import with_half_weights, with_int8
from lapx_tf.errors import GateError
from lapx_tf.spec import TensorSpec
from lapx_tf.version import __version__

Array = NDArray[np.float32]

_STANDARD = ("", "ai.onnx")  # the two names of the standard's domain


def write(
    function: Any, path: Path, precision: str, opset: int, layout: str, calibration: Array, about: Mapping[str, str]
) -> None:
    """Converts a graph.

    Args:
        function: a `tf.types.experimental.ConcreteFunction` of one image, see `convert.graph.inference_function`.
        path: the file to write.
        precision: `float32`; `float16`, see `with_half_weights`; or `int8`, see `with_int8`.
        opset: version of ONNX' operations.
        layout: of the input, `nhwc` or `nchw`.
        calibration: [N, H, W, 3], crops whose ranges int8 is made for, in the values that the input takes.
        about: what the file says about itself (`description`, `licence`, ...), stored as its metadata.

    Raises:
        GateError: ONNX has no operation for something in the graph.
    """
    model = _converted(function, opset, layout)
    if precision == "float16":
        model = with_half_weights(model)
    elif precision == "int8":
        crops = calibration if layout == "nhwc" else calibration.transpose(0, 3, 1, 2)
        model = with_int8(model, crops.astype(function.inputs[0].dtype.as_numpy_dtype))
    _describe(model, about)
    _check(model)
    onnx.save(model, str(path))


def _converted(function: Any, opset: int, layout: str) -> onnx.ModelProto:
    (image,), (output,) = function.inputs, function.outputs
    # tf2onnx takes functions that are not traced yet, and calls the output by its key.
    model, _ = tf2onnx.convert.from_function(
        tf.function(lambda image: {output.op.name: function(image)}),
        [tf.TensorSpec(image.shape, image.dtype, name=image.op.name)],
        opset=opset,
        inputs_as_nchw=[image.name] if layout == "nchw" else None,
    )
    for node in model.graph.node:
        _use_standard_resize(node)
    return model


def _use_standard_resize(node: onnx.NodeProto) -> None:
    """Replaces a mode of Resize that the standard dropped in opset 13, but tf2onnx still writes.

    For a factor that is a whole number n, as all are here, both modes take pixel floor(i / n) for pixel i.
    """
    for attribute in node.attribute if node.op_type == "Resize" else ():
        if attribute.s == b"tf_half_pixel_for_nn":
            attribute.s = b"asymmetric"


def _describe(model: onnx.ModelProto, about: Mapping[str, str]) -> None:
    onnx.helper.set_model_props(model, dict(about))
    model.doc_string = about.get("description", "")
    model.producer_name, model.producer_version = "lapx-tf", __version__
    # The quantiser declares ONNX Runtime's own operations, even where it uses none.
    used = {node.domain for node in model.graph.node}
    declared = [opset for opset in model.opset_import if opset.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(declared)


def _check(model: onnx.ModelProto) -> None:
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        # What tf2onnx can't convert stays in the graph as it is, and is found here.
        raise GateError(f"ONNX can't express this network: {str(error).strip():.300}") from error


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
    custom = {f"{node.domain}.{node.op_type}" for node in nodes if node.domain not in _STANDARD}
    if custom:
        raise GateError(f"operations that are not of the ONNX standard: {', '.join(sorted(custom))}")
    return Counter(node.op_type for node in nodes)
