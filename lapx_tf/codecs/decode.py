"""Joints from heat maps (NumPy only: this runs on the device)."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def decode(heatmaps: Array) -> Array:
    """The maximum of each heat map, moved a quarter pixel towards the larger neighbour in x and in y.

    The quarter offset is the paper's (and Newell et al., ECCV 2016): it halves the error of the grid without a fit. Outside
    the map everything counts as lower, so on the border the joint moves inwards.

    Args:
        heatmaps: [B, h, w, K], any float type.

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
    bordered = np.pad(planes, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    of_sample, of_joint = np.arange(batch)[:, None], np.arange(joints)[None]

    def value(dx: int, dy: int) -> Array:
        return bordered[of_sample, of_joint, y + 1 + dy, x + 1 + dx]

    # Comparisons, not a difference: infinities on both sides of a map one pixel wide would give NaN.
    shift_x = 0.25 * ((value(1, 0) > value(-1, 0)) * 1.0 - (value(1, 0) < value(-1, 0)))
    shift_y = 0.25 * ((value(0, 1) > value(0, -1)) * 1.0 - (value(0, 1) < value(0, -1)))
    return np.stack([x + shift_x, y + shift_y, value(0, 0)], axis=-1).astype(np.float32)


def merge_flipped(heatmaps: Array, of_mirrored: Array, flip_order: list[int]) -> Array:
    """The flip test: the mean of the heat maps and those of the mirrored crop, mirrored back.

    Under this package's pixel convention (see `geometry`) heat maps mirror exactly, so the one-pixel shift with which
    other code bases repair their x / stride mapping has nothing to repair here and is not applied.

    Args:
        heatmaps: [B, h, w, K] of the crops.
        of_mirrored: [B, h, w, K] of the crops mirrored in x.
        flip_order: [K] from `Skeleton.flip_order`.

    Returns:
        float32 [B, h, w, K].
    """
    return np.asarray((heatmaps + of_mirrored[:, :, ::-1][..., flip_order]) / 2, np.float32)
