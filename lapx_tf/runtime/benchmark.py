"""How long a model takes and what it needs, measured so that the figures can be compared.

Every configuration (model x threads) runs in processes of its own: a runtime that was used before in the same process has
warm caches, a grown heap and threads of its own. The rounds alternate between the configurations, so that a machine that gets
slower meanwhile (heat, other work) slows all of them. Compare only figures of one run.
"""

import json
import math
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lapx_tf.errors import InputError
from lapx_tf.runtime.sessions import Session


class Worker(Protocol):
    """What is timed by a process: one that writes JSON with `times_ms` and `cpu_times_ms`, a value a run."""

    @property
    def command(self) -> list[str]:
        """The module that the process runs and its arguments, but for `--runs` and `--warmup`."""
        ...


@dataclass(frozen=True)
class Configuration:
    """What one line of the table measures."""

    model: Path
    threads: int

    @property
    def command(self) -> list[str]:
        """See `Worker`."""
        return ["lapx_tf.runtime.benchmark_worker", str(self.model), "--threads", str(self.threads)]

    def __str__(self) -> str:
        return str(self.model)


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
        p90_ms: nine of ten runs took at most this.
        least_ms: the fastest run.
        cpu_ms: processor time of a run, of all threads, the median. At one thread it is what `median_ms` is on an idle machine.
        rounds_ms: for each round its median of what is to be compared, see `steady_ms`.
        load_ms: importing the runtime and opening the model; the median of the rounds, as is the next.
        first_ms: the first inference, which sets up what the later ones use.
        file_bytes: size of the model's file.
        peak_memory_bytes: of the whole process, Python included; the largest of the rounds. None where the system tells none.
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

    @property
    def steady_ms(self) -> float:
        """What is to be compared with other measurements of the same call: the median of `rounds_ms`."""
        return float(np.median(self.rounds_ms))

    def times_faster_than(self, other: "Measurement") -> float:
        """The other's time in this one's: the median of the rounds' ratios, for what slows a round slows both."""
        return float(np.median(np.divide(other.rounds_ms, self.rounds_ms)))


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
        runs: timed inferences for each configuration, spread over the rounds (rounded up to a multiple of them).
        warmup: inferences before the timed ones, in each process.
        rounds: how often the configurations take turns.
        on_process: is called when a process is done; there are `len(configurations) * rounds`.

    Returns:
        One measurement for each configuration, in their order.

    Raises:
        InputError: a model can't be used, or its process failed.
    """
    return [measurement_of(rounds_of) for rounds_of in take_turns(configurations, runs, warmup, rounds, on_process)]


def take_turns(
    workers: Sequence[Worker],
    runs: int,
    warmup: int,
    rounds: int,
    on_process: Callable[[], None] = lambda: None,
) -> list[list[dict[str, Any]]]:
    """Runs the process of each worker in each round; the arguments are those of `measure`.

    Returns:
        For each worker what its processes told, one in each round.

    Raises:
        InputError: a process failed.
    """
    results: list[list[dict[str, Any]]] = [[] for _ in workers]
    for _ in range(rounds):
        for worker, of_worker in zip(workers, results, strict=True):
            of_worker.append(_run_worker(worker, math.ceil(runs / rounds), warmup))
            on_process()
    return results


def measurement_of(rounds: Sequence[dict[str, Any]]) -> Measurement:
    """One measurement from what the processes of a `Configuration` told in each round, see `take_turns`."""
    times, cpu_times = ([value for one in rounds for value in one[key]] for key in ("times_ms", "cpu_times_ms"))
    peaks = [one["peak_memory_bytes"] for one in rounds if one["peak_memory_bytes"] is not None]
    fixed: dict[str, Any] = {key: rounds[0][key] for key in ("model", "precision", "runtime", "threads", "file_bytes")}
    return Measurement(
        **fixed,
        input_size=tuple(rounds[0]["input_size"]),
        runs=len(times),
        **_summary(times),
        least_ms=min(times),
        cpu_ms=float(np.median(cpu_times)),
        rounds_ms=tuple(steady_ms(fixed["threads"], one) for one in rounds),
        load_ms=float(np.median([one["load_ms"] for one in rounds])),
        first_ms=float(np.median([one["first_ms"] for one in rounds])),
        peak_memory_bytes=max(peaks, default=None),
    )


def steady_ms(threads: int, told: dict[str, Any]) -> float:
    """What is to be compared, of what a process told.

    At one thread that is the processor time of a run: other processes on the machine hardly change it. Several threads wait
    for each other busily, which counts as processor time, too; there it is the time that the run took.
    """
    return float(np.median(told["cpu_times_ms" if threads == 1 else "times_ms"]))


def time_session(session: Session, runs: int, warmup: int) -> dict[str, Any]:
    """Times an open session with one crop of noise.

    Args:
        session: any session, of Keras too.
        runs: timed inferences.
        warmup: inferences before them; the very first one is timed by itself.

    Returns:
        `first_ms`, `times_ms` and `cpu_times_ms` (one value a run), `median_ms` and `p90_ms`.
    """
    noise = np.random.default_rng(0).integers(0, 256, (1, *session.spec.input_size, 3))
    crop = session.spec.prepare(noise)
    return time_calls(lambda: session.run(crop), runs, warmup)


def time_calls(call: Callable[[], Any], runs: int, warmup: int) -> dict[str, Any]:
    """Times anything; see `time_session`."""

    def once() -> tuple[float, float]:
        start, cpu = time.perf_counter(), time.process_time()
        call()
        return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000

    first, _ = once()
    for _ in range(warmup):
        once()
    times, cpu_times = (list(values) for values in zip(*(once() for _ in range(runs)), strict=True))
    return {"first_ms": first, "times_ms": times, "cpu_times_ms": cpu_times, **_summary(times)}


def report(measurements: Iterable[Measurement]) -> dict[str, Any]:
    """A JSON-able form of the measurements with the machine that they were taken on."""
    return {
        "machine": {"cpu": cpu_name(), "system": platform.platform(), "python": platform.python_version()},
        "measurements": [asdict(measurement) for measurement in measurements],
    }


def cpu_name() -> str:
    """The processor, as the system calls it."""
    # x86 tells a model name; a Raspberry Pi tells the board's name as Model.
    for key in ("model name", "Model", "Hardware"):
        for line in _lines(Path("/proc/cpuinfo")):
            name, _, value = line.partition(":")
            if name.strip() == key and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()


def peak_memory() -> int | None:
    """The most memory that this process has had, in bytes, or None where the system does not tell."""
    # ru_maxrss is inherited over fork and exec: a small worker would report its large parent.
    for line in _lines(Path("/proc/self/status")):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines() if path.is_file() else []


def _summary(times_ms: Sequence[float]) -> dict[str, Any]:
    return {"median_ms": float(np.median(times_ms)), "p90_ms": float(np.percentile(times_ms, 90))}


def _run_worker(worker: Worker, runs: int, warmup: int) -> dict[str, Any]:
    command = [sys.executable, "-m", *worker.command, "--runs", str(runs), "--warmup", str(warmup)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sentence = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise InputError(f"the benchmark of {worker} failed: {sentence.removeprefix('error: ')}")
    return json.loads(done.stdout)
