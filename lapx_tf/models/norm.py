"""Batch normalisation that trains through TensorFlow's fused kernel, where TensorFlow is the backend."""

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="lapx_tf")
class BatchNorm(layers.BatchNormalization):
    """Keras' layer, with one operation in place of the dozen that it and its gradient become on TensorFlow.

    Those passes over memory are nearly half of a training step on a CPU. Same weights, same result up to rounding; inference
    and the other backends (whose compilers fuse by themselves) go the usual way. So does training in a `tf.distribute`
    strategy, where the statistics are those of the batch of all replicas together, as they are on JAX by themselves.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.synchronized = _in_strategy()

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """[B, H, W, C] -> the same shape."""
        if not training or not self.trainable or self.synchronized or keras.backend.backend() != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        output, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=ops.cast(self.gamma, "float32"),
            offset=ops.cast(self.beta, "float32"),
            mean=[],
            variance=[],
            epsilon=self.epsilon,
            exponential_avg_factor=1.0,
            is_training=True,
        )
        # The kernel gives the variance with N - 1 in the denominator, Keras keeps the one with N.
        count = ops.cast(tf.size(inputs) / self.gamma.shape[0], "float32")
        self._move(self.moving_mean, mean)
        self._move(self.moving_variance, variance * ((count - 1) / count))
        return output

    def _move(self, average: Any, value: Any) -> None:
        average.assign(average * self.momentum + ops.cast(value, average.dtype) * (1 - self.momentum))


def _in_strategy() -> bool:
    """Whether what is made now belongs to a `tf.distribute` strategy."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return tf.distribute.has_strategy()
