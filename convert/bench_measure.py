"""One run of the benchmark: all files and the ceiling in turns, then a profile of each file."""

import os
import platform
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version

from rich.progress import Progress

from convert.bench_files import File
from convert.bench_report import Report, Row
from lapx_tf.runtime.benchmark import Configuration, Measurement, Turns, cpu_name, runner
from lapx_tf.runtime.profile import profile

ONNX = "ONNX float32"
PLAIN = "plain TFLite float32"


def measure(files: Sequence[File], threads: Sequence[int], turns: Turns, progress: Progress) -> Report:
    """Times and profiles files; those labelled `PLAIN` and `ONNX` are what the others are compared with.

    Raises:
        InputError: a process failed.
    """
    pairs = [(file, count) for file in files for count in threads]
    configurations = [Configuration(file.path, count) for file, count in pairs]
    advance = _task(progress, "times", runner.processes(configurations, turns))
    found = runner.run(configurations, turns, advance)
    measured = dict(zip(pairs, found.measurements, strict=True))
    rows = [_row(file, one, measured, found.of_ceiling(one)) for (file, _), one in measured.items()]
    advance = _task(progress, "profiles", len(files))
    profiles = {}
    for file in files:
        profiles[file.label] = profile(file.path)
        advance()
    return Report(_conditions(turns), found.ceilings, rows, profiles)


def _task(progress: Progress, name: str, total: int) -> Callable[[], None]:
    task = progress.add_task(name, total=total)

    def advance() -> None:
        progress.advance(task)
        progress.refresh()

    return advance


def _row(file: File, one: Measurement, measured: dict[tuple[File, int], Measurement], of_ceiling: float | None) -> Row:
    same_threads = {other.label: found for (other, threads), found in measured.items() if threads == one.threads}
    return Row(
        file, one, one.times_faster_than(same_threads[PLAIN]), one.times_faster_than(same_threads[ONNX]), of_ceiling
    )


def _conditions(turns: Turns) -> str:
    versions = ", ".join(f"{tool} {version(tool)}" for tool in ("ai-edge-litert", "onnxruntime"))
    return (
        f"Batch 1 on {cpu_name()} ({platform.system()}, Python {platform.python_version()}, {versions}), {date.today()}:"
        f" {turns.runs} runs of each in {turns.rounds} alternating rounds, one process a file, number of threads and round;"
        f" at the end the load average was {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
    )
