"""Reading ahead and writing behind: in order, bounded, errors pass through, nobody waits for ever."""

import threading
import time
import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from lapx_tf.runtime.video.source import Frame
from lapx_tf.runtime.video.threads import DEPTH, Stopwatch, ahead, behind


@pytest.fixture(autouse=True)
def every_thread_ends():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_items_pass_in_order_through_both_threads():
    taken: list[int] = []
    with ahead(range(500)) as items, behind(taken.append) as put:
        for item in items:
            put(item)
    assert taken == list(range(500))


@pytest.mark.parametrize("slow", ["reader", "middle", "writer"])
def test_few_frames_are_alive_however_long_the_video_is(slow):
    living: weakref.WeakSet[Frame] = weakref.WeakSet()
    most = 0

    def pause(which: str) -> None:
        if which == slow:
            time.sleep(0.001)

    def frames() -> Iterator[Frame]:
        for number in range(300):
            pause("reader")
            frame = Frame(number, number / 30, np.zeros((2, 2, 3), np.uint8))
            living.add(frame)
            yield frame

    with ahead(frames()) as items, behind(lambda _: pause("writer")) as put:
        for item in items:
            pause("middle")
            put(item)
            most = max(most, len(living))
    # Waiting in front and behind, and one in the hands of each of the three.
    assert most <= 2 * DEPTH + 3


def test_newest_drops_what_nobody_took_in_time():
    asked = threading.Event()

    def camera() -> Iterator[int]:
        yield from range(100)
        asked.wait()
        yield 100

    with ahead(camera(), depth=1, newest=True) as items:
        time.sleep(0.05)
        got = [next(items)]
        asked.set()
        got += items
    assert got == [99, 100]


def test_errors_of_both_threads_come_out():
    def reading() -> Iterator[int]:
        yield 1
        raise OSError("unplugged")

    got = []
    with pytest.raises(OSError, match="unplugged"), ahead(reading()) as items:
        got += items
    assert got == [1]

    def full(_: int) -> None:
        raise OSError("disk full")

    put_before = 0
    with pytest.raises(OSError, match="disk full"), behind(full) as put:
        for put_before in range(1000):
            put(put_before)
    assert put_before < DEPTH + 2


def test_leaving_early_ends_the_reader_and_finishes_the_writing():
    taken: list[int] = []
    with pytest.raises(KeyError), ahead(iter(int, 1)) as items, behind(taken.append) as put:  # iter: zeros for ever
        for index, item in enumerate(items):
            put(item)
            if index == 9:
                raise KeyError
    assert taken == [0] * 10


def test_a_stopwatch_adds_up_calls_and_items():
    watch = Stopwatch()
    assert list(watch.making(iter([1, 2]))) == [1, 2]
    assert watch.calls(str)(1) == "1"
    assert watch.seconds > 0
