"""Checkpoints in the course of a training: what it goes on from when it is stopped, and the networks that people use."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from lapx_tf.models import storage
from train.checkpoints import files as checkpoint_files
from train.checkpoints.saving import Saving
from train.checkpoints.state import Progress, capture, put_metrics
from train.run import workdir
from train.run.averaging import AveragedWeights
from train.run.divergence import diverged
from train.watching.pace import Every


class Checkpoint(keras.callbacks.Callback):
    """Saves what a training needs to go on: now and then in an epoch, at its end, and when it is asked to stop.

    There is also a checkpoint one step before each validation, which may take long: who stops there repeats that step.
    Stands behind the callbacks that change the logs or check the training.

    Args:
        run: the folder of the run.
        averages: has the weights that were validated.
        batches: steps of an epoch.
        saving: see there.
        monitor: the value in the logs whose maximum is the best.

    Attributes:
        progress: how far the training was at the last checkpoint.
    """

    def __init__(
        self, run: Path, averages: AveragedWeights, batches: int, saving: Saving, monitor: str = "val_pck"
    ) -> None:
        super().__init__()
        self.run, self.averages, self.batches = run, averages, batches
        self.saving, self.stop, self.monitor = saving, saving.stop, monitor
        self.progress = saving.progress
        self._start, self._clock = saving.start, Every(saving.interval.seconds)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """In the epoch that is gone on with, puts its running metrics back."""
        model: Any = self.model
        if self._start is not None and self._start.progress.steps_done:
            put_metrics(model, self._start)
        self._start = None

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves where that is due, and stops where that is asked.

        Raises:
            KeyboardInterrupt: it is.
            DivergedError: the network has numbers that are not finite.
            OSError: the checkpoint can't be written; the last ones are as they were.
        """
        done = batch + 1
        self.stop.waits = done < self.batches  # then the validation begins
        if self.stop.waits and (self.stop.asked or done == self.batches - 1 or self._due(done)):
            self._save(replace(self.progress, steps_done=done))
        self.stop.here()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves, and the weights that were validated: `last.keras`, and `best.keras` where the score has risen; NaN never has.

        Raises:
            KeyboardInterrupt: see `on_train_batch_end`, also for the others.
            DivergedError: likewise.
            OSError: likewise.
        """
        self.stop.waits = True
        score = float((logs or {})[self.monitor])
        best = self.progress.best_score
        better = score > (-math.inf if best is None else best)
        progress = replace(self.progress, epochs_done=epoch + 1, steps_done=0)
        if better:
            progress = replace(progress, best_score=score, best_epoch=epoch + 1)
        self._save(progress, [workdir.LAST, *([workdir.BEST] if better else [])])
        self.stop.here()

    def _due(self, done: int) -> bool:
        steps = self.saving.interval.steps
        return self._clock.due() if steps is None else done % steps == 0

    def _save(self, progress: Progress, networks: Sequence[str] = ()) -> None:
        model: Any = self.model
        state = capture(model, progress)
        if state.broken():
            step = (progress.steps_done or self.batches) - 1
            epoch = progress.epochs_done - (progress.steps_done == 0)
            raise diverged(model, epoch, step, "a weight is not a number")
        model.training_notes |= progress.to_dict()
        for name in networks:
            self._save_network(model, self.run / name)
        log = self.run / workdir.LOG
        if log.is_file():  # its row of the epoch is on the disk before a checkpoint counts it
            checkpoint_files.sync(log)
        checkpoint_files.write(self.run / workdir.CHECKPOINTS, state)
        self.progress = progress

    def _save_network(self, model: keras.Model, path: Path) -> None:
        with self.averages.inside():
            storage.save(model, path)
        checkpoint_files.sync(path)
