"""Stopping a command well: what SIGTERM and Ctrl-C do to one that has something to finish."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_ANSWER = b"\nstopping; a second time ends the process at once\n"


class Stop:
    """Whether a signal has asked the command to stop.

    Attributes:
        asked: by which signal; None by none.
        waits: whether what the command does is to be finished and saved first. Otherwise the signal raises
            KeyboardInterrupt on the spot, because everything is on the disk or nothing has begun.
    """

    def __init__(self) -> None:
        self.asked: int | None = None
        self.waits = False

    def ask(self, number: int, frame: FrameType | None = None) -> None:
        """The signal's handler. The next signal finds the system's own, which ends the process.

        Raises:
            KeyboardInterrupt: nothing waits.
        """
        self.asked = number
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        if not self.waits:
            raise KeyboardInterrupt
        os.write(2, _ANSWER)  # not sys.stderr, in the middle of whose own writing this may be

    def here(self, sentence: str = "") -> None:
        """Stops, where that was asked.

        Args:
            sentence: says what is stopped and what is kept; "stopped" if it is empty.

        Raises:
            KeyboardInterrupt: it was.
        """
        if self.asked is not None:
            raise KeyboardInterrupt(sentence)

    def exit_code(self, code: int) -> int:
        """Of the process: the shell's 143 in place of 130 (interrupted) where it was SIGTERM that stopped it."""
        return 128 + self.asked if self.asked is not None and code == 128 + signal.SIGINT else code


@contextmanager
def signals() -> Iterator[Stop]:
    """Inside, SIGINT and SIGTERM ask this `Stop`; behind it they are handled as before."""
    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
