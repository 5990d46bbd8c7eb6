"""Checkpoints: `last.keras` to resume from, `best.keras` to use."""

from pathlib import Path
from typing import Any

import keras

from lapx_tf.models import storage
from train.averaging import AveragedWeights
from train.workdir import BEST, LAST


class Checkpoint(keras.callbacks.Callback):
    """Saves the model at the end of each epoch, whole or not at all.

    The number of finished epochs and the best score so far travel in the model's notes, so one file is the whole state:
    weights, optimizer, the phase of gamma, where training stands.

    Args:
        workdir: where the files go.
        averages: has the weights that were validated.
        monitor: the value in the logs whose maximum is the best.
    """

    def __init__(self, workdir: Path, averages: AveragedWeights, monitor: str = "val_pck") -> None:
        super().__init__()
        self.workdir, self.averages, self.monitor = workdir, averages, monitor

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Saves `last.keras`, and `best.keras` (the weights that were validated) where the score has risen."""
        model: Any = self.model
        notes: dict[str, Any] = model.training_notes
        score = float((logs or {})[self.monitor])
        better = score > notes.get("best_score", -1.0)
        notes["epochs_done"] = epoch + 1
        if better:
            notes |= {"best_score": score, "best_epoch": epoch + 1}
            with self.averages.inside():
                storage.save(model, self.workdir / BEST)
        storage.save(model, self.workdir / LAST)
