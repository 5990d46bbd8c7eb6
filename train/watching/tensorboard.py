"""TensorBoard: the figures of a run and pictures of what the network finds, on every backend."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from train.run.averaging import AveragedWeights
from train.watching.event_file import EventFile
from train.watching.pace import Every, Pace
from train.watching.preview import Preview

WITHIN_SECONDS = 60.0
"""From one point to the next within an epoch."""


class TensorBoard(keras.callbacks.Callback):
    """Writes what `tensorboard --logdir` shows; the steps of all curves are those of the optimizer since the run began.

    Two of TensorBoard's `runs` with the same tags, so that each chart has both curves: `train` (loss, that of each stack,
    metrics, learning rate, the gamma of each NonLocal module, images/s) and `validation`. Each has a point an epoch. Between
    them, `train` has the figures of the epoch so far as `within_epoch/...`. `validation` has the pictures, of the weights that
    were validated. Keras' callback of this name needs TensorFlow.

    Args:
        folder: where the files go.
        pace: stands before this in the list, as does whatever adds to the logs.
        averages: has the weights that were validated.
        preview: the persons to draw.
        within_seconds: see `WITHIN_SECONDS`.
    """

    def __init__(
        self,
        folder: Path,
        pace: Pace,
        averages: AveragedWeights,
        preview: Preview,
        within_seconds: float = WITHIN_SECONDS,
    ) -> None:
        super().__init__()
        self.folder, self.pace, self.averages, self.preview = folder, pace, averages, preview
        self._within_due = Every(within_seconds)
        self._files: dict[str, EventFile] = {}

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begins the files, in the first epoch of the process: now it is known at which step a resumed run goes on."""
        if not self._files:
            # Of an epoch that goes on behind its last step, the figures are still to come.
            first = self.pace.step + (self.pace.done < self.pace.batches)
            self._files = {run: EventFile(self.folder / run, first) for run in ("train", "validation")}

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the figures of the epoch so far where that is due."""
        if self._within_due.due():
            so_far = _finite(logs or {}) | self._speed()
            self._files["train"].scalars(
                {f"within_epoch/{key}": value for key, value in so_far.items()}, self.pace.step
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the figures of the epoch, and the pictures."""
        logs, step = logs or {}, self.pace.step
        of_training = {key: value for key, value in logs.items() if not key.startswith("val_")}
        of_validation = {key.removeprefix("val_"): logs[key] for key in logs if key not in of_training}
        self._files["train"].scalars(_finite(of_training) | self._speed(), step)
        self._files["validation"].scalars(_finite(of_validation), step)
        with self.averages.inside():
            pictures = self.preview.draw(self.model)
        self._files["validation"].images(
            {f"truth, found, heat maps/{name}": one for name, one in pictures.items()}, step
        )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Ends the files; a run that is stopped leaves them as they are, whole up to the last point."""
        for file in self._files.values():
            file.close()

    def _speed(self) -> dict[str, float]:
        rate = self.pace.images_per_second
        return {} if rate is None else {"images_per_second": rate}


def _finite(values: Mapping[str, Any]) -> dict[str, float]:
    """The figures that are there: an epoch without a full evaluation has NaN for it."""
    return {key: float(value) for key, value in values.items() if math.isfinite(value)}
