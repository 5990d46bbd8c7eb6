"""The average of the weights over the last steps (EMA), which scores better than any of them while training is still fast."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lapx_tf.data.loader import Loader
from train.run.devices import spread

STATISTICS_BATCHES = 50
"""Of the training, from which the averaged network gets its statistics."""


class AveragedWeights(keras.callbacks.Callback):
    """Validation inside `fit` sees the averaged weights that the optimizer keeps (`use_ema`).

    The statistics of the batch normalisation are those of the model's own weights and don't fit their average: after four
    epochs of `lapx_small`, 17 PCK with them where the weights' own score was 55. So they are taken anew from batches of the
    training (Izmailov et al., UAI 2018, section 3.2). Without `use_ema` nothing is done.

    Args:
        training: gives the batches.
    """

    def __init__(self, training: Loader) -> None:
        super().__init__()
        self.training, self.epoch = training, 0
        self._own: list[NDArray[Any]] = []
        self._averaged: list[NDArray[Any]] = []
        self._statistics: _Statistics | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes whose batches to take."""
        self.epoch = epoch

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the averaged weights in."""
        model: Any = self.model
        # Float16's loss scaling wraps the optimizer, and knows nothing of its averages.
        if not getattr(model.optimizer, "inner_optimizer", model.optimizer).use_ema:
            return
        self._own = _values(model)
        model.optimizer.finalize_variable_values(model.trainable_variables)
        # On JAX model and optimizer now share arrays, and running the network gives its own away.
        _put(model, _values(model))
        self._statistics = self._statistics or _Statistics(model)
        for index in range(min(STATISTICS_BATCHES, self.training.batches)):
            self._statistics.predict_on_batch(spread(self.training.batch(self.epoch, index)[0]))
        self._averaged = _values(model)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the model's own back."""
        self.put_own_back()

    def put_own_back(self) -> None:
        """Gives the model its own weights of the last validation, which `fit` replaces by the averages when it ends."""
        _put(self.model, self._own)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Inside, the model has the weights that were validated last; behind it, exactly its own again."""
        _put(self.model, self._averaged)
        try:
            yield
        finally:
            _put(self.model, self._own)


class _Statistics(keras.Model):
    """Runs a network as training does, compiled, for what it does to the network's statistics."""

    def __init__(self, network: keras.Model) -> None:
        super().__init__(name="statistics")
        self.network = network

    def call(self, images: Any) -> Any:
        """[B, ...] -> [1], a number that nobody needs; no array [B] of which each process would have a part only."""
        return ops.reshape(ops.mean(self.network(images, training=True)), (1,))


def _values(model: Any) -> list[NDArray[Any]]:
    return [np.array(ops.convert_to_numpy(weight)) for weight in model.weights]


def _put(model: Any, values: list[NDArray[Any]]) -> None:
    """Gives the model these values; none where nothing is averaged."""
    for weight, value in zip(model.weights if values else (), values, strict=True):
        weight.assign(value)
