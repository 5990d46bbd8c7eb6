"""When a training saves, and what it goes on from."""

import argparse
from dataclasses import dataclass, field

from lapx_tf.stopping import Stop
from train.checkpoints.state import Progress, State


@dataclass(frozen=True)
class Interval:
    """From one checkpoint to the next inside an epoch: a number of steps, or else a number of seconds."""

    steps: int | None = None
    seconds: float = 600.0

    @classmethod
    def parse(cls, text: str) -> "Interval":
        """From the command line: `500` steps or `10min`."""
        number, minutes = text.removesuffix("min"), text.endswith("min")
        if not number.isdecimal() or int(number) < 1:
            raise argparse.ArgumentTypeError(
                f"must be a number of steps such as 500, or minutes such as 10min, got {text!r}"
            )
        return cls(seconds=60.0 * int(number)) if minutes else cls(steps=int(number))


@dataclass(frozen=True)
class Saving:
    """When a training saves, and what it goes on from.

    Attributes:
        start: the checkpoint to go on from; None for a new training.
        interval: from one checkpoint to the next.
        stop: whether the training is asked to.
    """

    start: State | None = None
    interval: Interval = Interval()
    stop: Stop = field(default_factory=Stop)

    @property
    def progress(self) -> Progress:
        """Where the training begins."""
        return self.start.progress if self.start else Progress()
