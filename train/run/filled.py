"""Losses of a validation whose last batch was filled up so that several devices can share it."""

from typing import Any

import keras

from lapx_tf.data.share import Share


class LeaveOutFilling(keras.callbacks.Callback):
    """Makes the losses in the logs those of the persons alone: nobody has a loss of 0, but counts in Keras' mean.

    Stands in the list before whatever reads the logs. Scores need nothing: nobody has no joints.

    Args:
        validation: gives the batches.
    """

    def __init__(self, validation: Share) -> None:
        super().__init__()
        self.validation, self._batches = validation, 0

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Counts."""
        self._batches = batch + 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Corrects `val_loss` and the losses of the stacks."""
        made = self._batches * self.validation.batch_size * self.validation.parts
        persons = min(made, len(self.validation.people))
        if logs is not None:
            logs |= {key: value * made / persons for key, value in logs.items() if key.startswith("val_loss")}
