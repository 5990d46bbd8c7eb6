"""AdamW as this package trains with it: Keras', with a graph that TensorFlow builds in a third of the time."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from lapx_tf.models.layers import register


@register
class AdamW(keras.optimizers.AdamW):
    """Keras' AdamW, with which variables don't decay as a part of its config, and fewer operations on TensorFlow.

    Keras forgets what `exclude_from_weight_decay` was told when an optimizer is saved, so training that resumes would pull
    on other variables than before.

    On TensorFlow, Keras writes the update of each variable as some fifty operations, and LAPX has 548 variables: building
    that graph takes longer than building the network's. Here Adam's update is TensorFlow's own kernel and everything that
    is the same for all variables is computed once. Results agree to rounding. In a `tf.distribute` strategy and on the other
    backends everything is Keras'.

    Args:
        spared: parts of names of variables that don't decay, such as `bias`.
        **kwargs: see `keras.optimizers.AdamW`; `weight_decay=0` is Adam.
    """

    def __init__(self, *args: Any, spared: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spared = tuple(spared)
        self.exclude_from_weight_decay(var_names=list(self.spared))

    def _one_kernel(self) -> bool:
        if keras.backend.backend() != "tensorflow" or self.amsgrad:
            return False
        import tensorflow as tf

        return not tf.distribute.has_strategy()

    def _clip_gradients(self, grads: list[Any]) -> list[Any]:
        if keras.backend.backend() != "tensorflow" or not self.global_clipnorm:
            return super()._clip_gradients(grads)
        import tensorflow as tf

        if self._one_kernel():
            return tf.clip_by_global_norm(grads, self.global_clipnorm)[0]
        # A replica has a part of the gradient, which Keras would cut by itself before it sums the parts.
        replicas: Any = tf.distribute.get_replica_context()
        whole = replicas.all_reduce(tf.distribute.ReduceOp.SUM, grads)
        cut = tf.clip_by_global_norm(whole, self.global_clipnorm)[0]
        return [gradient / replicas.num_replicas_in_sync for gradient in cut]

    def _apply_weight_decay(self, variables: list[Any]) -> None:
        if not self._one_kernel():
            super()._apply_weight_decay(variables)
            return
        if not self.weight_decay:
            return
        kept = 1 - self.learning_rate * self.weight_decay
        for variable in variables:
            if self._use_weight_decay(variable):
                variable.value.assign(variable.value * kept)

    def _backend_update_step(self, grads: list[Any], trainable_variables: list[Any], learning_rate: Any) -> None:
        if not self._one_kernel():
            super()._backend_update_step(grads, trainable_variables, learning_rate)
            return
        import tensorflow as tf

        iterations: Any = self.iterations
        step: Any = ops.cast(iterations + 1, "float32")
        shared = {
            "beta1_power": tf.pow(self.beta_1, step),
            "beta2_power": tf.pow(self.beta_2, step),
            "lr": tf.cast(learning_rate, tf.float32),
            "beta1": tf.constant(self.beta_1),
            "beta2": tf.constant(self.beta_2),
            "epsilon": tf.constant(self.epsilon),
        }
        for gradient, variable in zip(grads, trainable_variables, strict=True):
            index = self._get_variable_index(variable)
            var, m, v = (each.value.handle for each in (variable, self._momentums[index], self._velocities[index]))
            tf.raw_ops.ResourceApplyAdam(var=var, m=m, v=v, grad=gradient, **shared)

    def _update_model_variables_moving_average(self, trainable_variables: list[Any]) -> None:
        if not self._one_kernel():
            super()._update_model_variables_moving_average(trainable_variables)
            return
        import tensorflow as tf

        first: Any = ops.equal(self.iterations, 0)
        fresh = tf.where(first, 1.0, 1 - self.ema_momentum)  # the first step replaces the average by the weights
        for variable, average in zip(trainable_variables, self._model_variables_moving_average, strict=True):
            average.value.assign_sub((average.value - variable.value) * fresh)

    def get_config(self) -> dict[str, Any]:
        """All constructor arguments."""
        return {**super().get_config(), "spared": list(self.spared)}
