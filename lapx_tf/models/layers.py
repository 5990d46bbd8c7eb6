"""The basic blocks of LAPX (arXiv 2512.16089): bottleneck, channel and spatial attention. Feature maps are [B, H, W, C]."""

from typing import Any

import keras
from keras import layers, ops

from lapx_tf.models.norm import BatchNorm

Shape = tuple[int | None, ...]


def register(layer: type) -> type:
    """Makes a class loadable from a `.keras` file in safe mode."""
    return keras.saving.register_keras_serializable(package="lapx_tf")(layer)


def conv(filters: int, kernel_size: int = 1, *, bias: bool = True, name: str) -> layers.Conv2D:
    """A convolution that keeps the size."""
    return layers.Conv2D(filters, kernel_size, padding="same", use_bias=bias, name=name)


def norm(name: str) -> BatchNorm:
    """Batch normalisation with the reference's constants."""
    return BatchNorm(momentum=0.9, epsilon=1e-5, name=name)


@register
class Bottleneck(layers.Layer):
    """Pre-activation depthwise separable bottleneck: BN-ELU-1x1, BN-ELU-3x3 depthwise, BN-ELU-1x1, plus the residual.

    Args:
        filters: channels of the output, twice the inner width n.
        gated: multiply the residual by a learned gate per channel, 0 at the start (soft-gated skip connection,
            Bulat et al., FG 2020): the block begins without its shortcut.
    """

    def __init__(self, filters: int, gated: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if filters < 2 or filters % 2:
            raise ValueError(f"`filters` must be a positive even number, got {filters}")
        self.filters, self.gated = filters, gated
        inner = filters // 2
        self.norm1, self.norm2, self.norm3 = norm("norm1"), norm("norm2"), norm("norm3")
        self.pointwise1 = conv(inner, bias=False, name="pointwise1")
        # Keras counts C x 9 inputs for a depthwise kernel; each output has nine, so the limit is set here.
        self.depthwise = layers.DepthwiseConv2D(
            3,
            padding="same",
            use_bias=False,
            depthwise_initializer=keras.initializers.RandomUniform(-1 / 3, 1 / 3),
            name="depthwise",
        )
        self.pointwise2 = conv(filters, name="pointwise2")
        self.projection: layers.Conv2D | None = None

    def build(self, input_shape: Shape) -> None:
        """Creates the weights; a projection where the channels change."""
        inner, full = (*input_shape[:-1], self.filters // 2), (*input_shape[:-1], self.filters)
        self.norm1.build(input_shape)
        self.pointwise1.build(input_shape)
        for layer in (self.norm2, self.depthwise, self.norm3, self.pointwise2):
            layer.build(inner)
        if input_shape[-1] != self.filters:
            self.projection = conv(self.filters, name="projection")
            self.projection.build(input_shape)
        if self.gated:
            self.gate = self.add_weight(shape=full[-1:], initializer="zeros", name="gate")

    def call(self, x: Any) -> Any:
        """[B, H, W, C] -> [B, H, W, filters]."""
        y = self.pointwise1(ops.elu(self.norm1(x)))
        y = self.depthwise(ops.elu(self.norm2(y)))
        y = self.pointwise2(ops.elu(self.norm3(y)))
        residual = x if self.projection is None else self.projection(x)
        return y + (residual * self.gate if self.gated else residual)

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "filters": self.filters, "gated": self.gated}


@register
class ECA(layers.Layer):
    """Efficient channel attention: average plus maximum over positions, a 1-D convolution along channels, a sigmoid."""

    def __init__(self, kernel_size: int = 7, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel_size = kernel_size
        self.conv = layers.Conv1D(1, kernel_size, padding="same", use_bias=False, name="conv")

    def build(self, input_shape: Shape) -> None:
        """Creates the kernel, the same for any number of channels."""
        self.conv.build((input_shape[0], input_shape[-1], 1))

    def call(self, x: Any) -> Any:
        """[B, H, W, C] -> the same shape."""
        pooled = ops.mean(x, axis=(1, 2)) + ops.max(x, axis=(1, 2))
        weights = ops.sigmoid(self.conv(ops.expand_dims(pooled, -1)))
        return x * ops.reshape(weights, (-1, 1, 1, x.shape[-1]))

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "kernel_size": self.kernel_size}


@register
class ECACBAM(layers.Layer):
    """ECA, then the spatial attention of CBAM: channel maximum and mean, a 7x7 convolution, a sigmoid."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.channel = ECA(name="channel")
        self.spatial = conv(1, 7, bias=False, name="spatial")

    def build(self, input_shape: Shape) -> None:
        """Creates both kernels."""
        self.channel.build(input_shape)
        self.spatial.build((*input_shape[:-1], 2))

    def call(self, x: Any) -> Any:
        """[B, H, W, C] -> the same shape."""
        x = self.channel(x)
        pooled = ops.concatenate([ops.max(x, axis=-1, keepdims=True), ops.mean(x, axis=-1, keepdims=True)], axis=-1)
        return x * ops.sigmoid(self.spatial(pooled))
