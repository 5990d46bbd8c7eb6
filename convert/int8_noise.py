"""How much noise the heat maps have if some layers of a network are in int8 and the others in float."""

from collections.abc import Collection

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from convert import tflite, tflite_quantize
from convert.agreement import compare
from convert.graph import inference_function
from convert.graph.options import FOR_INT8, GraphOptions
from lapx_tf.models.lapx import LAPX

Array = NDArray[np.float32]


class Int8Noise:
    """A network that can be made int8 in part, and what it is compared on.

    Args:
        model: of a fixed input size.
        calibration: float32 [N, H, W, 3], normalised crops that the ranges of int8 are made for.
        check: float32 [M, H, W, 3], other ones to compare heat maps on.
        depth: parts of a layer's path that count; what is called the same then is one layer. None for all.

    Attributes:
        layers: their names, in the order of the graph.
    """

    def __init__(self, model: LAPX, calibration: Array, check: Array, depth: int | None = None) -> None:
        content = tflite.float_file(inference_function(model, GraphOptions(rewrites=FOR_INT8)))
        self._check, self._expected = check, _run(content, check)
        self._ranged = tflite_quantize.calibrate(content, calibration)
        named = tflite_quantize.layers(content)
        self._layer_of = {tensor: "/".join(layer.split("/")[:depth]) for tensor, layer in named.items()}
        self.layers = list(dict.fromkeys(self._layer_of.values()))

    def signal_to_noise(self, int8: Collection[str]) -> float:
        """Decibels of the heat maps, against float, if these layers are in int8, weights and activations."""
        in_float = [tensor for tensor, layer in self._layer_of.items() if layer not in int8]
        content = tflite_quantize.from_ranges(self._ranged, in_float, integer_ends=False)
        return compare(self._expected, _run(content, self._check)).signal_to_noise_db


def _run(content: bytes, crops: Array) -> Array:
    """Heat maps [M, h, w, K] of a file that takes and gives floats."""
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    (image,), (heatmaps,) = interpreter.get_input_details(), interpreter.get_output_details()
    answers = []
    for crop in crops:
        interpreter.set_tensor(image["index"], crop[None])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(heatmaps["index"])[0])
    return np.stack(answers)
