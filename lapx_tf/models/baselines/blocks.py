"""What the baselines are built of, as functions for Keras' functional interface. Feature maps are [B, H, W, C].

Convolutions with a stride are padded as Keras' "same" does, on the bottom and on the right first, where the papers' code pads
all sides alike: the cost is the same, and trained weights are not read here.
"""

from typing import Any

from keras import initializers, layers

from lapx_tf.models.norm import BatchNorm

_DEPTHWISE: Any = initializers.RandomUniform(-((1 / 3) ** 0.5), (1 / 3) ** 0.5)
"""Keeps the variance: each output has nine inputs, where Keras counts nine of every channel."""


def normalized(x: Any) -> Any:
    """Batch normalisation with the constants that all of the papers' code uses."""
    return BatchNorm(momentum=0.9, epsilon=1e-5)(x)


def conv(x: Any, filters: int, kernel_size: int = 1, strides: int = 1, *, bias: bool = True) -> Any:
    """A convolution: [B, H, W, C] -> [B, H / strides, W / strides, filters]."""
    return layers.Conv2D(filters, kernel_size, strides, padding="same", use_bias=bias, kernel_initializer="he_uniform")(
        x
    )


def conv_norm(x: Any, filters: int, kernel_size: int = 1, strides: int = 1, activation: str = "linear") -> Any:
    """A convolution, its normalisation and what follows: `relu`, `sigmoid` or, by default, nothing."""
    return activated(normalized(conv(x, filters, kernel_size, strides, bias=False)), activation)


def depthwise_norm(x: Any, strides: int = 1) -> Any:
    """A 3x3 depthwise convolution and its normalisation: [B, H, W, C] -> [B, H / strides, W / strides, C]."""
    return normalized(
        layers.DepthwiseConv2D(3, strides, padding="same", use_bias=False, depthwise_initializer=_DEPTHWISE)(x)
    )


def separable(x: Any, filters: int, strides: int = 1, activation: str = "linear") -> Any:
    """A depthwise separable convolution: 3x3 depthwise, then 1x1, each with its normalisation."""
    return conv_norm(depthwise_norm(x, strides), filters, activation=activation)


def activated(x: Any, activation: str) -> Any:
    """`relu` or `sigmoid` of the map, or with `linear` the map itself."""
    return x if activation == "linear" else layers.Activation(activation)(x)
