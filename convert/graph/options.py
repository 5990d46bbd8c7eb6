"""What the exported graph takes and gives, and which exact rewrites it is made with."""

from dataclasses import dataclass
from enum import Enum

from lapx_tf import geometry
from lapx_tf.errors import InputError


class Rewrite(Enum):
    """A change of the graph that is exact up to rounding; each can be left out, to measure what it gains."""

    BROADCAST_UPSAMPLE = "broadcast-upsample"
    """Upsampling and the addition to the skip as one broadcast addition over six dimensions: XNNPACK takes neither
    RESIZE_NEAREST_NEIGHBOR nor TILE, at which the graph falls into partitions."""

    NORM_IN_ONE_PASS = "norm-in-one-pass"
    """A batch normalisation that follows a sum, so no convolution can take it, as a 1x1 depthwise convolution with a bias:
    one pass over the map, and one rounding in int8, in place of a multiplication and an addition."""

    MERGED_HEADS = "merged-heads"
    """The two ways from the features of a stack to the next one, of which one leads through the heat maps, are linear: one
    1x1 convolution. The heat maps of such a stack are not computed."""

    COLUMN_BLOCKS = "column-blocks"
    """The 7x7 convolution from two maps to one, which leaves most lanes of a vector unit idle, over blocks of columns as
    channels: more multiplications, many of them by zero, in less time."""

    PAIRED_COLUMNS = "paired-columns"
    """The first convolution, over pairs of columns as one of six channels: int8 kernels fill three up to eight. In float, where
    nothing is filled up, it is slower."""


FOR_INT8 = frozenset(Rewrite)
FOR_FLOAT = FOR_INT8 - {Rewrite.PAIRED_COLUMNS}

SUITED = {
    "cpu": FOR_INT8,
    "gpu": frozenset({Rewrite.MERGED_HEADS}),
    "onnx": frozenset({Rewrite.MERGED_HEADS}),
}
"""What each target gains from: `cpu` is LiteRT with XNNPACK. The GPU delegate takes no tensor of more than four dimensions; by
its source, for it is not measured here, it joins a multiplication and an addition with their neighbours. ONNX Runtime, whose
channels come first, pays for the reshapes with transpositions."""

_ACCEPTED = {
    "pixel_values": ("normalized", "raw", "uint8"),
    "output": ("heatmaps", "keypoints"),
    "target": tuple(SUITED),
}


@dataclass(frozen=True)
class GraphOptions:
    """What to build.

    Attributes:
        pixel_values: of the input `image`, [1, H, W, 3] RGB. `normalized`: float32 as `lapx_tf.pixels` says. `raw`: float32
            from 0 to 255, normalised inside. `uint8`: the same as bytes.
        output: `heatmaps`, float32 [1, h, w, K], or `keypoints`, float32 [1, K, 3] (x, y, score): the joints that
            `lapx_tf.codecs.decode` finds in them, x and y in pixels of the input.
        flip_test: average with the heat maps of the mirrored image.
        stacks: number of stacks after which the network is cut; None for all.
        size: (height, width) of the input; None for the model's own.
        target: what the graph is made for, see `SUITED`.
        rewrites: the rewrites to make, as far as they suit the target; `FOR_INT8` where the graph will be quantised.

    Raises:
        InputError: an option is none of those above, or the size is none that the network takes.
    """

    pixel_values: str = "normalized"
    output: str = "heatmaps"
    flip_test: bool = False
    stacks: int | None = None
    size: tuple[int, int] | None = None
    target: str = "cpu"
    rewrites: frozenset[Rewrite] = FOR_FLOAT

    def __post_init__(self) -> None:
        for name, accepted in _ACCEPTED.items():
            if getattr(self, name) not in accepted:
                raise InputError(f"{name} must be one of {', '.join(accepted)}, got {getattr(self, name)!r}")
        if self.size is not None:
            try:
                geometry.heatmap_size(self.size)
            except ValueError as error:
                raise InputError(str(error)) from error

    @property
    def applied(self) -> frozenset[Rewrite]:
        """The rewrites that are made: those asked for that suit the target."""
        return self.rewrites & SUITED[self.target]
