"""Heat maps from joints, and joints from heat maps inside the graph (Keras: any backend)."""

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


def decode(heatmaps: Any) -> Any:
    """The same joints as `lapx_tf.codecs.decode.decode` gives.

    Args:
        heatmaps: [B, h, w, K].

    Returns:
        float32 [B, K, 3]: x, y in pixels of the heat map, and the value of the maximum.
    """
    _, height, width, joints = heatmaps.shape
    flat = ops.reshape(heatmaps, (-1, height * width, joints))
    best = ops.argmax(flat, axis=1)
    y, x = best // width, best % width

    def value(dx: int, dy: int) -> Any:
        inside = (x + dx >= 0) & (x + dx < width) & (y + dy >= 0) & (y + dy < height)
        at = ops.clip(best + dy * width + dx, 0, height * width - 1)
        found = ops.take_along_axis(flat, ops.expand_dims(at, 1), axis=1)[:, 0]
        return ops.where(inside, found, -float("inf"))

    def towards(after: Any, before: Any) -> Any:
        return ops.where(after > before, 0.25, ops.where(after < before, -0.25, 0.0))

    x_moved = ops.cast(x, "float32") + towards(value(1, 0), value(-1, 0))
    y_moved = ops.cast(y, "float32") + towards(value(0, 1), value(0, -1))
    return ops.stack([x_moved, y_moved, value(0, 0)], axis=-1)
