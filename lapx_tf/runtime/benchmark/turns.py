"""Processes that take turns: each configuration has one of its own in each round."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from lapx_tf.runtime.benchmark.measurement import Measurement, measurement_of
from lapx_tf.runtime.benchmark.process import told_by, turn

Told_co = TypeVar("Told_co", covariant=True)
Told = TypeVar("Told")


class Worker(Protocol[Told_co]):
    """What is timed by a process."""

    def run(self, runs: int, warmup: int) -> Told_co:
        """Starts the process and waits for it; returns what it told of so many timed runs after so many untimed ones."""
        ...


@dataclass(frozen=True)
class Configuration:
    """What one line of the table measures.

    Attributes:
        model: a converted model.
        threads: that the runtime may use.
        runtime: one of `sessions.RUNTIMES`; None for the first that is installed and runs the file.
        frames: pictures to time from their file to joints in each process, see `frames`.
        picture: for them; None for one of noise.
    """

    model: Path
    threads: int
    runtime: str | None = None
    frames: int = 0
    picture: Path | None = None

    def run(self, runs: int, warmup: int) -> dict[str, Any]:
        """See `Worker`, and `worker` for what is told."""
        options = ["--threads", str(self.threads), "--frames", str(self.frames)]
        options += ["--runtime", self.runtime] if self.runtime else []
        options += ["--picture", str(self.picture)] if self.picture else []
        command = ["lapx_tf.runtime.benchmark.worker", str(self.model), *options, *turn(runs, warmup)]
        return told_by(command, f"the benchmark of {self.model}")


@dataclass(frozen=True)
class Turns:
    """How often everything runs.

    Attributes:
        runs: timed inferences for each configuration, spread over the rounds (rounded up to a multiple of them).
        warmup: inferences before the timed ones, in each process.
        rounds: how often the configurations take turns.
    """

    runs: int
    warmup: int
    rounds: int


def measure(
    configurations: Sequence[Configuration],
    runs: int = 50,
    warmup: int = 5,
    rounds: int = 3,
    on_process: Callable[[], None] = lambda: None,
) -> list[Measurement]:
    """Measures configurations one process at a time.

    Args:
        configurations: what to measure.
        runs: see `Turns`, as for the next two.
        warmup: likewise.
        rounds: likewise.
        on_process: is called when a process is done; there are `len(configurations) * rounds`.

    Returns:
        One measurement for each configuration, in their order.

    Raises:
        InputError: a model can't be used, or its process failed.
    """
    return [measurement_of(rounds_of) for rounds_of in take_turns(configurations, runs, warmup, rounds, on_process)]


def take_turns(
    workers: Sequence[Worker[Told]],
    runs: int,
    warmup: int,
    rounds: int,
    on_process: Callable[[], None] = lambda: None,
) -> list[list[Told]]:
    """Runs the process of each worker in each round; the arguments are those of `measure`.

    Every other round goes backwards, so that what a machine gets slower by from process to process (heat) does not always
    meet the same ones.

    Returns:
        For each worker what its processes told, one in each round.

    Raises:
        InputError: a process failed.
    """
    results: list[list[Told]] = [[] for _ in workers]
    pairs = list(zip(workers, results, strict=True))
    for index in range(rounds):
        for worker, of_worker in pairs[:: -1 if index % 2 else 1]:
            of_worker.append(worker.run(math.ceil(runs / rounds), warmup))
            on_process()
    return results
