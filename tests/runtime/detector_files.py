"""Tiny detectors whose answers are known: files that look for one colour and say where they saw it.

No trained detector is at hand. What goes into a file shows in its answers: the score is the mean of the colour that the file
looks for, in the box that it gives.
"""

from pathlib import Path
from typing import Any

import numpy as np

YOLOX_SIZE = (64, 96)
CELLS = 8 * 12 + 4 * 6 + 2 * 3


def ssd_tflite(path: Path, dtype: str = "uint8", order: tuple[int, ...] = (0, 1, 2, 3)) -> Path:
    """An SSD-like file of input 40 x 60 that always sees two persons and a dog.

    The scores are the red of the left half, the green of the right half, and 0.95, as the network sees them: 0 to 1.
    """
    import tensorflow as tf

    boxes = np.float32([[[0.25, 0.1, 0.75, 0.4], [0.0, 0.5, 1.0, 1.0], [0.1, 0.1, 0.2, 0.2]]])

    def detect(pixels: Any) -> list[Any]:
        seen = tf.cast(pixels, tf.float32)
        seen = seen / 255 if dtype == "uint8" else (seen + 1) / 2
        red, green = tf.reduce_mean(seen[:, :, :30, 0]), tf.reduce_mean(seen[:, :, 30:, 1])
        scores = tf.stack([red, green, 0.95 + 0 * red])[None]
        count = tf.reshape(3 + 0 * red, (1,))
        given = [boxes + 0 * red, np.float32([[0, 0, 17]]) + 0 * red, scores, count]
        return [tf.identity(given[place]) for place in order]

    graph = tf.function(detect, input_signature=[tf.TensorSpec((1, 40, 60, 3), dtype)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([graph.get_concrete_function()])
    path.write_bytes(converter.convert())
    return path


def yolox_onnx(path: Path, decoded: bool, channels_first: bool = True, classes: int = 2) -> Path:
    """A YOLOX-like file of input 64 x 96: a person at (40, 24), 16 wide and 32 high, seen twice, and somebody of class 1.

    The person's score is the blue of the first pixel, 0 to 1: YOLOX takes BGR.
    """
    import onnx
    from onnx import helper, numpy_helper

    rows = np.zeros((1, CELLS, 5 + classes), np.float32)
    cell = 3 * 12 + 5  # row 3, column 5 of the stride 8
    stride = 8
    if decoded:
        rows[0, :, 0] = np.linspace(4, 92, CELLS)
        rows[0, cell, :4], rows[0, cell + 1, :4] = (40, 24, 16, 32), (41, 24, 16, 32)
        rows[0, 0, :4] = 70, 40, 20, 20
    else:
        rows[0, cell, :4] = 0, 0, np.log(16 / stride), np.log(32 / stride)
        rows[0, cell + 1, :4] = -7 / 8, 0, np.log(16 / stride), np.log(32 / stride)
    rows[0, [cell, cell + 1], 5] = 1, 0.9
    rows[0, 0, 4:7] = 0.9, 0, 0.9  # somebody else
    shape: list[Any] = ["batch", 3, *YOLOX_SIZE] if channels_first else ["batch", *YOLOX_SIZE, 3]
    mask = np.zeros_like(rows)
    mask[0, [cell, cell + 1], 4] = 1 / 255
    constants = {"rows": rows, "mask": mask, "starts": np.int64([0] * 4), "ends": np.int64([1] * 4)}
    nodes = [
        helper.make_node("Slice", ["images", "starts", "ends"], ["first"]),
        helper.make_node("Reshape", ["first", "one"], ["blue"]),
        helper.make_node("Mul", ["blue", "mask"], ["scores"]),
        helper.make_node("Add", ["scores", "rows"], ["output"]),
    ]
    constants["one"] = np.int64([1, 1, 1])
    ends = (
        [helper.make_tensor_value_info("images", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, ["batch", CELLS, 5 + classes])],
    )
    constant_list = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "yolox", *ends, constant_list)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path
