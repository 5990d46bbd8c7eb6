"""Metrics for `fit` (Keras: any backend): for watching the training. The figures to report are those of `evaluation`.

Heat maps and joints are compared in pixels of the heat map; the crop keeps the aspect, so the shares are the same as in
pixels of the image.
"""

from collections.abc import Sequence
from typing import Any, Self

import keras
from keras import ops

from lapx_tf.codecs.layers import decode
from lapx_tf.losses import HeatmapLoss
from lapx_tf.models.layers import register
from lapx_tf.skeletons import LSP_14, MPII_16, Skeleton

TORSO = ("right_hip", "left_shoulder")
HEAD = ("neck", "head_top")

TORSO_OF_EXTENT = 0.36
"""The torso as a part of the longer side of the joints' extent: the median of the 1,500 persons of LSP
(`pytest tests/test_losses_and_metrics.py -k part_of`)."""

HEAD_SIZE_OF_SEGMENT = 0.75
"""MPII's head size (0.6 x the diagonal of the head box) as a part of the distance neck - head top: to 1% for 98.5% of the
persons of the validation set who have both joints (`pytest tests/test_losses_and_metrics.py -k part_of`)."""


@register
class PCK(keras.metrics.Metric):
    """Share of joints found within a part of the torso's size, as for LSP: PCK@0.2 with right hip - left shoulder.

    Args:
        threshold: part of the torso's size.
        span: the two joints whose distance is the torso's size. None, for skeletons without a torso:
            `TORSO_OF_EXTENT` x the longer side of the extent of the labelled joints.
        counted: joints that count; by default the 14 of LSP in MPII-16.
    """

    def __init__(
        self,
        threshold: float = 0.2,
        span: Sequence[int] | None = tuple(MPII_16.indices_of(TORSO)),
        counted: Sequence[int] = tuple(MPII_16.indices_of(LSP_14.joints)),
        name: str = "pck",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.threshold, self.counted = threshold, tuple(counted)
        self.span = None if span is None else tuple(span)
        self.hits = self.add_weight(name="hits", initializer="zeros")
        self.total = self.add_weight(name="total", initializer="zeros")

    @classmethod
    def of(cls, skeleton: Skeleton, **kwargs: Any) -> Self:
        """The metric for a skeleton: its torso where it has one, and the joints of LSP where it has them, else all.

        Args:
            skeleton: of the heat maps.
            **kwargs: further arguments of the class.
        """
        has_torso = set(TORSO) <= set(skeleton.joints)
        return cls(span=skeleton.indices_of(TORSO) if has_torso else None, counted=_counted(skeleton), **kwargs)

    def reference(self, y_true: Any) -> Any:
        """[B] what the threshold is a part of, pixels of the heat map; 0 or less where the labelled joints don't tell."""
        if self.span is None:
            return TORSO_OF_EXTENT * _extent(y_true)
        first, second = (y_true[:, joint] for joint in self.span)
        return first[:, 2] * second[:, 2] * ops.norm(first[:, :2] - second[:, :2], axis=-1)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch; shapes as in `HeatmapLoss`. Persons without a reference do not count."""
        y_true = ops.convert_to_tensor(y_true, "float32")
        predicted = decode(y_pred[:, -1] if len(y_pred.shape) == 5 else y_pred)
        reference = self.reference(y_true)[:, None]
        index = list(self.counted)
        weight = ops.take(y_true[..., 2], index, axis=1) * ops.cast(reference > 0, "float32")
        distance = ops.norm(ops.take(predicted[..., :2] - y_true[..., :2], index, axis=1), axis=-1)
        self.hits.assign_add(ops.sum(weight * ops.cast(distance <= self.threshold * reference, "float32")))
        self.total.assign_add(ops.sum(weight))

    def result(self) -> Any:
        """0 to 1."""
        return ops.divide_no_nan(self.hits, self.total)

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "threshold": self.threshold, "span": self.span, "counted": self.counted}


@register
class PCKh(PCK):
    """Share of joints found within a part of the head's size, close to MPII's PCKh@0.5 (Andriluka et al., CVPR 2014).

    A stand-in: MPII takes the head's size from a box that joints do not carry; here it is `HEAD_SIZE_OF_SEGMENT` x the
    distance neck - head top, and persons count only where both are labelled.

    Args:
        threshold: part of the head's size.
        span: the two joints at the ends of the head.
        counted: joints that count; by default all of MPII-16 but pelvis and thorax.
    """

    def __init__(
        self,
        threshold: float = 0.5,
        span: Sequence[int] = tuple(MPII_16.indices_of(HEAD)),
        counted: Sequence[int] = tuple(MPII_16.indices_of(LSP_14.joints)),
        name: str = "pckh",
        **kwargs: Any,
    ) -> None:
        super().__init__(threshold, span, counted, name, **kwargs)

    @classmethod
    def of(cls, skeleton: Skeleton, **kwargs: Any) -> Self:
        """The metric for a skeleton: with the joints of LSP where it has them, else with all.

        Args:
            skeleton: of the heat maps.
            **kwargs: further arguments of the class.

        Raises:
            ValueError: the skeleton has no neck or no head top.
        """
        return cls(span=skeleton.indices_of(HEAD), counted=_counted(skeleton), **kwargs)

    def reference(self, y_true: Any) -> Any:
        """[B] the head's size, pixels of the heat map; 0 where one of its joints is not labelled."""
        return HEAD_SIZE_OF_SEGMENT * super().reference(y_true)


@register
class StackLosses(keras.metrics.Metric):
    """The part of `HeatmapLoss` that each stack has, as `loss_stack1` and so on; the parts add up to the loss.

    One metric for all stacks: `fit` logs what the dictionary of `result` holds, and the graph grows once.

    Args:
        stacks: how many there are.
        sigma: as in `HeatmapLoss`.

    Raises:
        ValueError: there is no stack.
    """

    def __init__(self, stacks: int, sigma: float = 1.0, name: str = "stack_losses", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        if stacks < 1:
            raise ValueError(f"`stacks` must be at least 1, got {stacks}")
        self.stacks, self.heatmap_loss = stacks, HeatmapLoss(sigma)
        self.total = self.add_weight(shape=(stacks,), name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch; shapes as in `HeatmapLoss`.

        Heat maps of the last stack alone, as in inference, tell nothing of the others and add nothing: Keras gives such to
        every metric once, to see its shapes.

        Raises:
            ValueError: the heat maps are those of another number of stacks.
        """
        if len(y_pred.shape) == 4:
            return
        if y_pred.shape[1] != self.stacks:
            raise ValueError(f"heat maps of {self.stacks} stacks are needed, got those of {y_pred.shape[1]}")
        losses = self.heatmap_loss.by_stack(ops.convert_to_tensor(y_true, "float32"), y_pred)
        self.total.assign_add(ops.sum(losses, axis=0))
        self.count.assign_add(ops.cast(ops.shape(losses)[0], "float32"))

    def result(self) -> dict[str, Any]:
        """The mean over the persons for each stack; NaN before the first."""
        means = ops.divide(self.total, self.count)
        return {f"loss_stack{stack}": means[stack - 1] for stack in range(1, self.stacks + 1)}

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "stacks": self.stacks, "sigma": self.heatmap_loss.sigma}


def _counted(skeleton: Skeleton) -> list[int]:
    """The joints of LSP where a skeleton has them all (pelvis and thorax of MPII follow from others), else all joints."""
    return skeleton.indices_of(LSP_14.joints if set(LSP_14.joints) <= set(skeleton.joints) else skeleton.joints)


def _extent(y_true: Any) -> Any:
    """[B] the longer side of the extent of the labelled joints [B, K, 3]; less than 0 where none is labelled."""
    labelled, far = y_true[..., 2:] > 0, 1e9
    low = ops.min(ops.where(labelled, y_true[..., :2], far), axis=1)
    high = ops.max(ops.where(labelled, y_true[..., :2], -far), axis=1)
    return ops.max(high - low, axis=-1)
