"""NonLocal, the attention at the bottom of the hourglass: in the paper's form and in some that may do without its schedule."""

from typing import Any

from keras import initializers, layers, ops

from lapx_tf.models.arguments import Gain, Logits
from lapx_tf.models.layers import ECA, Shape, conv, register

COSINE_SCALE = 10.0
"""Of cosine logits. Swin Transformer V2 (Liu et al., CVPR 2022) begins with it and learns it; here it is fixed, so that no
logit is ever larger."""

NORM_EPSILON = 1e-6
"""Added to the square of a norm, so that a vector of zeros has a gradient."""

LAYER_SCALE = 1e-4
"""What LayerScale's gains begin with."""


@register
class NonLocal(layers.Layer):
    """Self-attention over positions, added with a learned gain: x + gain * f(x).

    Args:
        logits: what the softmax gets. `plain`: the products of queries and keys, the paper's form. `scaled`: these, divided by
            the square root of the number of channels (Vaswani et al., NeurIPS 2017). `cosine`: ten times the cosine between
            query and key (query-key normalisation, Henry et al., Findings of EMNLP 2020).
        gain: `gamma`: a scalar that begins at 0, the paper's form. While `released` is 0, it gets no gradient: it is what
            `GammaWarmup` sets. Both are weights, so a checkpoint holds the phase, and no phase needs another graph.
            `layer_scale`: one for each channel, which begins at 1e-4 (LayerScale, Touvron et al., ICCV 2021).
            `zero_projection`: always 1; in its place the last convolution begins at 0 (as Wang et al., CVPR 2018, begin this
            module with a scale of 0, after Goyal et al., arXiv 1706.02677).

    Attributes:
        gamma: the gain, [] or [C]; None where it is always 1.
        released: the phase, []; None where there is no scalar to schedule.
    """

    def __init__(self, logits: Logits = "plain", gain: Gain = "gamma", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.logits, self.gain = logits, gain
        self.gamma = self.released = None

    def build(self, input_shape: Shape) -> None:
        """Creates three projections to C // 8 channels and one back, the gain and the phase."""
        channels = input_shape[-1]
        inner = max(channels // 8, 1)
        self.theta, self.phi, self.g = (conv(inner, name=name) for name in ("theta", "phi", "g"))
        self.out = conv(channels, name="out")
        if self.gain == "zero_projection":
            self.out.kernel_initializer = initializers.Zeros()
        for layer in (self.theta, self.phi, self.g):
            layer.build(input_shape)
        self.out.build((*input_shape[:-1], inner))
        if self.gain == "gamma":
            self.gamma = self.add_weight(shape=(), initializer="zeros", name="gamma")
            self.released = self.add_weight(shape=(), initializer="ones", trainable=False, name="released")
        elif self.gain == "layer_scale":
            self.gamma = self.add_weight(
                shape=(channels,), initializer=initializers.Constant(LAYER_SCALE), name="gamma"
            )

    def call(self, x: Any, training: bool = False) -> Any:
        """[B, H, W, C] -> the same shape."""
        _, height, width, channels = ops.shape(x)
        attended = ops.matmul(ops.softmax(self.logits_of(x), axis=-1), _in_a_row(self.g(x)))
        y = self.out(ops.reshape(attended, (-1, height, width, self.g.filters)))
        return x + self._gained(ops.reshape(y, (-1, height, width, channels)), training)

    def logits_of(self, x: Any) -> Any:
        """How much each position attends to each other, before the softmax: [B, H, W, C] -> [B, H W (queries), H W (keys)]."""
        queries, keys = _in_a_row(self.theta(x)), _in_a_row(self.phi(x))
        if self.logits == "scaled":
            queries = queries * self.theta.filters**-0.5
        elif self.logits == "cosine":
            queries, keys = COSINE_SCALE * _normalized(queries), _normalized(keys)
        return ops.matmul(queries, ops.transpose(keys, (0, 2, 1)))

    def _gained(self, y: Any, training: bool) -> Any:
        if self.gamma is None:
            return y
        gamma = ops.cast(self.gamma, y.dtype)
        if training and self.released is not None:
            released = ops.cast(self.released, y.dtype)
            gamma = released * gamma + (1 - released) * ops.stop_gradient(gamma)
        return gamma * y

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "logits": self.logits, "gain": self.gain}


def _in_a_row(x: Any) -> Any:
    """[B, H, W, C] -> [B, H W, C]."""
    _, height, width, channels = ops.shape(x)
    return ops.reshape(x, (-1, height * width, channels))


def _normalized(x: Any) -> Any:
    """Vectors [..., C] of length 1."""
    return x * ops.rsqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + NORM_EPSILON)


@register
class ECANonLocal(layers.Layer):
    """ECA, then NonLocal: the attention at the bottom of the hourglass. The arguments are NonLocal's."""

    def __init__(self, logits: Logits = "plain", gain: Gain = "gamma", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.channel = ECA(name="channel")
        self.position = NonLocal(logits, gain, name="position")

    def build(self, input_shape: Shape) -> None:
        """Creates the weights of both."""
        self.channel.build(input_shape)
        self.position.build(input_shape)

    def call(self, x: Any) -> Any:
        """[B, H, W, C] -> the same shape."""
        return self.position(self.channel(x))

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "logits": self.position.logits, "gain": self.position.gain}
