"""`sessions.jsonl`: when and where a run was trained, from process to process; what the report says of it."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from train.watching.pace import Every, Pace

SESSIONS = "sessions.jsonl"

BEAT_SECONDS = 60.0
"""From one sign of life to the next: so exactly the length of a process that was killed is known."""


class NoteSession(keras.callbacks.Callback):
    """Appends to the file, a line at a time, so that a process that is killed has said what there was to say.

    Args:
        workdir: of the run.
        pace: stands before this in the list.
        facts: of this process, such as its environment; JSON-able.
        beat_seconds: see `BEAT_SECONDS`.
    """

    def __init__(self, workdir: Path, pace: Pace, facts: Mapping[str, Any], beat_seconds: float = BEAT_SECONDS) -> None:
        super().__init__()
        self.file, self.pace, self.facts = workdir / SESSIONS, pace, facts
        self._began, self._beat_due = False, Every(beat_seconds)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes the beginning, once."""
        if not self._began:
            self._began = True
            self._note(begins=dict(self.facts), step=self.pace.step)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """A sign of life where it is due."""
        if self._beat_due.due():
            self._note(step=self.pace.step)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes how fast the epoch was."""
        self._note(step=self.pace.step, epoch=self.pace.epoch, images_per_second=self.pace.images_per_second)

    def _note(self, **line: Any) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"time": round(time.time(), 3), **line}) + "\n")


@dataclass
class Session:
    """What one process did.

    Attributes:
        facts: see `NoteSession`.
        step: of the run, where it began.
        began: seconds since 1970.
        ended: likewise, of the last sign of life.
        rates: images a second of each epoch that it ended, counted from 1.
    """

    facts: Mapping[str, Any]
    step: int
    began: float
    ended: float
    rates: dict[int, float] = field(default_factory=dict)


def read(workdir: Path) -> list[Session]:
    """The sessions of a run, the oldest first; none where nothing was noted."""
    file, sessions = workdir / SESSIONS, []
    for line in _lines(file.read_text("utf-8") if file.is_file() else ""):
        if "begins" in line:
            sessions.append(Session(line["begins"], line["step"], line["time"], line["time"]))
        elif sessions:
            sessions[-1].ended = line["time"]
            if line.get("images_per_second") is not None:
                sessions[-1].rates[line["epoch"]] = line["images_per_second"]
    return sessions


def _lines(text: str) -> Sequence[dict[str, Any]]:
    """The whole lines; a process that was killed may have left a part of one."""
    found = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
