"""The weights of trained layers as NumPy arrays, and what is computed from them before there is a graph.

All of it in float64, so that several foldings round once: where the graph takes them as float32.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

Array = NDArray[np.float64]


def values(variable: Any) -> Array:
    """The current values of a Keras variable, also while a graph is being traced."""
    with tf.init_scope():
        return np.asarray(variable, np.float64)


def is_zero(variable: Any) -> bool:
    """Whether what is multiplied by a variable is nothing, as at the start of a training: the graph is spared it, exactly."""
    return not values(variable).any()


@dataclass(frozen=True, eq=False)
class Affine:
    """Batch normalisation in inference: `scale * x + offset`, per channel.

    Attributes:
        scale: [C].
        offset: [C].
        name: of the layer.
    """

    scale: Array
    offset: Array
    name: str

    @classmethod
    def of(cls, norm: layers.BatchNormalization) -> "Affine":
        """With the running mean and variance."""
        scale = values(norm.gamma) / np.sqrt(values(norm.moving_variance) + norm.epsilon)
        return cls(scale, values(norm.beta) - values(norm.moving_mean) * scale, norm.name)


@dataclass(frozen=True, eq=False)
class Conv:
    """A convolution, full or depthwise.

    Attributes:
        kernel: [height, width, inputs that each output sees, outputs]; depthwise it sees one.
        bias: [outputs].
        name: of the layer.
    """

    kernel: Array
    bias: Array
    name: str

    @classmethod
    def of(cls, layer: layers.Conv2D | layers.DepthwiseConv2D, norm: layers.BatchNormalization | None = None) -> "Conv":
        """A layer, with the normalisation that follows it folded in."""
        kernel = values(layer.kernel)
        if isinstance(layer, layers.DepthwiseConv2D):
            kernel = kernel.swapaxes(2, 3)  # Keras: [height, width, channels, 1]
        conv = cls(kernel, values(layer.bias) if layer.use_bias else np.zeros(kernel.shape[-1]), layer.name)
        return conv if norm is None else conv.then(Affine.of(norm))

    @classmethod
    def scaling(cls, affine: Affine) -> "Conv":
        """`affine` as a 1x1 depthwise convolution."""
        return cls(affine.scale[None, None, None], affine.offset, affine.name)

    def then(self, affine: Affine) -> "Conv":
        """This convolution, then `affine`."""
        return replace(self, kernel=self.kernel * affine.scale, bias=self.bias * affine.scale + affine.offset)

    def then_pointwise(self, last: "Conv") -> "Conv":
        """This convolution, then a 1x1 convolution."""
        matrix = last.kernel[0, 0]
        return replace(self, kernel=self.kernel @ matrix, bias=self.bias @ matrix + last.bias)

    def plus(self, other: "Conv") -> "Conv":
        """The sum of two convolutions of the same input."""
        return replace(self, kernel=self.kernel + other.kernel, bias=self.bias + other.bias)

    def times(self, factor: Array | float) -> "Conv":
        """The output multiplied by a number, or by one for each channel [outputs]."""
        return replace(self, kernel=self.kernel * factor, bias=self.bias * factor)

    def of_scaled(self, scale: Array) -> "Conv":
        """The convolution that gives for x what this one gives for `scale * x`, per input channel [C]."""
        return replace(self, kernel=self.kernel * scale[:, None])
