"""What a run has left in its folder, for the report."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.data.records import read_json
from lapx_tf.errors import InputError
from train.run.workdir import LOG, SETTINGS
from train.watching import sessions
from train.watching.sessions import Session


@dataclass(frozen=True, eq=False)
class Run:
    """A run.

    Attributes:
        settings: what it was asked to do, as in `recipe.json`.
        epochs: [T] of those that ended, counted from 1.
        log: [T] figures of each of these epochs by their name, NaN where there is none.
        sessions: the processes that trained it, the oldest first.
    """

    settings: Mapping[str, Any]
    epochs: NDArray[np.int64]
    log: Mapping[str, NDArray[np.float64]]
    sessions: Sequence[Session]

    @property
    def data(self) -> list[Path]:
        """The folders that it was trained on, as the last process had them; none for synthetic people."""
        return [Path(path) for path in self.sessions[-1].facts.get("data", ())] if self.sessions else []


def read(workdir: Path) -> Run:
    """The run in a folder, however far it has come.

    Raises:
        InputError: there is no run.
    """
    commands.existing_folder(workdir)
    if not (workdir / SETTINGS).is_file():
        raise InputError(f"{workdir} holds no run: there is no {SETTINGS}")
    columns = _columns(workdir / LOG)
    epochs = columns.pop("epoch", np.zeros(0)).astype(np.int64) + 1  # Keras counts from 0
    return Run(read_json(workdir / SETTINGS), epochs, columns, sessions.read(workdir))


def _columns(log: Path) -> dict[str, NDArray[np.float64]]:
    """The columns of a CSV file by name; none where there is no file or no row in it."""
    rows = list(csv.DictReader(log.read_text("utf-8").splitlines())) if log.is_file() else []
    return {name: np.array([_number(row[name]) for row in rows]) for name in (rows[0] if rows else ())}


def _number(text: str | None) -> float:
    """NaN where a cell is no number: a process that was killed may have left half a row."""
    try:
        return float(text or "")
    except ValueError:
        return math.nan
