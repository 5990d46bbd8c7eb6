"""Counting the pictures that can't be read while training goes on."""

import logging
import threading
from collections.abc import Hashable

from lapx_tf.errors import InputError

log = logging.getLogger(__name__)


class Unreadable:
    """The pictures that could not be read. Threads may share it.

    Args:
        limit: that many are skipped; one more is an error, and so is the last picture of all.
        total: pictures that there are.

    Attributes:
        found: one sentence for each picture, in the order of discovery.
    """

    def __init__(self, limit: int, total: int) -> None:
        if limit < 0:
            raise ValueError(f"`unreadable_limit` must be 0 or more, got {limit}")
        self.limit, self.total = limit, total
        self.found: dict[Hashable, str] = {}
        self._lock = threading.Lock()

    def add(self, picture: Hashable, name: str, why: Exception) -> None:
        """Counts a picture and warns, the first time that it is met.

        Raises:
            InputError: there are more of them than the limit, or no others.
        """
        with self._lock:
            new = picture not in self.found
            self.found.setdefault(picture, f"{name}: {why}")
            if len(self.found) > self.limit or len(self.found) == self.total:
                raise InputError(
                    f"{len(self.found)} of {self.total} pictures can't be read, at most {self.limit} may be skipped: "
                    + "; ".join(list(self.found.values())[:3])
                )
            if new:
                log.warning("skipped a picture, %d so far: %s", len(self.found), self.found[picture])
