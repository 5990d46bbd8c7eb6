"""The larger parts of LAPX: stem, hourglass, and the stack around an hourglass. Feature maps are [B, H, W, C]."""

from collections.abc import Mapping
from typing import Any

from keras import initializers, layers, ops

from lapx_tf.models.layers import ECA, ECACBAM, Bottleneck, Shape, conv, norm, register
from lapx_tf.models.non_local import ECANonLocal


@register
class Stem(layers.Layer):
    """From the image to the features of the first stack, at a quarter of the resolution."""

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        # Three pixels on every side; Keras' "same" with stride 2 pads two and three, which is another network.
        self.pad = layers.ZeroPadding2D(3, name="pad")
        self.conv = layers.Conv2D(filters // 4, 7, strides=2, use_bias=False, name="conv")
        self.norm = norm("norm")
        self.block1 = Bottleneck(filters // 2, name="block1")
        self.pool = layers.MaxPooling2D(2, padding="same", name="pool")
        self.block2 = Bottleneck(filters // 2, name="block2")
        self.block3 = Bottleneck(filters, name="block3")
        self.attention = ECACBAM(name="attention")

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        maps = (input_shape[0], None, None)
        self.conv.build(input_shape)
        self.norm.build((*maps, self.filters // 4))
        self.block1.build((*maps, self.filters // 4))
        self.block2.build((*maps, self.filters // 2))
        self.block3.build((*maps, self.filters // 2))
        self.attention.build((*maps, self.filters))

    def call(self, x: Any) -> Any:
        """[B, H, W, 3] -> [B, H / 4, W / 4, filters]."""
        x = self.block1(ops.elu(self.norm(self.conv(self.pad(x)))))
        return self.attention(self.block3(self.block2(self.pool(x))))

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "filters": self.filters}


@register
class Hourglass(layers.Layer):
    """Down `depth` times by 2, attention at the bottom, up again with a skip at each level (Newell et al., ECCV 2016).

    Sizes that don't divide by 2^depth are pooled with ceiling and cropped to the skip on the way up.

    Args:
        filters: channels, the same everywhere.
        depth: number of poolings.
        nonlocal_form: arguments of ECA-NonLocal, which is at the bottom then; None for ECA alone.
    """

    def __init__(self, filters: int, depth: int, nonlocal_form: Mapping[str, Any] | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.depth, self.nonlocal_form = filters, depth, nonlocal_form
        self.pool = layers.MaxPooling2D(2, padding="same", name="pool")
        self.upsample = layers.UpSampling2D(2, interpolation="nearest", name="upsample")
        # Level 0 is the deepest, as in the reference's names.
        self.skips, self.downs, self.ups = (
            [Bottleneck(filters, gated=True, name=f"{role}{level}") for level in range(depth)]
            for role in ("skip", "down", "up")
        )
        self.bottom = Bottleneck(filters, gated=True, name="bottom")
        self.attention = (
            ECA(name="attention") if nonlocal_form is None else ECANonLocal(**nonlocal_form, name="attention")
        )

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        maps = (input_shape[0], None, None, self.filters)
        for layer in (*self.skips, *self.downs, *self.ups, self.bottom, self.attention):
            layer.build(maps)

    def call(self, x: Any) -> Any:
        """[B, H, W, filters] -> the same shape."""
        x, skipped = self.descend(x)
        x = self.attention(x)
        for up in self.ups:
            skip = skipped.pop()
            x = _cropped(self.upsample(up(x)), skip) + skip
        return x

    def descend(self, x: Any) -> tuple[Any, list[Any]]:
        """[B, H, W, filters] -> what the attention gets, [B, h, w, filters], and what skips it, from the top down."""
        skipped = []
        for skip, down in zip(reversed(self.skips), reversed(self.downs), strict=True):
            skipped.append(skip(x))
            x = down(self.pool(x))
        return self.bottom(x), skipped

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "depth": self.depth,
            "nonlocal_form": self.nonlocal_form,
        }


def _cropped(x: Any, like: Any) -> Any:
    """Cuts the last row or column that ceiling added; no operation where the sizes are known to be equal."""
    if x.shape[1:3] == like.shape[1:3] and None not in x.shape[1:3]:
        return x
    _, height, width, _ = ops.shape(like)
    return x[:, :height, :width]


@register
class Stack(layers.Layer):
    """One stack: hourglass, a bottleneck, a normalised 1x1 convolution, attention, heat maps; and the way to the next.

    Args:
        filters: channels of the features.
        depth: of the hourglass.
        nonlocal_form: of the hourglass.
        joints: number of heat maps.
        last: no stack follows, so no features are handed on.
    """

    def __init__(
        self,
        filters: int,
        depth: int,
        nonlocal_form: Mapping[str, Any] | None,
        joints: int,
        last: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters, self.joints, self.last = filters, joints, last
        self.hourglass = Hourglass(filters, depth, nonlocal_form, name="hourglass")
        self.block = Bottleneck(filters, name="block")
        self.conv = conv(filters, bias=False, name="conv")
        self.norm = norm("norm")
        self.attention = ECACBAM(name="attention")
        self.heatmaps = conv(joints, name="heatmaps")
        # Nearly empty maps to begin with, as in Xiao et al. (ECCV 2018): else the first epochs go into getting there.
        self.heatmaps.kernel_initializer = initializers.RandomNormal(stddev=1e-3)
        self.merge_features = None if last else conv(filters, name="merge_features")
        self.merge_heatmaps = None if last else conv(filters, name="merge_heatmaps")

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        for layer in (self.hourglass, self.block, self.conv, self.norm, self.attention, self.heatmaps):
            layer.build(input_shape)
        if not self.last:
            self.merge_features.build(input_shape)
            self.merge_heatmaps.build((*input_shape[:-1], self.joints))

    def call(self, x: Any) -> tuple[Any, Any]:
        """[B, h, w, filters] -> features for the next stack (the last: its own), and heat maps [B, h, w, joints]."""
        y = self.block(self.hourglass(x))
        y = self.attention(ops.elu(self.norm(self.conv(y))))
        heatmaps = self.heatmaps(y)
        if self.last:
            return y, heatmaps
        return x + self.merge_features(y) + self.merge_heatmaps(heatmaps), heatmaps

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "depth": self.hourglass.depth,
            "nonlocal_form": self.hourglass.nonlocal_form,
            "joints": self.joints,
            "last": self.last,
        }
