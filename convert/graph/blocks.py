"""The blocks of `lapx_tf.models.layers`, from their weights. Feature maps are [B, H, W, C]."""

import tensorflow as tf

from convert.graph.operations import (
    Rewrites,
    constant,
    convolve,
    convolve_depthwise,
    convolve_to_one_map,
    normalize,
    shape_of,
)
from convert.graph.weights import Affine, Conv, is_zero, values
from lapx_tf.models.layers import ECA, ECACBAM, Bottleneck
from lapx_tf.models.non_local import COSINE_SCALE, NORM_EPSILON, NonLocal


def bottleneck(x: tf.Tensor, block: Bottleneck, rewrites: Rewrites) -> tf.Tensor:
    """[B, H, W, C] -> [B, H, W, filters]."""
    with tf.name_scope(block.name):
        y = tf.nn.elu(normalize(x, Affine.of(block.norm1), rewrites))
        y = tf.nn.elu(convolve(y, Conv.of(block.pointwise1, block.norm2)))
        y = tf.nn.elu(convolve_depthwise(y, Conv.of(block.depthwise, block.norm3)))
        y = convolve(y, Conv.of(block.pointwise2))
        if block.gated and is_zero(block.gate):
            return y
        residual = x if block.projection is None else convolve(x, Conv.of(block.projection))
        return y + (residual * constant(values(block.gate)) if block.gated else residual)


def channel_attention(x: tf.Tensor, layer: ECA) -> tf.Tensor:
    """ECA: [B, H, W, C] -> the same shape."""
    channels = shape_of(x)[-1]
    with tf.name_scope(layer.name):
        pooled = tf.reduce_mean(x, (1, 2), keepdims=True) + tf.reduce_max(x, (1, 2), keepdims=True)
        # Along the channels: they become the columns of one map.
        kernel = values(layer.conv.kernel)[None]
        weights = tf.nn.conv2d(tf.reshape(pooled, (-1, 1, channels, 1)), constant(kernel), 1, "SAME")
        return x * tf.sigmoid(tf.reshape(weights, (-1, 1, 1, channels)))


def attention(x: tf.Tensor, layer: ECACBAM, rewrites: Rewrites) -> tf.Tensor:
    """ECA-CBAM: [B, H, W, C] -> the same shape."""
    with tf.name_scope(layer.name):
        x = channel_attention(x, layer.channel)
        maps = [tf.reduce_max(x, -1, keepdims=True), tf.reduce_mean(x, -1, keepdims=True)]
        return x * tf.sigmoid(convolve_to_one_map(maps, values(layer.spatial.kernel), rewrites))


def position_attention(x: tf.Tensor, layer: NonLocal) -> tf.Tensor:
    """NonLocal, the scale of its logits and its gain folded into convolutions: [B, H, W, C] -> the same shape."""
    theta, phi, g, out = (Conv.of(one) for one in (layer.theta, layer.phi, layer.g, layer.out))
    if layer.gamma is not None:
        out = out.times(values(layer.gamma))
    if not (out.kernel.any() or out.bias.any()):
        return x
    if layer.logits == "scaled":
        theta = theta.times(len(theta.bias) ** -0.5)
    _, height, width, _ = shape_of(x)
    with tf.name_scope(layer.name):
        queries, keys, contents = (
            tf.reshape(convolve(x, conv), (-1, height * width, len(conv.bias))) for conv in (theta, phi, g)
        )
        if layer.logits == "cosine":
            queries, keys = COSINE_SCALE / len(theta.bias) * _normalized(queries), _normalized(keys)
        weighted = tf.matmul(tf.nn.softmax(tf.matmul(queries, keys, transpose_b=True)), contents)
        return x + convolve(tf.reshape(weighted, (-1, height, width, len(g.bias))), out)


def _normalized(x: tf.Tensor) -> tf.Tensor:
    """Vectors [..., C] of length sqrt(C).

    By the mean of their squares: of a sum TFLite's converter makes L2_NORMALIZATION, which XNNPACK does not take.
    """
    return x * tf.math.rsqrt(tf.reduce_mean(tf.square(x), -1, keepdims=True) + NORM_EPSILON / shape_of(x)[-1])
