"""Lite-HRNet-18 and its naive variant (Yu et al., CVPR 2021, arXiv 2104.06403), with random weights.

Branches of falling resolution run side by side, from a quarter of the image's sides down to a 32nd. In the naive variant each
carries shuffle blocks; in Lite-HRNet conditional channel weighting takes the place of their 1x1 convolutions: factors for all
channels of all branches, computed at the smallest resolution, and from each branch's mean. After two blocks every branch
gets the sum of all.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import keras
from keras import layers, ops

from lapx_tf.models.baselines.blocks import activated, conv, conv_norm, depthwise_norm, separable
from lapx_tf.models.baselines.layers import AddUpsampled, ChannelShuffle, MultiplyUpsampled
from lapx_tf.models.layers import Shape

MODULES = (2, 4, 2)
"""Modules of the three stages, which have 2, 3 and 4 branches."""

STEM = 32
"""Channels of the stem."""

_ACROSS, _WITHIN = 8, 4
"""By how much the hidden layers of the two weightings are narrower: across resolutions, and within a branch."""

Block = Callable[[Sequence[Any]], list[Any]]
"""From the maps of all branches, the largest first, to maps of the same shapes."""


def lite_hrnet_18(
    joints: int = 16, input_shape: Shape = (256, 256, 3), width: int = 40, name: str = "lite_hrnet_18"
) -> keras.Model:
    """Lite-HRNet-18: 1,130,728 trained parameters and 0.265 GMAC at 256x256; the paper has 1.1 M and 0.273 GFLOPs.

    Args:
        joints: number of heat maps K.
        input_shape: (H, W, 3), H and W multiples of 32.
        width: channels of the first branch, a multiple of 8; each further one has twice as many.
        name: of the model.

    Returns:
        From images [B, H, W, 3] to heat maps [B, H / 4, W / 4, K].

    Raises:
        ValueError: an argument is outside its range.
    """
    return _network(conditional_channel_weighting, joints, input_shape, width, name)


def naive_lite_hrnet_18(
    joints: int = 16, input_shape: Shape = (256, 256, 3), width: int = 40, name: str = "naive_lite_hrnet_18"
) -> keras.Model:
    """The naive variant, with shuffle blocks; arguments as of `lite_hrnet_18`.

    1,318,584 trained parameters, 0.40 GMAC at 256x256. It is the one that the paper calls wider: its first naive variant has
    30 channels in place of 40.
    """
    return _network(shuffle, joints, input_shape, width, name)


def _network(block: Block, joints: int, input_shape: Shape, width: int, name: str) -> keras.Model:
    if any(side is None or side % 32 for side in input_shape[:2]):
        raise ValueError(f"`input_shape` must have sides that are multiples of 32, got {tuple(input_shape)}")
    if width < 8 or width % 8:
        raise ValueError(f"`width` must be a positive multiple of 8, got {width}")
    image = layers.Input(input_shape, name="image")
    maps = [_stem(image)]
    for modules in MODULES:
        maps = _with_one_more(maps, width)
        for _ in range(modules):
            maps = _exchanged(block(block(maps)))
    return keras.Model(image, conv(_joined(maps), joints), name=name)


def _stem(image: Any) -> Any:
    """A 3x3 convolution and a shuffle block, each with stride 2: [B, H, W, 3] -> [B, H / 4, W / 4, STEM]."""
    first, second = _halves(conv_norm(image, STEM, 3, strides=2, activation="relu"))
    first = separable(first, STEM // 2, strides=2, activation="relu")
    second = separable(conv_norm(second, STEM, activation="relu"), STEM // 2, strides=2, activation="relu")
    return _shuffled(first, second)


def _with_one_more(maps: Sequence[Any], width: int) -> list[Any]:
    """Adds a branch of half the resolution of the last; in the first stage it also brings the stem to `width` channels."""
    kept = [x if x.shape[-1] == width << i else separable(x, width << i, activation="relu") for i, x in enumerate(maps)]
    return [*kept, separable(maps[-1], width << len(maps), strides=2, activation="relu")]


def shuffle(maps: Sequence[Any]) -> list[Any]:
    """The shuffle block of ShuffleNet V2 (Ma et al., ECCV 2018) in every branch."""
    return [_shuffle_block(x) for x in maps]


def _shuffle_block(x: Any) -> Any:
    kept, y = _halves(x)
    filters = y.shape[-1]
    y = separable(conv_norm(y, filters, activation="relu"), filters, activation="relu")
    return _shuffled(kept, y)


def conditional_channel_weighting(maps: Sequence[Any]) -> list[Any]:
    """Half of the channels of each branch is weighted, across resolutions and within the branch; the halves are shuffled."""
    kept, moved = zip(*(_halves(x) for x in maps), strict=True)
    weighted = [_weighted_by_mean(depthwise_norm(x)) for x in _weighted_across(moved)]
    return [_shuffled(one, other) for one, other in zip(kept, weighted, strict=True)]


def _weighted_across(maps: Sequence[Any]) -> list[Any]:
    """Each map times factors for its channels and places, computed from all maps at the smallest one's resolution."""
    factors = [1 << i for i in reversed(range(len(maps)))]
    pooled = [layers.AveragePooling2D(factor)(x) for x, factor in zip(maps[:-1], factors[:-1], strict=True)]
    together = layers.Concatenate()([*pooled, maps[-1]])
    hidden = conv_norm(together, together.shape[-1] // _ACROSS, activation="relu")
    # The paper's one convolution to all channels, cut where its output would be: what it gives needs no cutting.
    weights = [conv_norm(hidden, x.shape[-1], activation="sigmoid") for x in maps]
    largest_first = zip(maps[:-1], weights[:-1], factors[:-1], strict=True)
    enlarged = [MultiplyUpsampled(factor)([x, weight]) for x, weight, factor in largest_first]
    return [*enlarged, layers.Multiply()([maps[-1], weights[-1]])]


def _weighted_by_mean(x: Any) -> Any:
    """Each channel times a factor, computed from the means of all: squeeze and excitation (Hu et al., CVPR 2018)."""
    filters = x.shape[-1]
    hidden = activated(conv(layers.GlobalAveragePooling2D(keepdims=True)(x), filters // _WITHIN), "relu")
    return layers.Multiply()([x, activated(conv(hidden, filters), "sigmoid")])


def _exchanged(maps: Sequence[Any]) -> list[Any]:
    """To each branch the sum of all, brought to its size and channels."""
    return [_sum_for(branch, maps) for branch in range(len(maps))]


def _sum_for(branch: int, maps: Sequence[Any]) -> Any:
    filters = maps[branch].shape[-1]
    larger = [_shrunk(x, branch - i, filters) for i, x in enumerate(maps[:branch])]
    total = layers.Add()([maps[branch], *larger]) if larger else maps[branch]
    smaller = list(enumerate(maps))[branch + 1 :]
    for i, x in smaller:
        last = "relu" if i == len(maps) - 1 else "linear"
        total = AddUpsampled(1 << (i - branch), last)([total, conv_norm(x, filters)])
    return total if smaller else activated(total, "relu")


def _shrunk(x: Any, halvings: int, filters: int) -> Any:
    """[B, H, W, C] -> [B, H / 2^halvings, W / 2^halvings, filters]."""
    x = reduce(lambda y, _: separable(y, y.shape[-1], strides=2, activation="relu"), range(halvings - 1), x)
    return separable(x, filters, strides=2)


def _joined(maps: Sequence[Any]) -> Any:
    """The head: from the smallest map to the largest, each enlarged and added to the next: [B, H / 4, W / 4, width]."""
    targets = [maps[0].shape[-1], *(x.shape[-1] for x in maps[:-1])]
    joined = None
    for x, filters in reversed(list(zip(maps, targets, strict=True))):
        if joined is not None:
            x = layers.Add()([x, layers.UpSampling2D(2, interpolation="bilinear")(joined)])
        joined = separable(x, filters, activation="relu")
    return joined


def _halves(x: Any) -> Sequence[Any]:
    halves: Any = ops.split(x, 2, axis=-1)
    return halves


def _shuffled(one: Any, other: Any) -> Any:
    return ChannelShuffle()([one, other])
