"""A tiny model whose answers are known: it finds coloured dots.

Five joints. The head is red; the hands are green and the feet blue, the person's left ones in the right half of the crop and
the right ones in the left half, as of a person who faces the camera. So mirrored crops need the flip pairs.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

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


def _write_sidecar(model: Path, precision: str, source: TensorSpec, target: TensorSpec) -> Path:
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    spec = ModelSpec(model.name, digest, precision, source, target, SKELETON, training={"dataset": "dots"})
    sidecar_of(model).write_text(json.dumps(spec.to_dict()))
    return model


def _described(details: dict) -> TensorSpec:
    scale, zero_point = details["quantization"]
    quantization = Quantization(float(scale), int(zero_point)) if scale else None
    return TensorSpec(details["name"], tuple(map(int, details["shape"])), details["dtype"].__name__, quantization)


def _convert(int8: bool) -> bytes:
    import tensorflow as tf

    kernel, bias = _weights()

    @tf.function(input_signature=[tf.TensorSpec((1, *SIZE, 3), tf.float32, name="crops")])
    def dots(crops: tf.Tensor) -> tf.Tensor:
        colours = tf.nn.relu(tf.nn.conv2d(crops, kernel[None, None], 1, "VALID") + bias)
        return tf.nn.avg_pool2d(colours, 4, 4, "VALID") * _mask()

    converter = tf.lite.TFLiteConverter.from_concrete_functions([dots.get_concrete_function()])
    if int8:
        generator = np.random.default_rng(0)
        samples = [generator.choice([0.0, 255.0], (1, *SIZE, 3)) for _ in range(4)]
        samples += [np.broadcast_to(255 * np.eye(3)[channel], (1, *SIZE, 3)) for channel in range(3)]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([pixels.normalize(sample)] for sample in samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def _tflite(folder: Path, int8: bool) -> Path:
    from ai_edge_litert.interpreter import Interpreter

    model = folder / ("int8.tflite" if int8 else "float32.tflite")
    model.write_bytes(_convert(int8))
    interpreter = Interpreter(str(model))
    ends = (_described(details()[0]) for details in (interpreter.get_input_details, interpreter.get_output_details))
    return _write_sidecar(model, "int8" if int8 else "float32", *ends)


def _onnx(folder: Path) -> Path:
    import onnx
    from onnx import helper, numpy_helper

    kernel, bias = _weights()
    constants = {"kernel": kernel.T[..., None, None], "bias": bias, "mask": _mask()}
    nodes = [
        helper.make_node("Transpose", ["crops"], ["nchw"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["nchw", "kernel", "bias"], ["conv"]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("AveragePool", ["relu"], ["pool"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Transpose", ["pool"], ["nhwc"], perm=[0, 2, 3, 1]),
        helper.make_node("Mul", ["nhwc", "mask"], ["heatmaps"]),
    ]
    source, target = TensorSpec("crops", (1, *SIZE, 3)), TensorSpec("heatmaps", (1, *HEATMAP, 5))
    # The batch is left open, as tf2onnx leaves it.
    ends = [
        [helper.make_tensor_value_info(end.name, onnx.TensorProto.FLOAT, ("batch", *end.shape[1:]))]
        for end in (source, target)
    ]
    constant_list = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "dots", *ends, constant_list)
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    model = folder / "float32.onnx"
    onnx.save(content, model)
    return _write_sidecar(model, "float32", source, target)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same network as three files, by name; not to be changed (see `copy_of`)."""
    folder = tmp_path_factory.mktemp("models")
    return {"onnx": _onnx(folder), "float32": _tflite(folder, int8=False), "int8": _tflite(folder, int8=True)}


@pytest.fixture
def copy_of(models: dict[str, Path], tmp_path: Path) -> Callable[..., Path]:
    """Copies a model and its JSON, with fields of the spec replaced."""

    def copy(name: str, **changes: object) -> Path:
        model = tmp_path / models[name].name
        model.write_bytes(models[name].read_bytes())
        spec = ModelSpec.from_dict(json.loads(sidecar_of(models[name]).read_text()))
        sidecar_of(model).write_text(json.dumps(replace(spec, **changes).to_dict()))
        return model

    return copy


@pytest.fixture(scope="session")
def paint() -> Callable[..., np.ndarray]:
    """Paints soft dots of the joints' colours: uint8 [H, W, 3] from [K, 2] (x, y) and a radius in pixels."""

    def painted(size: tuple[int, int], points: np.ndarray, radius: float) -> np.ndarray:
        y, x = np.mgrid[: size[0], : size[1]]
        image = np.zeros((*size, 3))
        for channel, point in zip(CHANNEL_OF_JOINT, points, strict=True):
            squared = (x - point[0]) ** 2 + (y - point[1]) ** 2
            image[..., channel] = np.maximum(image[..., channel], 255 * np.exp(-squared / (2 * radius**2)))
        return np.rint(image).astype(np.uint8)

    return painted


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    """The five dots."""
    return SKELETON
