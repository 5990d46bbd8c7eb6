"""How fast a run goes, and how long it will take."""

import time
from collections.abc import Callable
from typing import Any

import keras


class Pace(keras.callbacks.Callback):
    """Counts steps and seconds for the callbacks that show them; stands before them in the list.

    What is not training (validation, checkpoints, building the graph in the first step of the process) is left out of the
    rate; what lay between the last two epochs is expected again between the next ones.

    Args:
        batch_size: images a step.
        clock: gives seconds.

    Attributes:
        epoch: counted from 1.
        epochs: where the run ends.
        done: steps of the epoch that are done, in this process or, where a run resumes within an epoch, before.
        batches: steps of a whole epoch.
    """

    def __init__(self, batch_size: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.batch_size, self.clock = batch_size, clock
        self.epoch = self.epochs = self.done = self.batches = 0
        self._stepped, self._between = 0.0, 0.0
        self._first: tuple[int, float] | None = None
        self._rate: float | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begins an epoch, or goes on with it: at `first_step` of the parameters, see `continuing.OneRun`."""
        params: Any = self.params
        now, first_of_process = self.clock(), not self.epoch
        if not first_of_process:
            self._between = now - self._stepped  # with what other callbacks do at the end of an epoch
        self.epoch, self.epochs, self.batches = epoch + 1, params["epochs"], params["steps"]
        self.done, self._stepped = params.get("first_step", 0), now
        # The first step of the process builds the graph: there the rate begins behind it.
        self._first = None if first_of_process else (self.done, now)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Counts; with `steps_per_execution` Keras calls once for several steps."""
        self.done, self._stepped = batch + 1, self.clock()
        if self._first is None:
            self._first = self.done, self._stepped
        elif self._stepped > self._first[1]:
            self._rate = (self.done - self._first[0]) / (self._stepped - self._first[1])

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Counts the validation."""
        self._between = self.clock() - self._stepped

    @property
    def step(self) -> int:
        """Steps of the whole run."""
        return (self.epoch - 1) * self.batches + self.done

    @property
    def images_per_second(self) -> float | None:
        """In this epoch, or in the last one as long as this one is too young; None in the first two steps."""
        return None if self._rate is None else self._rate * self.batch_size

    @property
    def epoch_left(self) -> float | None:
        """Seconds of training that are left in the epoch."""
        return None if self._rate is None else (self.batches - self.done) / self._rate

    @property
    def run_left(self) -> float | None:
        """Seconds that are left in the run."""
        if self._rate is None:
            return None
        steps = self.epochs * self.batches - self.step
        return steps / self._rate + (self.epochs - self.epoch) * self._between


class Every:
    """Is due once in so many seconds, for the first time when they have passed.

    Args:
        seconds: see above.
        clock: gives seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock = seconds, clock
        self._last = clock()

    def due(self) -> bool:
        """Whether it is, which it then is no longer."""
        now = self.clock()
        if now - self._last < self.seconds:
            return False
        self._last = now
        return True


def in_words(seconds: float) -> str:
    """A time in its two largest units, such as `3 h 12 min`."""
    whole = round(seconds)
    for large, small, size in (("d", "h", 3600), ("h", "min", 60), ("min", "s", 1)):
        per_large = 24 if large == "d" else 60
        count, rest = divmod(whole // size, per_large)
        if count:
            return f"{count} {large} {rest} {small}"
    return f"{whole} s"
