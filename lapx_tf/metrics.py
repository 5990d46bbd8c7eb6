"""Metrics for `fit` (Keras: any backend)."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from lapx_tf.codecs.encode import decode
from lapx_tf.models.layers import register
from lapx_tf.skeletons import LSP_14, MPII_16


@register
class PCK(keras.metrics.Metric):
    """Share of joints found within a part of the torso's size, as for LSP: PCK@0.2 with right hip - left shoulder.

    Heat maps and joints are compared in pixels of the heat map; the crop keeps the aspect, so the share is the same as in
    pixels of the image. `lapx_tf.evaluation.pck` is the measure to report; this one is for watching the training.

    Args:
        threshold: part of the torso's size.
        torso: the two joints that span it.
        counted: joints that count; by default the 14 of LSP in MPII-16.
    """

    def __init__(
        self,
        threshold: float = 0.2,
        torso: Sequence[int] = tuple(MPII_16.indices_of(["right_hip", "left_shoulder"])),
        counted: Sequence[int] = tuple(MPII_16.indices_of(LSP_14.joints)),
        name: str = "pck",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.threshold, self.torso, self.counted = threshold, tuple(torso), tuple(counted)
        self.hits = self.add_weight(name="hits", initializer="zeros")
        self.total = self.add_weight(name="total", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch; shapes as in `HeatmapLoss`. Persons without a labelled torso do not count."""
        predicted = decode(y_pred[:, -1] if len(y_pred.shape) == 5 else y_pred)
        first, second = (y_true[:, joint] for joint in self.torso)
        reach = self.threshold * ops.norm(first[:, :2] - second[:, :2], axis=-1)
        index = list(self.counted)
        weight = ops.take(y_true[..., 2], index, axis=1) * (first[:, 2] * second[:, 2])[:, None]
        distance = ops.norm(ops.take(predicted[..., :2] - y_true[..., :2], index, axis=1), axis=-1)
        self.hits.assign_add(ops.sum(weight * ops.cast(distance <= reach[:, None], "float32")))
        self.total.assign_add(ops.sum(weight))

    def result(self) -> Any:
        """0 to 1."""
        return ops.divide_no_nan(self.hits, self.total)

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "threshold": self.threshold, "torso": self.torso, "counted": self.counted}
