"""The training loss (Keras: any backend)."""

from typing import Any

import keras
from keras import ops

from lapx_tf.codecs.encode import encode
from lapx_tf.models.layers import register


@register
class HeatmapLoss(keras.losses.Loss):
    """Mean squared error between heat maps, weighted by joint visibility, summed over the stacks.

    `y_true` is [B, K, 3] (x, y, weight) in pixels of the heat map; the target Gaussians are made from it here. `y_pred` is
    [B, S, h, w, K] as LAPX gives it in training, or [B, h, w, K] as in inference.

    Args:
        sigma: deviation of the target Gaussian in pixels of the heat map.
    """

    def __init__(self, sigma: float = 1.0, name: str = "heatmap_loss", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        if sigma <= 0:
            raise ValueError(f"`sigma` must be positive, got {sigma}")
        self.sigma = sigma

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """[B]: for each sample the sum over the stacks."""
        return ops.sum(self.by_stack(y_true, y_pred), axis=1)

    def by_stack(self, y_true: Any, y_pred: Any) -> Any:
        """[B, S]: for each sample and stack the mean over pixels and joints."""
        if len(y_pred.shape) == 4:
            y_pred = ops.expand_dims(y_pred, 1)
        target = encode(y_true, y_pred.shape[2:4], self.sigma)
        weight = y_true[:, None, None, None, :, 2]
        return ops.mean(weight * ops.square(y_pred - ops.expand_dims(target, 1)), axis=(2, 3, 4))

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "sigma": self.sigma}
