"""The average of the weights over the last steps (EMA), which scores better than any of them while training is still fast."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
from keras import ops


@contextmanager
def averaged(model: Any) -> Iterator[None]:
    """Inside, the model has the averaged weights that its optimizer keeps; behind it, exactly its own again.

    Keras' `SwapEMAWeights` swaps by adding and subtracting, which rounds the weights each time. Without `use_ema` nothing
    changes.
    """
    if not model.optimizer.use_ema:
        yield
        return
    own = [ops.convert_to_numpy(weight) for weight in model.trainable_variables]
    model.optimizer.finalize_variable_values(model.trainable_variables)
    try:
        yield
    finally:
        for weight, value in zip(model.trainable_variables, own, strict=True):
            weight.assign(value)


class ValidateAveraged(keras.callbacks.Callback):
    """Validation inside `fit` sees the averaged weights."""

    def __init__(self) -> None:
        super().__init__()
        self._inside = ExitStack()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the averaged weights in."""
        self._inside.enter_context(averaged(self.model))

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the model's own back."""
        self._inside.close()
