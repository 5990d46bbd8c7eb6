"""Going on in the middle of an epoch: Keras' `fit` can only begin epochs, so the rest of one is a `fit` of its own."""

from collections.abc import Callable, Sequence
from typing import Any

import keras

from lapx_tf import LAPX
from train.checkpoints.state import Progress
from train.run.averaging import AveragedWeights


class OneRun(keras.callbacks.CallbackList):
    """Callbacks to which several calls of `fit` look like one: it begins and ends once, and steps have their right number.

    Args:
        callbacks: see `fit`.
        model: which trains.
        epochs: where the run ends; in the callbacks' `params` by this name.
        steps: of a whole epoch; likewise.
    """

    def __init__(self, callbacks: Sequence[keras.callbacks.Callback], model: LAPX, epochs: int, steps: int) -> None:
        super().__init__(list(callbacks), add_history=True, model=model, epochs=epochs, steps=steps, verbose=0)
        self._begun = False
        self.next_fit(first_step=0, last=True)

    def next_fit(self, first_step: int, last: bool) -> None:
        """Says what the next `fit` is.

        Args:
            first_step: of the epoch that it begins with, from 0; in the callbacks' `params` by this name.
            last: whether the run ends with it.
        """
        self._first_step, self._last = first_step, last
        self.set_params({**(self.params or {}), "first_step": first_step})

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Tells the callbacks, the first time."""
        if not self._begun:
            super().on_train_begin(logs)
        self._begun = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Tells the callbacks, the last time."""
        if self._last:
            super().on_train_end(logs)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Counts from the beginning of the epoch."""
        super().on_train_batch_begin(self._first_step + batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Counts from the beginning of the epoch."""
        super().on_train_batch_end(self._first_step + batch, logs)


def fit_from(
    start: Progress, epochs: int, run: OneRun, averages: AveragedWeights, fit: Callable[[int, int, int], Any]
) -> None:
    """Trains from where a run stands to its end.

    Args:
        start: where it stands.
        epochs: where it ends.
        run: its callbacks, `averages` among them.
        averages: see above.
        fit: calls Keras' `fit` with `run`, from an epoch (counted from 0) and its step (likewise) to the end of so many
            epochs.
    """
    whole = start.epochs_done
    if start.steps_done:
        whole += 1
        run.next_fit(start.steps_done, last=whole == epochs)
        fit(start.epochs_done, start.steps_done, whole)
        averages.put_own_back()  # `fit` ends with the averages in their place
        run.next_fit(0, last=True)
    if whole < epochs:
        fit(whole, 0, epochs)
