"""One run of the benchmark: all files and the ceiling in turns, then a profile of each file."""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

from rich.progress import Progress

from convert.bench_files import File
from convert.bench_report import Report, Row, ceiling_of
from convert.gates import xnnpack
from lapx_tf.runtime.benchmark import Configuration, Measurement, cpu_name, measurement_of, take_turns
from lapx_tf.runtime.benchmark_ceiling import PRECISIONS, Ceiling
from lapx_tf.runtime.profile import profile

ONNX = "ONNX float32"
PLAIN = "plain TFLite float32"


@dataclass(frozen=True)
class Turns:
    """How often everything runs: timed runs of each in all, untimed ones before them in each process, and rounds."""

    runs: int
    warmup: int
    rounds: int


def measure(files: Sequence[File], threads: Sequence[int], turns: Turns, progress: Progress) -> Report:
    """Times and profiles files; those labelled `PLAIN` and `ONNX` are what the others are compared with.

    Raises:
        InputError: a process failed.
    """
    pairs = [(file, count) for file in files for count in threads]
    configurations = [Configuration(file.path, count) for file, count in pairs]
    ceilings = [Ceiling(precision, count) for precision in PRECISIONS for count in threads]
    advance = _task(progress, "times", (len(configurations) + len(ceilings)) * turns.rounds)
    told = take_turns([*configurations, *ceilings], turns.runs, turns.warmup, turns.rounds, advance)
    reached = {
        (one.precision, one.threads): one.gmac_per_second(of)
        for one, of in zip(ceilings, told[len(configurations) :], strict=True)
    }
    measured = {pair: measurement_of(of) for pair, of in zip(pairs, told[: len(pairs)], strict=True)}
    rows = [_row(file, one, measured, reached) for (file, _), one in measured.items()]
    advance = _task(progress, "profiles", len(files))
    profiles = {}
    for file in files:
        profiles[file.label] = profile(file.path)
        advance()
    return Report(_conditions(turns), reached, rows, profiles)


def _task(progress: Progress, name: str, total: int) -> Callable[[], None]:
    task = progress.add_task(name, total=total)

    def advance() -> None:
        progress.advance(task)
        progress.refresh()

    return advance


def _row(
    file: File,
    one: Measurement,
    measured: dict[tuple[File, int], Measurement],
    ceilings: dict[tuple[str, int], float],
) -> Row:
    same_threads = {other.label: found for (other, threads), found in measured.items() if threads == one.threads}
    plan = xnnpack.plan(file.path) if file.path.suffix == ".tflite" else None
    return Row(
        file,
        one,
        plan and plan.partitions,
        plan and plan.outside.total(),
        one.times_faster_than(same_threads[PLAIN]),
        one.times_faster_than(same_threads[ONNX]),
        file.macs / 1e6 / one.steady_ms / ceilings[ceiling_of(file.precision), one.threads],
    )


def _conditions(turns: Turns) -> str:
    versions = ", ".join(f"{tool} {version(tool)}" for tool in ("ai-edge-litert", "onnxruntime"))
    return (
        f"Batch 1 on {cpu_name()} ({platform.system()}, Python {platform.python_version()}, {versions}), {date.today()}:"
        f" {turns.runs} runs of each in {turns.rounds} alternating rounds, one process a file, number of threads and round;"
        f" at the end the load average was {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
    )
