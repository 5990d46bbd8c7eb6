"""How long the networks take: every file with every number of threads, in turns, one process each."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from convert.flops.files import File, facts_of
from lapx_tf.runtime.benchmark import Configuration, Measurement, Turns, measure

_MEASURED = (
    "runtime", "threads", "runs", "median_ms", "p90_ms", "cpu_ms", "rounds_ms", "file_bytes", "peak_memory_bytes", "partitions",
    "beside",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One file at one number of threads; what is not described here is as in `Measurement`.

    Attributes:
        key: of its network.
        size: (height, width) of its input.
        precision: `float32` or `int8`.
        macs: of the network, see `files.Facts`.
        parameters: likewise.
    """

    key: str
    size: tuple[int, int]
    precision: str
    macs: int
    parameters: int
    runtime: str
    threads: int
    runs: int
    median_ms: float
    p90_ms: float
    cpu_ms: float
    rounds_ms: tuple[float, ...]
    file_bytes: int
    peak_memory_bytes: int | None
    partitions: int | None
    beside: int | None

    @classmethod
    def of(cls, file: File, path: Path, measured: Measurement) -> "Row":
        """From what was measured of a file."""
        facts, told = facts_of(path), asdict(measured)
        return cls(
            file.key, file.size, file.precision, facts.macs, facts.parameters, **{key: told[key] for key in _MEASURED}
        )

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Row":
        """The inverse of `asdict` through JSON."""
        return cls(**{**fields, "size": tuple(fields["size"]), "rounds_ms": tuple(fields["rounds_ms"])})

    @property
    def steady_ms(self) -> float:
        """What is compared, see `Measurement.steady_ms`: processor time at one thread, time by the clock at more."""
        return float(np.median(self.rounds_ms))

    @property
    def gmac_per_second(self) -> float:
        """10^9 multiply-accumulates of the network in a second of `steady_ms`."""
        return self.macs / 1e6 / self.steady_ms

    @property
    def setting(self) -> tuple[str, str, int]:
        """Runtime without its version, precision and threads: rows are compared within one."""
        return self.runtime.partition(" ")[0], self.precision, self.threads

    def times_as_long_as(self, other: "Row") -> float:
        """This one's time in the other's: the median of the rounds' ratios, for what slows a round slows both."""
        return float(np.median(np.divide(self.rounds_ms, other.rounds_ms)))


def measured(
    files: Sequence[File], folder: Path, threads: Sequence[int], turns: Turns, on_process: Callable[[], None]
) -> list[Row]:
    """Times files.

    Args:
        files: that lie in the folder.
        folder: of `files.make`.
        threads: numbers of threads.
        turns: how often.
        on_process: is called after each process; there are files x threads x rounds.

    Raises:
        InputError: a process failed.
    """
    pairs = [(file, count) for file in files for count in threads]
    configurations = [Configuration(folder / file.name, count) for file, count in pairs]
    told = measure(configurations, turns.runs, turns.warmup, turns.rounds, on_process)
    return [Row.of(file, folder / file.name, one) for (file, _), one in zip(pairs, told, strict=True)]
