"""Handing things from thread to thread in order, so that reading, looking and writing a video overlap.

OpenCV and the runtimes let other threads run while they work.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Condition
from time import perf_counter
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")

DEPTH = 4
"""Frames that may wait between two threads: enough to even out the key frames of a video, and little memory."""


class Handover(Generic[T]):
    """Where one thread puts things and another takes them.

    Args:
        depth: how many wait at most.
        newest: where they are that many, the oldest goes, instead of the giver waiting.
    """

    def __init__(self, depth: int = DEPTH, newest: bool = False) -> None:
        self._waiting = deque[T](maxlen=depth)  # which lets the oldest go by itself
        self._depth, self._newest, self._ended = depth, newest, False
        self._changed = Condition()

    def put(self, item: T) -> bool:
        """Gives, once there is room; False, and nothing given, after the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._newest or len(self._waiting) < self._depth)
            if not self._ended:
                self._waiting.append(item)
                self._changed.notify_all()
            return not self._ended

    def end(self) -> None:
        """Either side ends it: nothing more is put; what waits may still be taken."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[T]:
        """Takes, until the end."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    return
                item = self._waiting.popleft()
                self._changed.notify_all()
            yield item


@contextmanager
def ahead(items: Iterable[T], depth: int = DEPTH, newest: bool = False) -> Iterator[Iterator[T]]:
    """The same items, made in a thread of their own before they are asked for.

    Leaving the block ends the thread, after the item that it is at.

    Args:
        items: is gone through in that thread.
        depth: how many are made in advance at most.
        newest: items that nobody asked for in time are dropped, the oldest first; for a camera, with a depth of 1.

    Raises:
        Exception: that of `items`, at the block's end.
    """
    handover = Handover[T](depth, newest)

    def make() -> None:
        try:
            for item in items:
                if not handover.put(item):
                    return
        finally:
            handover.end()

    with ThreadPoolExecutor(1, "ahead") as pool:
        making = pool.submit(make)
        try:
            yield iter(handover)
        finally:
            handover.end()
        making.result()


@contextmanager
def behind(take: Callable[[T], None], depth: int = DEPTH) -> Iterator[Callable[[T], None]]:
    """Gives a function that passes items on to `take` in a thread of its own; it waits where `depth` of them are not taken.

    At the block's end everything passed on has been taken.

    Raises:
        Exception: that of `take`, where the next item is passed on or at the block's end.
    """
    handover = Handover[T](depth)

    def work() -> None:
        try:
            for item in handover:
                take(item)
        finally:
            handover.end()

    with ThreadPoolExecutor(1, "behind") as pool:
        working = pool.submit(work)

        def put(item: T) -> None:
            if not handover.put(item):
                working.result()

        try:
            yield put
        finally:
            handover.end()
        working.result()


class Stopwatch:
    """Adds up how long a part of the work takes; waiting for what another thread hands over is no part of it.

    Attributes:
        seconds: so far.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def calls(self, function: Callable[[S], T]) -> Callable[[S], T]:
        """The same function; its calls count."""

        def timed(argument: S) -> T:
            start = perf_counter()
            result = function(argument)
            self.seconds += perf_counter() - start
            return result

        return timed

    def making(self, items: Iterable[T]) -> Iterator[T]:
        """The same items; making them counts."""
        start = perf_counter()
        for item in items:
            self.seconds += perf_counter() - start
            yield item
            start = perf_counter()
