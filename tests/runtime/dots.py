"""A tiny model whose answers are known: it finds coloured dots. And the files it is converted to, one for each kind of ends.

Five joints. The head is red; the hands are green and the feet blue, the person's left ones in the right half of the crop and
the right ones in the left half, as of a person who faces the camera. So mirrored crops need the flip pairs.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lapx_tf import pixels
from lapx_tf.skeletons import Skeleton
from lapx_tf.spec import ModelSpec, Quantization, TensorSpec, sidecar_of

SIZE = (96, 64)  # height and width differ so that a mix-up shows
HEATMAP = (24, 16)
SKELETON = Skeleton(
    name="dots_5",
    joints=("head", "left_hand", "right_hand", "left_foot", "right_foot"),
    flip_pairs=((1, 2), (3, 4)),
    limbs=((0, 1), (0, 2), (1, 3), (2, 4)),
)
CHANNEL_OF_JOINT = (0, 1, 1, 2, 2)


def write_models(folder: Path) -> dict[str, Path]:
    """The network as a file of each kind, by name, each with its JSON."""
    return {
        "float32": _tflite(folder / "float32.tflite", _dots),
        "int8": _tflite(folder / "int8.tflite", _dots, int8=True),
        "keypoints": _tflite(folder / "keypoints.tflite", _joints, "uint8", kind="keypoints", pixel_values="raw"),
        "onnx": _onnx(folder / "float32.onnx"),
        "raw": _onnx(folder / "raw.onnx", dtype="uint8", pixel_values="raw"),
        "nchw": _onnx(folder / "nchw.onnx", layout="NCHW"),
        "half": _onnx(folder / "half.onnx", output="float16"),
    }


def paint(size: tuple[int, int], points: np.ndarray, radius: float) -> np.ndarray:
    """Soft dots of the joints' colours: uint8 [H, W, 3] from [K, 2] (x, y) and a radius in pixels."""
    y, x = np.mgrid[: size[0], : size[1]]
    image = np.zeros((*size, 3))
    for channel, point in zip(CHANNEL_OF_JOINT, points, strict=True):
        squared = (x - point[0]) ** 2 + (y - point[1]) ** 2
        image[..., channel] = np.maximum(image[..., channel], 255 * np.exp(-squared / (2 * radius**2)))
    return np.rint(image).astype(np.uint8)


def _weights() -> tuple[np.ndarray, np.ndarray]:
    """[3, K] and [K]: the joint's colour less the two others, on normalised pixels."""
    of_colour = 2 * np.eye(3)[list(CHANNEL_OF_JOINT)] - 1
    kernel = (of_colour * pixels.STD).T.astype(np.float32)
    return kernel, (of_colour @ pixels.MEAN).astype(np.float32)


def _mask() -> np.ndarray:
    """[1, h, w, K]: where in the crop a joint may be."""
    mask = np.ones((1, *HEATMAP, 5), np.float32)
    half = HEATMAP[1] // 2
    mask[:, :, :half, [1, 3]] = 0
    mask[:, :, half:, [2, 4]] = 0
    return mask


def _write_sidecar(model: Path, precision: str, source: TensorSpec, target: TensorSpec, **further: Any) -> Path:
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    spec = ModelSpec(model.name, digest, precision, source, target, SKELETON, training={"dataset": "dots"}, **further)
    sidecar_of(model).write_text(json.dumps(spec.to_dict()))
    return model


def _dots(crops: Any) -> Any:
    """Heat maps of normalised crops, in TensorFlow."""
    import tensorflow as tf

    kernel, bias = _weights()
    colours = tf.nn.relu(tf.nn.conv2d(crops, kernel[None, None], 1, "VALID") + bias)
    return tf.nn.avg_pool2d(colours, 4, 4, "VALID") * _mask()


def _joints(crops: Any) -> Any:
    """Joints of raw pixels: everything is inside."""
    import tensorflow as tf

    from lapx_tf.codecs.layers import Decode

    return Decode("quarter")(_dots((tf.cast(crops, tf.float32) / 255 - pixels.MEAN) / pixels.STD))


def _tflite(
    path: Path, function: Callable[[Any], Any], dtype: str = "float32", int8: bool = False, **spec: Any
) -> Path:
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    graph = tf.function(function, input_signature=[tf.TensorSpec((1, *SIZE, 3), dtype, name="crops")])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([graph.get_concrete_function()])
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([pixels.normalize(crop)] for crop in _calibration())
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    path.write_bytes(converter.convert())
    interpreter = Interpreter(str(path))
    ends = (_described(details()[0]) for details in (interpreter.get_input_details, interpreter.get_output_details))
    return _write_sidecar(path, "int8" if int8 else "float32", *ends, **spec)


def _calibration() -> list[np.ndarray]:
    """Crops of extreme pixels, so that int8 holds everything that a crop can give."""
    generator = np.random.default_rng(0)
    noise = [generator.choice([0.0, 255.0], (1, *SIZE, 3)) for _ in range(4)]
    return noise + [np.broadcast_to(255 * np.eye(3)[channel], (1, *SIZE, 3)) for channel in range(3)]


def _described(details: dict) -> TensorSpec:
    scale, zero_point = details["quantization"]
    quantization = Quantization(float(scale), int(zero_point)) if scale else None
    return TensorSpec(details["name"], tuple(map(int, details["shape"])), details["dtype"].__name__, quantization)


def _onnx(path: Path, dtype: str = "float32", output: str = "float32", layout: str = "NHWC", **spec: Any) -> Path:
    import onnx
    from onnx import helper, numpy_helper

    elements = {"float32": onnx.TensorProto.FLOAT, "float16": onnx.TensorProto.FLOAT16, "uint8": onnx.TensorProto.UINT8}
    kernel, bias = _weights()
    scale = np.float32(255 * np.asarray(pixels.STD) if dtype == "uint8" else np.ones(3))
    offset = np.float32(255 * np.asarray(pixels.MEAN) if dtype == "uint8" else np.zeros(3))
    constants = {"kernel": kernel.T[..., None, None], "bias": bias, "mask": _mask(), "scale": scale, "offset": offset}
    nodes = [
        helper.make_node("Cast", ["crops"], ["floats"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["nhwc"], perm=[0, 1, 2, 3] if layout == "NHWC" else [0, 2, 3, 1]),
        helper.make_node("Sub", ["nhwc", "offset"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["normalized"]),
        helper.make_node("Transpose", ["normalized"], ["nchw"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["nchw", "kernel", "bias"], ["conv"]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("AveragePool", ["relu"], ["pool"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Transpose", ["pool"], ["maps"], perm=[0, 2, 3, 1]),
        helper.make_node("Mul", ["maps", "mask"], ["masked"]),
        helper.make_node("Cast", ["masked"], ["heatmaps"], to=elements[output]),
    ]
    source = TensorSpec("crops", (1, *SIZE, 3) if layout == "NHWC" else (1, 3, *SIZE), dtype)
    target = TensorSpec("heatmaps", (1, *HEATMAP, 5), output)
    # The batch is left open, as other tools leave it.
    ends = [
        [helper.make_tensor_value_info(end.name, elements[end.dtype], ("batch", *end.shape[1:]))]
        for end in (source, target)
    ]
    constant_list = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "dots", *ends, constant_list)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return _write_sidecar(path, "float32", source, target, layout=layout, **spec)
