"""The network of `lapx_tf.models`, from its weights: stem, hourglasses, heat maps. Feature maps are [B, H, W, C]."""

import tensorflow as tf

from convert.graph.blocks import attention, bottleneck, channel_attention, position_attention
from convert.graph.operations import Rewrites, add_upsampled, convolve, convolve_image, max_pool
from convert.graph.options import Rewrite
from convert.graph.weights import Array, Conv
from lapx_tf.models.hourglass import Hourglass, Stack, Stem
from lapx_tf.models.lapx import LAPX
from lapx_tf.models.layers import ECA


def heatmaps_of(image: tf.Tensor, model: LAPX, stacks: int, scale: Array, rewrites: Rewrites) -> tf.Tensor:
    """Heat maps [B, H / 4, W / 4, K] of the last of the first `stacks` stacks.

    Args:
        image: [B, H, W, 3]; the network sees `scale * image`.
        model: the weights.
        stacks: how many of its stacks to use.
        scale: [3].
        rewrites: to make.
    """
    x = _stem(image, model.stem, scale, rewrites)
    for stack in model.stacks[: stacks - 1]:
        x = _features(x, stack, rewrites)
    return _heatmaps(x, model.stacks[stacks - 1], rewrites)


def _stem(image: tf.Tensor, stem: Stem, scale: Array, rewrites: Rewrites) -> tf.Tensor:
    with tf.name_scope(stem.name):
        x = tf.nn.elu(convolve_image(image, Conv.of(stem.conv, stem.norm).of_scaled(scale), rewrites))
        x = max_pool(bottleneck(x, stem.block1, rewrites))
        x = bottleneck(bottleneck(x, stem.block2, rewrites), stem.block3, rewrites)
        return attention(x, stem.attention, rewrites)


def _hourglass(x: tf.Tensor, hourglass: Hourglass, rewrites: Rewrites) -> tf.Tensor:
    skipped = []
    with tf.name_scope(hourglass.name):
        for skip, down in zip(reversed(hourglass.skips), reversed(hourglass.downs), strict=True):
            skipped.append(bottleneck(x, skip, rewrites))
            x = bottleneck(max_pool(x), down, rewrites)
        x = _bottom(bottleneck(x, hourglass.bottom, rewrites), hourglass)
        for up in hourglass.ups:
            x = add_upsampled(bottleneck(x, up, rewrites), skipped.pop(), rewrites)
        return x


def _bottom(x: tf.Tensor, hourglass: Hourglass) -> tf.Tensor:
    layer = hourglass.attention
    if isinstance(layer, ECA):
        return channel_attention(x, layer)
    with tf.name_scope(layer.name):
        return position_attention(channel_attention(x, layer.channel), layer.position)


def _attended(x: tf.Tensor, stack: Stack, rewrites: Rewrites) -> tf.Tensor:
    """What a stack's heat maps are made of."""
    y = bottleneck(_hourglass(x, stack.hourglass, rewrites), stack.block, rewrites)
    return attention(tf.nn.elu(convolve(y, Conv.of(stack.conv, stack.norm))), stack.attention, rewrites)


def _heatmaps(x: tf.Tensor, stack: Stack, rewrites: Rewrites) -> tf.Tensor:
    with tf.name_scope(stack.name):
        return convolve(_attended(x, stack, rewrites), Conv.of(stack.heatmaps))


def _features(x: tf.Tensor, stack: Stack, rewrites: Rewrites) -> tf.Tensor:
    """What the next stack begins with."""
    with tf.name_scope(stack.name):
        y = _attended(x, stack, rewrites)
        features, head, merge = (Conv.of(one) for one in (stack.merge_features, stack.heatmaps, stack.merge_heatmaps))
        if Rewrite.MERGED_HEADS in rewrites:
            return x + convolve(y, features.plus(head.then_pointwise(merge)))
        return x + convolve(y, features) + convolve(convolve(y, head), merge)
