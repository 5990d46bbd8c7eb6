"""Joints from heat maps (NumPy only: this runs on the device)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

Offset = Callable[[Array, NDArray[np.intp]], Array]
"""Where a joint lies beside its maximum: from lines [B, K, n] through the maxima and their places [B, K] on them to the
offsets [B, K] along the lines, all in pixels of the heat map."""


def decode(heatmaps: Array) -> Array:
    """The maximum of each heat map, moved a quarter pixel towards the larger neighbour in x and in y.

    The quarter offset is the paper's (and Newell et al., ECCV 2016): it halves the error of the grid without a fit. Outside
    the map everything counts as lower, so on the border the joint moves inwards.

    Args:
        heatmaps: [B, h, w, K], any float type, finite.

    Returns:
        float32 [B, K, 3]: x, y in pixels of the heat map, and the score, the value of the maximum.

    Raises:
        ValueError: `heatmaps` has not four dimensions.
    """
    return refine_maxima(heatmaps, quarter_offset)


def refine_maxima(heatmaps: Array, offset: Offset) -> Array:
    """The maximum of each heat map, the first one in reading order, moved along its row and along its column.

    Args:
        heatmaps: [B, h, w, K], any float type, finite.
        offset: by how much to move.

    Returns:
        float32 [B, K, 3]: x, y in pixels of the heat map, and the score, the value of the maximum.

    Raises:
        ValueError: `heatmaps` has not four dimensions.
    """
    if heatmaps.ndim != 4:
        raise ValueError(f"heat maps must have the shape [B, h, w, K], got {list(heatmaps.shape)}")
    batch, _, width, joints = heatmaps.shape
    planes = np.moveaxis(heatmaps, -1, 1).astype(np.float32, copy=False)
    y, x = np.divmod(planes.reshape(batch, joints, -1).argmax(axis=-1), width)
    of_sample, of_joint = np.arange(batch)[:, None], np.arange(joints)[None]
    rows, columns = planes[of_sample, of_joint, y], planes[of_sample, of_joint, :, x]
    score = planes[of_sample, of_joint, y, x]
    return np.stack([x + offset(rows, x), y + offset(columns, y), score], axis=-1).astype(np.float32)


def quarter_offset(lines: Array, place: NDArray[np.intp]) -> Array:
    """A quarter towards the larger neighbour, see `Offset`; 0 where they are equal."""
    bordered = np.pad(lines, ((0, 0), (0, 0), (1, 1)), constant_values=-np.inf)
    before, after = value_at(bordered, place), value_at(bordered, place + 2)
    # Comparisons, not a difference: infinities on both sides of a map one pixel wide would give NaN.
    return 0.25 * ((after > before).astype(np.float32) - (after < before))


def value_at(lines: Array, place: NDArray[np.intp]) -> Array:
    """[B, K] the value of each line [B, K, n] at its place [B, K]."""
    return np.take_along_axis(lines, place[..., None], axis=-1)[..., 0]


def merge_flipped(heatmaps: Array, of_mirrored: Array, flip_order: list[int], shift: int = 0) -> Array:
    """The flip test: the mean of the heat maps and those of the mirrored crop, mirrored back.

    Under this package's pixel convention (see `geometry`) heat maps mirror exactly, so there is nothing to shift. A network
    that was trained elsewhere to put the joint x of the crop at x / 4 of the heat map (Newell et al., ECCV 2016; Xiao et
    al., ECCV 2018) sees a mirrored joint 3/4 pixels too far left once mirrored back; those code bases shift by one pixel.

    Args:
        heatmaps: [B, h, w, K] of the crops.
        of_mirrored: [B, h, w, K] of the crops mirrored in x.
        flip_order: [K] from `Skeleton.flip_order`.
        shift: pixels of the heat map by which the maps that were mirrored back move to the right; the first column fills
            the gap. 1 for a network of the x / 4 mapping, 0 for one of this package.

    Returns:
        float32 [B, h, w, K].
    """
    width = heatmaps.shape[2]
    mirrored_back = of_mirrored[:, :, ::-1][..., flip_order]
    shifted = mirrored_back[:, :, np.clip(np.arange(width) - shift, 0, width - 1)] if shift else mirrored_back
    return np.asarray((heatmaps + shifted) / 2, np.float32)
