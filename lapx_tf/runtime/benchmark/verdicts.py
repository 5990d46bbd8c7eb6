"""What is to be said of measurements in words: which can't be told apart, and what slowed the machine."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from lapx_tf.runtime.benchmark.intervals import Interval, interval_of
from lapx_tf.runtime.benchmark.measurement import Measurement
from lapx_tf.runtime.benchmark.throttling import FLAGS, SINCE_BOOT

CLOSE = 1.03
"""Two configurations whose ratio may be 1 are as fast as each other where it is known within this factor."""

SLOWER = 1.05
"""Runs that take this much longer than earlier ones are worth a sentence; so is a clock that fell by as much."""

BUSY = 1.1
"""At one thread, a run that takes this many times its processor time was kept waiting."""


def names_of(measurements: Sequence[Measurement]) -> list[str]:
    """What to call the model of each measurement: its file's name, and some of its digest where two files share a name."""
    known: dict[str, set[str]] = {}
    for one in measurements:
        known.setdefault(Path(one.model).name, set()).add(one.sha256)
    names = [Path(one.model).name for one in measurements]
    return [
        f"{name} ({one.sha256[:8]})" if len(known[name]) > 1 else name
        for name, one in zip(names, measurements, strict=True)
    ]


def ratio_of(one: Measurement, other: Measurement) -> tuple[float, Interval | None]:
    """How many times as fast as the other, of the same call, and the interval from the ratios of the rounds."""
    return one.times_faster_than(other), interval_of(np.divide(other.rounds_ms, one.rounds_ms).tolist())


def verdicts(measurements: Sequence[Measurement]) -> list[str]:
    """A sentence for each two neighbours in the order of speed, at one number of threads, that can't be told apart."""
    named = list(zip(measurements, names_of(measurements), strict=True))
    sentences = []
    for threads, group in groupby(sorted(named, key=lambda pair: pair[0].threads), lambda pair: pair[0].threads):
        ordered = sorted(group, key=lambda pair: pair[0].steady_ms)
        for (fast, fast_name), (slow, slow_name) in pairwise(ordered):
            names = (_with_runtime(fast, fast_name, slow), _with_runtime(slow, slow_name, fast))
            sentences += _verdict(fast, slow, names, threads)
    return sentences


def _with_runtime(one: Measurement, name: str, other: Measurement) -> str:
    return f"{name} in {one.runtime}" if one.runtime != other.runtime else name


def _verdict(fast: Measurement, slow: Measurement, names: tuple[str, str], threads: int) -> Iterator[str]:
    _, found = ratio_of(fast, slow)
    if found is None:
        yield (
            f"One round can't tell {names[0]} from {names[1]} at {_threads(threads)}: an interval needs two rounds or more"
        )
    elif 1 in found and found.spread <= CLOSE:
        yield (
            f"{names[0]} and {names[1]} are as fast as each other at {_threads(threads)}: the ratio is {_range(found)}"
        )
    elif 1 in found:
        yield (
            f"Too noisy to tell {names[0]} from {names[1]} at {_threads(threads)}: the ratio is {_range(found)};"
            " more --rounds narrow it"
        )


def slowdowns(measurements: Sequence[Measurement]) -> list[str]:
    """A sentence for each sign that the machine slowed down, or was slowed down, while it measured."""
    signs = (_clocks, _flags, _within, _between, _others)
    return [sentence for sign in signs for sentence in sign(measurements)]


def _clocks(measurements: Sequence[Measurement]) -> Iterator[str]:
    """The highest clock is what the busy cores can do, as many as there are threads; a lower one is what they were let do."""
    for threads in sorted({one.threads for one in measurements}):
        watches = [watch for one in measurements if one.threads == threads for watch in one.watches]
        readings = [reading for watch in watches for reading in (watch.before, watch.after)]
        clocks = [one.clock_mhz for one in readings if one.clock_mhz is not None]
        heat = [one.temperature_c for one in readings if one.temperature_c is not None]
        if clocks and max(clocks) / min(clocks) > SLOWER:
            hot = f", at up to {max(heat):.0f} °C" if heat else ""
            yield (
                f"At {_threads(threads)} the clock of the busy cores was between {min(clocks):.0f} and {max(clocks):.0f}"
                f" MHz{hot}: the machine slowed itself down, and would give other figures when cool"
            )


def _flags(measurements: Sequence[Measurement]) -> Iterator[str]:
    bits = 0
    for watch in (watch for one in measurements for watch in one.watches):
        before, after = watch.before.throttled or 0, watch.after.throttled or 0
        # What was so at one of the two moments, and what came to have been so between them.
        bits |= before | after | (after & ~before) >> SINCE_BOOT
    found = [name for bit, name in FLAGS.items() if bits >> bit & 1]
    if found:
        yield f"The Raspberry Pi reported {', '.join(found)} during the runs"


def _within(measurements: Sequence[Measurement]) -> Iterator[str]:
    """Whether runs get slower within the processes; the scatter of the processes says whether that is chance."""
    found = [watch.slowdown for one in measurements for watch in one.watches]
    interval = interval_of(found)
    if interval is not None and interval.low > 1 and np.median(found) > SLOWER:
        yield (
            f"Runs got slower within the processes: the last third took {np.median(found):.2f} times as long as the first"
            f" ({_range(interval)})"
        )


def _between(measurements: Sequence[Measurement]) -> Iterator[str]:
    """Whether later rounds are slower than earlier ones, for all configurations together."""
    ratios = [one.rounds_ms[-1] / one.rounds_ms[0] for one in measurements if len(one.rounds_ms) > 1]
    if ratios and min(ratios) > SLOWER:
        yield (
            f"The last round took {np.median(ratios):.2f} times as long as the first, for every configuration:"
            " the machine got slower meanwhile"
        )


def _others(measurements: Sequence[Measurement]) -> Iterator[str]:
    """At one thread a run takes the time that it has the processor, unless others have it meanwhile."""
    ratios = [one.median_ms / one.cpu_ms for one in measurements if one.threads == 1 and one.cpu_ms > 0]
    if ratios and np.median(ratios) > BUSY:
        yield (
            f"The machine was busy with other work: at one thread a run took {np.median(ratios):.2f} times its processor time,"
            " which is what the comparisons go by; the times by the clock are too long"
        )


def _range(interval: Interval) -> str:
    return f"{interval.low:.3g} to {interval.high:.3g}"


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"
