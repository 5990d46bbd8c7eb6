import io
import re
from typing import Any

import keras
import numpy as np
import pytest
from rich.console import Console

from train.watching.pace import Every, Pace, in_words
from train.watching.progress import ShowProgress


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def pace_of(clock: Clock) -> Pace:
    return Pace(batch_size=8, clock=clock)


def train(pace: Pace, clock: Clock, epoch: int, seconds: list[float], first_step: int = 0) -> None:
    """Steps of one of five epochs of ten steps, which take so many seconds."""
    pace.set_params({"steps": 10, "epochs": 5, "first_step": first_step})
    pace.on_epoch_begin(epoch)
    for batch, length in enumerate(seconds, start=first_step):
        clock.now += length
        pace.on_train_batch_end(batch)


def test_the_rate_leaves_out_the_step_that_builds_the_graph():
    clock = Clock()
    pace = pace_of(clock)
    train(pace, clock, 0, [60.0])
    assert pace.images_per_second is None
    assert pace.epoch_left is None
    assert pace.run_left is None
    pace = pace_of(clock)
    train(pace, clock, 0, [60.0, 0.5, 0.5, 0.5])
    assert pace.images_per_second == pytest.approx(16)
    assert pace.epoch_left == pytest.approx(3)


def test_the_time_left_of_the_run_holds_a_validation_for_each_epoch_that_is_left():
    clock = Clock()
    pace = pace_of(clock)
    train(pace, clock, 0, [0.5] * 10)
    clock.now += 6  # validation
    pace.on_epoch_end(0)
    assert pace.run_left == pytest.approx(40 * 0.5 + 4 * 6)
    clock.now += 1  # checkpoint
    train(pace, clock, 1, [0.5] * 4)
    assert (pace.epoch, pace.done, pace.step) == (2, 4, 14)
    assert pace.epoch_left == pytest.approx(3)
    assert pace.run_left == pytest.approx(36 * 0.5 + 3 * 7)


def test_a_run_that_resumes_within_an_epoch_counts_what_was_done_before():
    clock = Clock()
    pace = pace_of(clock)
    train(pace, clock, 2, [], first_step=6)
    assert (pace.epoch, pace.done, pace.step) == (3, 6, 26)
    pace = pace_of(clock)
    train(pace, clock, 2, [9.0, 0.5, 0.5], first_step=6)
    assert (pace.done, pace.step) == (9, 29)
    assert pace.epoch_left == pytest.approx(0.5)
    train(pace, clock, 3, [])
    assert (pace.done, pace.step) == (0, 30)


def test_several_steps_at_once_are_all_counted():
    clock = Clock()
    pace = pace_of(clock)
    train(pace, clock, 0, [])
    for last in (3, 7):
        clock.now += 2
        pace.on_train_batch_end(last)
    assert pace.done == 8
    assert pace.images_per_second == pytest.approx(16)


def test_a_time_is_said_in_its_two_largest_units():
    assert [in_words(seconds) for seconds in (0.4, 59.4, 59.6, 247, 3599.7, 11520, 180000)] == [
        "0 s", "59 s", "1 min 0 s", "4 min 7 s", "1 h 0 min", "3 h 12 min", "2 d 2 h"
    ]  # fmt: skip


def test_something_is_due_once_in_so_many_seconds():
    clock = Clock()
    every = Every(60, clock)
    found = []
    for _ in range(5):
        clock.now += 30
        found.append(every.due())
    assert found == [False, True, False, True, False]


def fitted(terminal: bool, line_seconds: float) -> str:
    """What is written during two epochs of three steps."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    written = io.StringIO()
    pace = Pace(batch_size=4)
    console = Console(file=written, force_terminal=terminal, force_interactive=terminal, width=200, highlight=False)
    data: Any = np.ones((12, 2)), np.ones((12, 1))
    with ShowProgress(pace, console, line_seconds) as progress:
        model.fit(*data, batch_size=4, epochs=2, validation_data=data, verbose=0, callbacks=[pace, progress])  # pyright: ignore
    return written.getvalue()


def test_without_a_terminal_there_is_one_line_an_epoch_and_no_bar():
    lines = fitted(terminal=False, line_seconds=1e9).splitlines()
    assert len(lines) == 2
    assert all(f"epoch {i} of 2: " in line for i, line in enumerate(lines, start=1))
    assert all(word in lines[0] for word in ("loss ", "mae ", "val_loss ", "images/s", "left: "))
    assert "left: " not in lines[1]


def test_long_epochs_have_lines_within():
    lines = fitted(terminal=False, line_seconds=0).splitlines()
    assert len(lines) == 2 * (3 + 1)
    assert lines[1].startswith("epoch 1 of 2, step 2 of 3: loss ")
    assert re.search(r"left: epoch \d+ s, run \d+ s$", lines[1])


def test_a_terminal_has_a_bar_and_the_line_of_each_epoch():
    written = fitted(terminal=True, line_seconds=0)
    assert "3/3" in written
    assert ", step" not in written
    assert written.count("val_mae") == 2


def test_the_bar_is_gone_after_an_error():
    progress = ShowProgress(pace_of(Clock()), Console(file=io.StringIO(), force_terminal=True, force_interactive=True))
    with pytest.raises(KeyboardInterrupt), progress:
        assert progress._bar.live.is_started
        raise KeyboardInterrupt
    assert not progress._bar.live.is_started
