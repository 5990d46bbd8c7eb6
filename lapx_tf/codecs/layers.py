"""Joints from heat maps inside the graph (Keras: any backend): the same decoders as in NumPy, as functions and as a layer.

Maxima, comparisons, selections and sums only: no gather and no argmax, so that LiteRT and ONNX Runtime have every operation
built in, and equal values are told apart as in NumPy on every backend (`keras.ops.argmax` takes -0.0 for less than 0.0).
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from lapx_tf.codecs.dark import FLATTEST, FLOOR
from lapx_tf.geometry import STRIDE, crop_from_heatmap
from lapx_tf.models.layers import Shape, register


def decode(heatmaps: Any) -> Any:
    """The same joints as `lapx_tf.codecs.decode.decode` gives.

    Args:
        heatmaps: [B, h, w, K], finite; h, w and K are known when the graph is built.

    Returns:
        float32 [B, K, 3]: x, y in pixels of the heat map, and the score, the value of the maximum.
    """
    return _refine_maxima(heatmaps, _quarter_offset)


def decode_dark(heatmaps: Any) -> Any:
    """The same joints as `lapx_tf.codecs.dark.decode_dark` gives, up to the rounding of a logarithm.

    Args:
        heatmaps: [B, h, w, K], finite; h, w and K are known when the graph is built.

    Returns:
        float32 [B, K, 3]: x, y in pixels of the heat map, and the score, the value of the maximum.
    """
    return _refine_maxima(heatmaps, _vertex_offset)


IN_GRAPH: Mapping[str, Callable[[Any], Any]] = {"quarter": decode, "dark": decode_dark}
"""The decoders by the names of `lapx_tf.codecs.dark.DECODERS`."""


@register
class Decode(keras.layers.Layer):
    """Joints [B, K, 3] (x, y, score) from heat maps [B, h, w, K]; always in float32, whatever the policy.

    Args:
        decoder: `dark` or `quarter`.
        stride: pixels of the network's input for one of the heat map: the joints are in pixels of the input. With 1 they
            are in pixels of the heat map.

    Raises:
        ValueError: there is no such decoder, or the stride is not positive.
    """

    def __init__(self, decoder: str = "dark", stride: float = STRIDE, **kwargs: Any) -> None:
        # Half precision would round the places of the joints and make neighbours equal.
        super().__init__(autocast=False, **kwargs)
        if decoder not in IN_GRAPH:
            raise ValueError(f"`decoder` must be one of {', '.join(IN_GRAPH)}, got {decoder!r}")
        if stride <= 0:
            raise ValueError(f"`stride` must be positive, got {stride}")
        self.decoder, self.stride = decoder, stride

    def call(self, heatmaps: Any) -> Any:
        """See the class."""
        joints = IN_GRAPH[self.decoder](heatmaps)
        scale, offset = crop_from_heatmap(self.stride)[0, [0, 2]]
        return joints * ops.array([scale, scale, 1.0], "float32") + ops.array([offset, offset, 0.0], "float32")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """[B, K, 3]."""
        return (input_shape[0], input_shape[-1], 3)

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "decoder": self.decoder, "stride": self.stride}


def _refine_maxima(heatmaps: Any, offset: Callable[[Any, Any], Any]) -> Any:
    """See `lapx_tf.codecs.decode.refine_maxima`; lines are [B, n, K] here, and places are float32."""
    heatmaps = ops.cast(heatmaps, "float32")
    score = ops.max(heatmaps, axis=(1, 2))
    # The first row that holds the maximum, then the first place in this row: the first one in reading order.
    y = _first_place(ops.max(heatmaps, axis=2), score)
    rows = ops.sum(ops.where(_is_at(y, heatmaps.shape[1])[:, :, None], heatmaps, 0.0), axis=1)
    x = _first_place(rows, score)
    columns = ops.sum(ops.where(_is_at(x, heatmaps.shape[2])[:, None], heatmaps, 0.0), axis=2)
    return ops.stack([x + offset(rows, x), y + offset(columns, y), score], axis=-1)


def _places(length: int) -> Any:
    return ops.arange(length, dtype="float32")[None, :, None]


def _first_place(lines: Any, value: Any) -> Any:
    """[B, K] the first place in each line [B, n, K] that holds the value [B, K]."""
    length = lines.shape[1]
    return ops.min(ops.where(lines == value[:, None], _places(length), float(length)), axis=1)


def _is_at(place: Any, length: int) -> Any:
    """Whether [B, n, K] each place is the one in `place` [B, K]."""
    return _places(length) == place[:, None]


def _value_at(lines: Any, place: Any) -> Any:
    """[B, K] the value of each line [B, n, K] at its place [B, K], exactly; 0 outside the line."""
    return ops.sum(ops.where(_is_at(place, lines.shape[1]), lines, 0.0), axis=1)


def _quarter_offset(lines: Any, place: Any) -> Any:
    """See `lapx_tf.codecs.decode.quarter_offset`."""
    before = ops.where(place > 0, _value_at(lines, place - 1), -float("inf"))
    after = ops.where(place < lines.shape[1] - 1, _value_at(lines, place + 1), -float("inf"))
    return ops.where(after > before, 0.25, ops.where(after < before, -0.25, 0.0))


def _vertex_offset(lines: Any, place: Any) -> Any:
    """See `lapx_tf.codecs.dark.vertex_offset`."""
    quarter = _quarter_offset(lines, place)
    if lines.shape[1] < 3:
        return quarter
    middle = ops.clip(place, 1.0, float(lines.shape[1] - 2))
    peak = _value_at(lines, place)
    scale = ops.where(peak > 0, peak, 1.0)
    before, at, after = (ops.log(ops.maximum(_value_at(lines, middle + i) / scale, FLOOR)) for i in (-1, 0, 1))
    curvature = (after - at) - (at - before)
    curved = curvature < -FLATTEST
    vertex = (before - after) / (2 * ops.where(curved, curvature, -1.0))
    return ops.where(curved, ops.clip(middle - place + vertex, -0.5, 0.5), quarter)
