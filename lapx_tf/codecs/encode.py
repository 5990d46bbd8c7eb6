"""Heat maps from joints (Keras: any backend)."""

from typing import Any

from keras import ops


def encode(joints: Any, size: tuple[int, int], sigma: float) -> Any:
    """Gaussian heat maps with sub-pixel centres and maximum 1.

    Args:
        joints: [B, K, 3] (x, y, weight), pixels of the heat map. The weight does not change the map.
        size: (height, width) of the heat map.
        sigma: deviation of the Gaussian in pixels of the heat map.

    Returns:
        float32 [B, h, w, K].
    """
    along_x, along_y = (
        ops.exp(
            -ops.square(ops.arange(length, dtype="float32")[None, :, None] - joints[:, None, :, axis]) / (2 * sigma**2)
        )
        for axis, length in ((0, size[1]), (1, size[0]))
    )
    return along_y[:, :, None, :] * along_x[:, None, :, :]
