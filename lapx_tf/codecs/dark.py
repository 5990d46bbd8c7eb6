"""Joints from heat maps without the bias of the grid (NumPy only: this runs on the device)."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from lapx_tf.codecs.decode import Array, decode, quarter_offset, refine_maxima, value_at

FLOOR = 1e-3
"""Part of the maximum that smaller values, negative ones included, count as: a logarithm needs positive values. It is low
enough for target Gaussians, whose smallest value used, for sigma 1 on the border, is 0.05 of the maximum."""

FLATTEST = 1e-3
"""Curvature of the logarithm, in 1 / pixel², below which a map is flat: that of a Gaussian of sigma 32."""


def decode_dark(heatmaps: Array) -> Array:
    """The vertex of the parabola through the logarithms of three values around the maximum, in x and in y.

    The logarithm of a Gaussian is a parabola, so the joint of a target heat map comes back exactly, whatever its sigma. This
    is the Taylor expansion of DARK (Zhang et al., CVPR 2020) without its mixed derivative, so that each axis is bounded by
    itself, and without its blur, which is not exact near the border. There the three values are the last ones inside the
    map, on which a Gaussian's parabola is the same.

    The joint stays within half a pixel of the maximum. Where the three values show no maximum (a flat map, nothing positive, a
    border from which the map falls ever more slowly, fewer than three pixels) the quarter offset of `decode` is taken.

    Args:
        heatmaps: [B, h, w, K], any float type, finite.

    Returns:
        float32 [B, K, 3]: x, y in pixels of the heat map, and the score, the value of the maximum.

    Raises:
        ValueError: `heatmaps` has not four dimensions.
    """
    return refine_maxima(heatmaps, vertex_offset)


def vertex_offset(lines: Array, place: NDArray[np.intp]) -> Array:
    """From the maximum to the vertex, see `lapx_tf.codecs.decode.Offset`."""
    quarter = quarter_offset(lines, place)
    if lines.shape[-1] < 3:
        return quarter
    middle = place.clip(1, lines.shape[-1] - 2)
    peak = value_at(lines, place)
    # Without a positive value all three become FLOOR: no curvature.
    scale = np.where(peak > 0, peak, 1)
    before, at, after = (np.log(np.maximum(value_at(lines, middle + i) / scale, FLOOR)) for i in (-1, 0, 1))
    curvature = (after - at) - (at - before)
    curved = curvature < -FLATTEST
    vertex = (before - after) / (2 * np.where(curved, curvature, -1))
    return np.where(curved, np.clip(middle - place + vertex, -0.5, 0.5), quarter)


DECODERS: Mapping[str, Callable[[Array], Array]] = {"quarter": decode, "dark": decode_dark}
"""The decoders by the names that commands and files know them by."""
