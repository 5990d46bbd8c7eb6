"""The figures of one configuration, from what its processes told."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lapx_tf.runtime.benchmark.frames import Frames
from lapx_tf.runtime.benchmark.throttling import Watch
from lapx_tf.runtime.benchmark.timing import summary


@dataclass(frozen=True)
class Measurement:
    """The figures of a configuration; times in milliseconds, sizes in bytes.

    Attributes:
        model: the file.
        precision: of the file, `float32` or `int8`.
        input_size: (height, width) of the crop.
        runtime: what computed, with its version.
        threads: that the runtime was allowed.
        runs: timed inferences, of all rounds.
        median_ms: one crop in, its heat maps out, without cutting out the crop and decoding.
        p90_ms: nine of ten runs took at most this. NaN where the tool that measured does not tell, as for the next two.
        least_ms: the fastest run.
        cpu_ms: processor time of a run, of all threads, the median. At one thread it is what `median_ms` is on an idle machine.
        rounds_ms: for each round its median of what is to be compared, see `steady_ms`.
        load_ms: importing the runtime and opening the model; the median of the rounds, as is the next.
        first_ms: the first inference, which sets up what the later ones use.
        file_bytes: size of the model's file.
        peak_memory_bytes: of the whole process, Python included; the largest of the rounds. None where the system tells none.
        steady_memory_bytes: of the whole process after the timed runs, likewise.
        p99_ms: 99 of 100 runs took at most this.
        medians_ms: for each round the median of its runs by the clock.
        sha256: of the model's file.
        macs: multiply-accumulates of a run, see `counting.Counts`; None where they can't be counted.
        parameters: numbers that were trained, likewise.
        partitions: parts of the graph that the runtime's delegate runs; None where it has none or can't be asked.
        beside: operations that run outside of them.
        frames: a picture's way from its file to joints, where that was measured.
        watches: what the machine told around the timed runs of each round.
    """

    model: str
    precision: str
    input_size: tuple[int, int]
    runtime: str
    threads: int
    runs: int
    median_ms: float
    p90_ms: float
    least_ms: float
    cpu_ms: float
    rounds_ms: tuple[float, ...]
    load_ms: float
    first_ms: float
    file_bytes: int
    peak_memory_bytes: int | None
    steady_memory_bytes: int | None = None
    p99_ms: float = math.nan
    medians_ms: tuple[float, ...] = ()
    sha256: str = ""
    macs: int | None = None
    parameters: int | None = None
    partitions: int | None = None
    beside: int | None = None
    frames: Frames | None = None
    watches: tuple[Watch, ...] = ()

    @property
    def steady_ms(self) -> float:
        """What is to be compared with other measurements of the same call: the median of `rounds_ms`."""
        return float(np.median(self.rounds_ms))

    @property
    def gmac_per_second(self) -> float | None:
        """10^9 multiply-accumulates in a second of `steady_ms`; None where they can't be counted."""
        return None if self.macs is None else self.macs / 1e6 / self.steady_ms

    def times_faster_than(self, other: "Measurement") -> float:
        """The other's time in this one's: the median of the rounds' ratios, for what slows a round slows both."""
        return float(np.median(np.divide(other.rounds_ms, self.rounds_ms)))


def measurement_of(rounds: Sequence[dict[str, Any]]) -> Measurement:
    """One measurement from what the processes of a `Configuration` told in each round, see `turns.take_turns`."""
    times, cpu_times = ([value for one in rounds for value in one[key]] for key in ("times_ms", "cpu_times_ms"))
    fixed: dict[str, Any] = {key: rounds[0][key] for key in ("model", "precision", "runtime", "threads", "file_bytes")}
    found: dict[str, Any] = {key: rounds[0].get(key) for key in ("macs", "parameters", "partitions", "beside")}
    return Measurement(
        **fixed,
        **found,
        **summary(times),
        sha256=rounds[0].get("sha256", ""),
        input_size=tuple(rounds[0]["input_size"]),
        runs=len(times),
        least_ms=min(times),
        cpu_ms=float(np.median(cpu_times)),
        rounds_ms=tuple(steady_ms(fixed["threads"], one) for one in rounds),
        medians_ms=tuple(float(np.median(one["times_ms"])) for one in rounds),
        load_ms=float(np.median([one["load_ms"] for one in rounds])),
        first_ms=float(np.median([one["first_ms"] for one in rounds])),
        peak_memory_bytes=_largest(rounds, "peak_memory_bytes"),
        steady_memory_bytes=_largest(rounds, "steady_memory_bytes"),
        frames=Frames.of_rounds([one["frames"] for one in rounds if one.get("frames")]),
        watches=tuple(Watch.from_dict(one["watch"]) for one in rounds if one.get("watch")),
    )


def _largest(rounds: Sequence[dict[str, Any]], key: str) -> int | None:
    return max((one[key] for one in rounds if one.get(key) is not None), default=None)


def steady_ms(threads: int, told: dict[str, Any]) -> float:
    """What is to be compared, of what a process told.

    At one thread that is the processor time of a run: other processes on the machine hardly change it. Several threads wait
    for each other busily, which counts as processor time, too; there it is the time that the run took.
    """
    return float(np.median(told["cpu_times_ms" if threads == 1 else "times_ms"]))
