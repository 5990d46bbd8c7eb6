"""The graph's operations on feature maps [B, H, W, C]; their heights and widths are known when the graph is built."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from convert.graph.options import Rewrite
from convert.graph.weights import Affine, Array, Conv

Rewrites = frozenset[Rewrite]

COLUMNS = 8
"""Width of a block in `convolve_to_one_map`. Heat maps of most sizes divide by it, and it fills a vector unit of 256 bits."""


def shape_of(x: tf.Tensor) -> tuple[int, ...]:
    """All sides, which are known when the graph is built."""
    shape: Any = x.shape
    return tuple(shape)


def constant(values: Array) -> tf.Tensor:
    """Folded weights as the graph holds them."""
    return tf.constant(values, tf.float32)


def convolve(
    x: tf.Tensor, conv: Conv, strides: tuple[int, int] = (1, 1), padding: Literal["SAME", "VALID"] = "SAME"
) -> tf.Tensor:
    """[B, H, W, C] -> [B, height, width, outputs]; strides down and to the right."""
    with tf.name_scope(conv.name):
        y = tf.nn.conv2d(x, constant(conv.kernel), strides, padding)
        return tf.nn.bias_add(y, constant(conv.bias))


def convolve_depthwise(x: tf.Tensor, conv: Conv) -> tf.Tensor:
    """[B, H, W, C] -> the same shape."""
    with tf.name_scope(conv.name):
        y = tf.nn.depthwise_conv2d(x, constant(conv.kernel.swapaxes(2, 3)), (1, 1, 1, 1), "SAME")
        return tf.nn.bias_add(y, constant(conv.bias))


def convolve_image(image: tf.Tensor, conv: Conv, rewrites: Rewrites) -> tf.Tensor:
    """The 7x7 convolution with stride 2 and three pixels of padding all around.

    Args:
        image: [B, H, W, C], W even.
        conv: kernel [7, 7, C, outputs].
        rewrites: see `Rewrite.PAIRED_COLUMNS`.

    Returns:
        [B, H / 2, W / 2, outputs].
    """
    if Rewrite.PAIRED_COLUMNS not in rewrites:
        return convolve(tf.pad(image, ((0, 0), (3, 3), (3, 3), (0, 0))), conv, (2, 2), "VALID")
    _, height, width, channels = shape_of(image)
    pairs = tf.reshape(image, (-1, height, width // 2, 2 * channels))
    # Output x sees the columns 2x - 3 to 2x + 3: of the pairs x - 2 to x + 1 all but the very first column.
    kernel = np.pad(conv.kernel, ((0, 0), (1, 0), (0, 0), (0, 0))).reshape(7, 4, 2 * channels, -1)
    return convolve(tf.pad(pairs, ((0, 0), (3, 3), (2, 1), (0, 0))), replace(conv, kernel=kernel), (2, 1), "VALID")


def normalize(x: tf.Tensor, norm: Affine, rewrites: Rewrites) -> tf.Tensor:
    """[B, H, W, C] -> the same shape."""
    if Rewrite.NORM_IN_ONE_PASS in rewrites:
        return convolve_depthwise(x, Conv.scaling(norm))
    with tf.name_scope(norm.name):
        return x * constant(norm.scale) + constant(norm.offset)


def max_pool(x: tf.Tensor) -> tf.Tensor:
    """2x2, sides rounded up."""
    return tf.nn.max_pool2d(x, 2, 2, "SAME")


def add_upsampled(low: tf.Tensor, skip: tf.Tensor, rewrites: Rewrites) -> tf.Tensor:
    """`skip` [B, H, W, C] plus `low` [B, H / 2, W / 2, C], sides rounded up, enlarged by repetition and cut to size."""
    (_, rows, columns, _), (_, height, width, channels) = shape_of(low), shape_of(skip)
    if Rewrite.BROADCAST_UPSAMPLE not in rewrites:
        return _cut(tf.image.resize(low, (2 * rows, 2 * columns), "nearest"), height, width) + skip
    if (2 * rows, 2 * columns) != (height, width):
        skip = tf.pad(skip, ((0, 0), (0, 2 * rows - height), (0, 2 * columns - width), (0, 0)))
    pairs = tf.reshape(skip, (-1, rows, 2, columns, 2, channels))
    total = pairs + tf.reshape(low, (-1, rows, 1, columns, 1, channels))
    return _cut(tf.reshape(total, (-1, 2 * rows, 2 * columns, channels)), height, width)


def _cut(x: tf.Tensor, height: int, width: int) -> tf.Tensor:
    # A slice of everything would be a pass over memory.
    return x if shape_of(x)[1:3] == (height, width) else x[:, :height, :width]


def convolve_to_one_map(maps: list[tf.Tensor], kernel: Array, rewrites: Rewrites) -> tf.Tensor:
    """A convolution from some single maps, each [B, H, W, 1], to one [B, H, W, 1], without a bias.

    Args:
        maps: the C maps.
        kernel: [height, width, C, 1], sides odd.
        rewrites: see `Rewrite.COLUMN_BLOCKS`.
    """
    _, height, width, _ = shape_of(maps[0])
    if Rewrite.COLUMN_BLOCKS not in rewrites or width % COLUMNS:
        return tf.nn.conv2d(tf.concat(maps, -1), constant(kernel), 1, "SAME")
    # Where channels are the innermost dimension, columns can be called channels without moving anything.
    blocks = [tf.reshape(one, (-1, height, width // COLUMNS, COLUMNS)) for one in maps]
    y = tf.nn.conv2d(tf.concat(blocks, -1), constant(kernel_of_blocks(kernel, COLUMNS)), 1, "SAME")
    return tf.reshape(y, (-1, height, width, 1))


def kernel_of_blocks(kernel: Array, columns: int) -> Array:
    """A convolution to one map, over blocks of columns in place of columns.

    Args:
        kernel: [h, w, C, 1], w odd.
        columns: of a block.

    Returns:
        [h, blocks that w reaches into, C * columns, columns]: output o of a block sees input i of the block b further right
        through the tap that is b * columns + i - o columns from the middle, or not at all.
    """
    height, width, channels, _ = kernel.shape
    reach = -(-(width // 2) // columns)
    blocked = np.zeros((height, 2 * reach + 1, channels, columns, columns))
    for output in range(columns):
        for tap in range(width):
            block, column = divmod(output + tap - width // 2, columns)
            blocked[:, block + reach, :, column, output] = kernel[:, tap, :, 0]
    return blocked.reshape(height, 2 * reach + 1, channels * columns, columns)
