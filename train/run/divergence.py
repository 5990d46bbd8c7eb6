"""Noticing that a training has diverged, before anything of it is saved."""

import math
from collections import deque
from collections.abc import Mapping
from statistics import median
from typing import Any

import keras

from lapx_tf import LAPX
from lapx_tf.callbacks import gammas_of, number
from train.run.errors import DivergedError

WINDOW = 20
"""Steps, whose median is the level of the loss: a batch of odd pictures can't move it."""

LIMIT = 10.0
"""Times the lowest level so far. A network that has collapsed to empty heat maps has the loss pi sigma^2 / (h w) a stack,
0.0069 at 128x128 with sigma 1.5; a better one has a part of that (the two stacks of `lapx_small_lsp` after 6 epochs,
0.0033 in the log's val_loss). So a collapse alone is no alarm: ten times the lowest level is noise that has taken the heat maps
over."""


class NoticeDivergence(keras.callbacks.Callback):
    """Stops a training whose loss is not a number, or whose level has risen beyond a limit.

    It reads the logs of each step, which `fit` has fetched from the device for its callbacks anyway, and stands in the list
    before whatever saves. The loss of a step follows from the running means before and after it. A level needs `window`
    steps, and the loss begins at its highest, so that a warm-up raises no alarm. A process that resumes takes the lowest
    level anew.

    Args:
        window: see `WINDOW`.
        limit: see `LIMIT`.
    """

    def __init__(self, window: int = WINDOW, limit: float = LIMIT) -> None:
        super().__init__()
        self.limit = limit
        self._losses: deque[float] = deque(maxlen=window)
        self._lowest = math.inf
        self._epoch = 0
        self._before: tuple[int, float] | None = None
        self._gammas: dict[int, float] | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begins the running mean anew."""
        self._epoch, self._before, self._gammas = epoch, None, None

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes each gamma as the epoch begins: after the step that gave NaN it may be NaN itself."""
        if self._gammas is None:
            self._gammas = _gammas(self.model)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Checks a step.

        Raises:
            DivergedError: see the class.
        """
        mean = float((logs or {})["loss"])
        if not math.isfinite(mean):
            raise diverged(self.model, self._epoch, batch, f"the loss is {mean}", self._gammas)
        self._add(batch + 1, mean)
        if len(self._losses) < (self._losses.maxlen or 0):
            return
        level = median(self._losses)
        if level > self.limit * self._lowest:
            what = f"the loss has risen from {self._lowest:.3g} to {level:.3g} (medians of {len(self._losses)} steps)"
            raise diverged(self.model, self._epoch, batch, what, self._gammas)
        self._lowest = min(self._lowest, level)

    def _add(self, steps: int, mean: float) -> None:
        """Adds the losses that made the mean over `steps` steps what it is; not of steps before a resume."""
        before, self._before = self._before or ((0, 0.0) if steps == 1 else None), (steps, mean)
        if before is not None:
            self._losses.append((steps * mean - before[0] * before[1]) / (steps - before[0]))


def diverged(model: Any, epoch: int, step: int, what: str, gammas: Mapping[int, float] | None = None) -> DivergedError:
    """The error that says where a training went wrong and what to try.

    Args:
        model: the network, compiled.
        epoch: from 0.
        step: of the epoch, from 0.
        what: was seen.
        gammas: as the epoch began, by stack; None for those of now.
    """
    gammas = _gammas(model) if gammas is None else gammas
    of_stacks = ", ".join(f"gamma {gamma:.3g} in stack {stack}" for stack, gamma in gammas.items())
    return DivergedError(
        f"training diverged in epoch {epoch + 1}, step {step + 1}: {what}; learning rate "
        f"{number(model.optimizer.learning_rate):.3g}, {of_stacks or 'no gamma'}; try a lower learning_rate or clip_norm, more "
        "warmup_epochs, a longer gamma.ramp or lower gamma.target, and float32 if it was not"
    )


def _gammas(model: Any) -> dict[int, float]:
    return gammas_of(model) if isinstance(model, LAPX) else {}
