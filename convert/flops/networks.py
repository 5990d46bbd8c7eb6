"""The networks that are compared, with random weights: neither time nor memory depends on what they say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras

from convert.calibration import load_crops
from convert.random_weights import move_off_identity
from lapx_tf.models import presets
from lapx_tf.models.baselines.hourglass import stacked_hourglass
from lapx_tf.models.baselines.lite_hrnet import lite_hrnet_18, naive_lite_hrnet_18
from lapx_tf.models.lapx import LAPX
from lapx_tf.models.norm import BatchNorm

_KEPT = 0.5
"""Of the variance of 1 and the mean of 0 that a normalisation begins with, when it is settled: a channel that hardly varies on
a few images would otherwise be magnified with its rounding errors."""

_SEEN = 4
"""Crops that they are settled on."""

LAPX_KEY = "lapx"
"""Of the network that the others are compared with."""


@dataclass(frozen=True)
class Network:
    """A network to compare.

    Attributes:
        key: names its files.
        label: names it in tables.
        build: makes it, of 16 joints, from `input_shape`.
    """

    key: str
    label: str
    build: Callable[..., keras.Model]

    def made(self, size: tuple[int, int]) -> keras.Model:
        """The network for an input of (height, width), with the same random weights each time."""
        keras.utils.set_random_seed(0)
        model = self.build(input_shape=(*size, 3))
        move_off_identity(model)
        _settle([layer for layer in model.layers if isinstance(layer, BatchNorm)], model, size)
        return model


def _settle(norms: Sequence[BatchNorm], model: keras.Model, size: tuple[int, int]) -> None:
    """Gives a baseline's normalisations the statistics of what they see, as training would.

    Without them the values grow from sum to sum, and XNNPACK leaves out int8 additions of ranges that are too unlike. LAPX,
    whose bottlenecks normalise what comes in and whose gates keep the sums small, has no such additions.
    """
    if norms:
        images = load_crops(None, size, _SEEN).calibration
        momentum = [norm.momentum for norm in norms]
        for norm in norms:
            norm.momentum = _KEPT
        model(images, training=True)
        for norm, own in zip(norms, momentum, strict=True):
            norm.momentum = own


def _cut(stacks: int, **options: Any) -> LAPX:
    """What `python -m convert --stacks` converts."""
    return presets.lapx(**options).truncated(stacks)


NETWORKS = (
    Network("lapx_2_stage", "LAPX, 2 stages", presets.lapx_2_stage),
    Network(LAPX_KEY, "LAPX, 3 stages", presets.lapx),
    Network("lapx_4_stage", "LAPX, 4 stages", presets.lapx_4_stage),
    Network("lapx_cut_1", "LAPX, cut after stage 1", partial(_cut, 1)),
    Network("lapx_cut_2", "LAPX, cut after stage 2", partial(_cut, 2)),
    Network("lite_hrnet_18", "Lite-HRNet-18", lite_hrnet_18),
    Network("naive_lite_hrnet_18", "naive Lite-HRNet-18", naive_lite_hrnet_18),
    Network("hourglass", "hourglass, 2 stacks", stacked_hourglass),
)


def network(key: str) -> Network:
    """The network of a key."""
    return next(one for one in NETWORKS if one.key == key)
