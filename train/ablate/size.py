"""How large a recipe's network is, told without making its weights."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import keras

from lapx_tf import LAPX, geometry
from lapx_tf.models.arguments import Gain
from train.recipe import Recipe

STEP = 4
"""From one possible width to the next."""


@dataclass(frozen=True)
class Size:
    """Of a network.

    Attributes:
        parameters: how many numbers are trained: without the running statistics, as the paper counts.
        macs: multiply-accumulates of the 2-D convolutions for one crop, as the paper counts.
    """

    parameters: int
    macs: int


def size_of(recipe: Recipe, joints: int) -> Size:
    """The size of a recipe's network for so many joints."""
    return _size(
        recipe.width, recipe.stacks, recipe.depth, recipe.nonlocal_stacks, recipe.nonlocal_gain, recipe.size, joints
    )


def matching_width(recipe: Recipe, target: int, joints: int) -> int:
    """The width that brings a recipe's network closest to so many parameters."""

    def distance(width: int) -> int:
        return abs(size_of(replace(recipe, width=width), joints).parameters - target)

    # Parameters grow nearly with the square of the width.
    width = STEP * max(round(recipe.width * math.sqrt(target / size_of(recipe, joints).parameters) / STEP), 1)
    while (nearer := min((width, max(width - STEP, STEP), width + STEP), key=distance)) != width:
        width = nearer
    return width


@lru_cache
def _size(
    width: int,
    stacks: int,
    depth: int,
    nonlocal_stacks: tuple[int, ...],
    nonlocal_gain: Gain,
    image_size: tuple[int, int],
    joints: int,
) -> Size:
    # The weights get no values: to draw those takes ten times as long as the rest.
    with keras.StatelessScope(initialize_variables=False):
        network = LAPX(width, stacks, depth, nonlocal_stacks, joints, (*image_size, 3), nonlocal_gain=nonlocal_gain)
    parameters = sum(math.prod(variable.shape) for variable in network.trainable_variables)
    return Size(parameters, _macs(network, *geometry.heatmap_size(image_size)))


def _macs(network: LAPX, height: int, width: int) -> int:
    """Of heat maps [height, width]."""
    stem = network.stem
    total = 4 * height * width * _kernels(stem.conv, stem.block1)  # still at half the size of the crop
    total += height * width * _kernels(stem.block2, stem.block3, stem.attention)
    for stack in network.stacks:
        around = (stack.block, stack.conv, stack.attention, stack.heatmaps, stack.merge_features, stack.merge_heatmaps)
        total += height * width * _kernels(*around) + _of_hourglass(stack.hourglass, height, width)
    return total


def _of_hourglass(hourglass: keras.layers.Layer, height: int, width: int) -> int:
    """At the top the maps are [height, width]; each level below has half, rounded up."""
    total = 0
    for skip, down, up in zip(
        *(reversed(part) for part in (hourglass.skips, hourglass.downs, hourglass.ups)), strict=True
    ):
        total += height * width * _kernels(skip)
        height, width = -(-height // 2), -(-width // 2)
        total += height * width * _kernels(down, up)
    return total + height * width * _kernels(hourglass.bottom, hourglass.attention)


def _kernels(*layers: keras.layers.Layer | None) -> int:
    """Numbers in the kernels of 2-D convolutions, [height, width, inputs, outputs], inside these layers."""
    variables = [variable for layer in layers if layer is not None for variable in layer.trainable_variables]
    return sum(math.prod(variable.shape) for variable in variables if len(variable.shape) == 4)
