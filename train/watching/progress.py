"""Where a run stands: a bar in a terminal, a line an epoch, and where there is no terminal a line now and then."""

import math
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from train.watching.pace import Every, Pace, in_words

LINE_SECONDS = 60.0
"""From one line to the next where there is no terminal."""

REDRAWN = 2.0
"""Times a second, of the bar: more would only cost time."""


class ShowProgress(keras.callbacks.Callback):
    """Takes the place of Keras' bar, and is the context that the bar lives in.

        with ShowProgress(pace) as progress:
            model.fit(..., callbacks=[pace, ..., progress], verbose=0)

    Args:
        pace: stands before this in the list.
        console: where to write; stdout by default.
        line_seconds: see `LINE_SECONDS`.
    """

    def __init__(self, pace: Pace, console: Console | None = None, line_seconds: float = LINE_SECONDS) -> None:
        super().__init__()
        self.pace = pace
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._line_due, self._redraw_due = Every(line_seconds), Every(1 / REDRAWN)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(16),
            MofNCompleteColumn(),
            TextColumn("{task.fields[now]}"),
        )
        self._bar = Progress(*columns, console=self.console, refresh_per_second=REDRAWN, transient=True)
        self._task = self._bar.add_task("", now="", visible=False)

    def __enter__(self) -> Self:
        if self.console.is_interactive:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.console.is_interactive:
            self._bar.stop()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begins the bar anew, or goes on where a resumed epoch stood."""
        self._bar.update(self._task, visible=True, total=self.pace.batches, completed=self.pace.done, now="",
                         description=self._epoch)  # fmt: skip

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Moves the bar; without a terminal, a line where one is due."""
        if self.console.is_interactive:
            if self._redraw_due.due() or self.pace.done == self.pace.batches:
                self._bar.update(self._task, completed=self.pace.done, now=self._now(logs or {}))
        elif self._line_due.due():
            self._say(f"{self._epoch}, step {self.pace.done} of {self.pace.batches}: {self._now(logs or {})}")

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Says that the training waits for the validation."""
        self._bar.update(self._task, description=f"{self._epoch}, validation")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """The line of the epoch."""
        left = self.pace.run_left  # nothing after the last epoch
        ends = [f"left: {in_words(left)}"] if left else []
        self._say(f"{self._epoch}: {', '.join([*_values(logs or {}), *_speed(self.pace), *ends])}")

    @property
    def _epoch(self) -> str:
        return f"epoch {self.pace.epoch} of {self.pace.epochs}"

    def _now(self, logs: Mapping[str, Any]) -> str:
        """Figures in the middle of an epoch: those of the epoch so far."""
        pace, loss = self.pace, {"loss": logs.get("loss", math.nan)}
        times = [("epoch", pace.epoch_left), ("run", pace.run_left)]
        left = ", ".join(f"{of_what} {in_words(seconds)}" for of_what, seconds in times if seconds is not None)
        return ", ".join([*_values(loss), *_speed(pace), *([f"left: {left}"] if left else [])])

    def _say(self, line: str) -> None:
        self.console.print(line, markup=False)


_FOR_CURVES = ("loss_stack", "val_loss_stack", "gamma_phase", "logit_", "entropy_", "share_")


def _values(logs: Mapping[str, Any]) -> list[str]:
    """The figures of the logs in few digits, without those that are for curves only or not there."""
    return [
        f"{key} {value:.4g}" for key, value in logs.items() if not key.startswith(_FOR_CURVES) and math.isfinite(value)
    ]


def _speed(pace: Pace) -> list[str]:
    rate = pace.images_per_second
    return [] if rate is None else [f"{rate:.{1 if rate < 100 else 0}f} images/s"]
