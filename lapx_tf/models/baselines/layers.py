"""The layers of the baselines that Keras does not have. Feature maps are [B, H, W, C]."""

from collections.abc import Sequence
from typing import Any

from keras import layers, ops

from lapx_tf.models.layers import Shape, register


@register
class ChannelShuffle(layers.Layer):
    """Joins two groups of channels so that each half of the result has half of each group: a b | c d -> a c b d.

    ShuffleNet (Zhang et al., CVPR 2018) deals the channels out one by one, in which the same ones come to lie in each half, in
    another order. The order within a half means nothing: the weights of whatever follows go with it. In runs it takes copies,
    one by one a transposition, which cost Lite-HRNet-18 a sixth of its time in LiteRT and nearly half in ONNX Runtime.
    """

    def call(self, groups: Sequence[Any]) -> Any:
        """([B, H, W, C / 2], [B, H, W, C / 2]) -> [B, H, W, C]; C a multiple of 4."""
        halves: list[Any] = [ops.split(group, 2, axis=-1) for group in groups]
        (first, second), (third, fourth) = halves
        return ops.concatenate([first, third, second, fourth], axis=-1)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Twice the channels of one group."""
        channels: Any = input_shape[0][-1]
        return (*input_shape[0][:-1], 2 * channels)


class _WithUpsampled(layers.Layer):
    """Combines a map with a smaller one that is enlarged by repetition.

    Args:
        factor: the quotient of their sides.
        activation: `relu` for one after it, `linear` for none.
        broadcast: in place of enlarging the smaller map, broadcast it over six dimensions, which gives the same and is what
            XNNPACK takes (`convert.graph.options.Rewrite.BROADCAST_UPSAMPLE`).
    """

    def __init__(self, factor: int, activation: str = "linear", broadcast: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor, self.activation, self.broadcast = factor, activation, broadcast

    def combine(self, large: Any, small: Any) -> Any:
        """What is done with the two once their shapes fit."""
        raise NotImplementedError

    def call(self, maps: Sequence[Any]) -> Any:
        """([B, H, W, C], [B, H / factor, W / factor, C]) -> [B, H, W, C]."""
        large, small = maps
        _, height, width, channels = large.shape
        if not self.broadcast:
            return self._activated(large, ops.image.resize(small, (height, width), interpolation="nearest"))
        rows, columns = height // self.factor, width // self.factor
        blocks = ops.reshape(large, (-1, rows, self.factor, columns, self.factor, channels))
        combined = self._activated(blocks, ops.reshape(small, (-1, rows, 1, columns, 1, channels)))
        return ops.reshape(combined, (-1, height, width, channels))

    def _activated(self, large: Any, small: Any) -> Any:
        combined = self.combine(large, small)
        return ops.relu(combined) if self.activation == "relu" else combined

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """The shape of the larger map."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        own = {"factor": self.factor, "activation": self.activation, "broadcast": self.broadcast}
        return {**super().get_config(), **own}


@register
class AddUpsampled(_WithUpsampled):
    """The sum of a map and an enlarged smaller one."""

    def combine(self, large: Any, small: Any) -> Any:
        """The sum."""
        return large + small


@register
class MultiplyUpsampled(_WithUpsampled):
    """The product of a map and an enlarged smaller one, such as a map of weights."""

    def combine(self, large: Any, small: Any) -> Any:
        """The product."""
        return large * small
