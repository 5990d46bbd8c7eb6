"""`lapx benchmark`: a table of what models take and need."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from lapx_tf import commands
from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark import Configuration, Measurement, cpu_name, measure, report
from lapx_tf.runtime.profile import Profile, profile
from lapx_tf.runtime.sessions import open_session


def benchmark(
    models: Sequence[Path],
    threads: Sequence[int],
    runs: int,
    warmup: int,
    rounds: int,
    json_file: Path | None,
    profiled: bool = False,
) -> None:
    """Runs the command.

    Args:
        models: converted models.
        threads: thread counts to measure each of them with.
        runs: timed inferences for each configuration.
        warmup: inferences before them, in each process.
        rounds: how often the configurations take turns.
        json_file: where to write the figures too.
        profiled: tell the operations of each model, too, at the first of the thread counts.
    """
    if json_file is not None and json_file.is_dir():
        raise InputError(f"--json must be a file, {json_file} is a folder")
    for model in models:
        open_session(model)  # a wrong file ends the command now, not after minutes
    configurations = [Configuration(model, count) for model, count in product(models, threads)]
    # No refresh in the background while the models run: it would take time from them.
    with Progress(console=Console(stderr=True), auto_refresh=False) as progress:
        task = progress.add_task("benchmark", total=len(configurations) * rounds)

        def advance() -> None:
            progress.advance(task)
            progress.refresh()

        measurements = measure(configurations, runs, warmup, rounds, advance)
    profiles = [profile(model, threads[0]) for model in models] if profiled else []
    if json_file is not None:
        found = {"profiles": [one.to_dict() for one in profiles]} if profiled else {}
        commands.write_json(json_file, report(measurements) | found)
    _console().print(_table(measurements), *(one.note or slowest_table(one) for one in profiles), sep="\n")


def _console() -> Console:
    console = Console()
    # Into a pipe or a file rich would fold the table at 80 columns.
    return console if console.is_terminal else Console(width=140)


def _table(measurements: Sequence[Measurement]) -> Table:
    table = Table(title=f"batch 1 on {cpu_name()}", caption="times in ms, sizes in MB (1,000,000 bytes)")
    table.add_column("model", overflow="fold")
    table.add_column("input")
    table.add_column("runtime")
    for name in ("threads", "median", "p90", "first", "load", "file", "peak memory"):
        table.add_column(name, justify="right")
    for one in measurements:
        times = (one.median_ms, one.p90_ms, one.first_ms, one.load_ms)
        size = "x".join(str(side) for side in one.input_size)
        peak = "-" if one.peak_memory_bytes is None else f"{one.peak_memory_bytes / 1e6:.0f}"
        name, threads, megabytes = Path(one.model).name, str(one.threads), f"{one.file_bytes / 1e6:.2f}"
        table.add_row(name, size, one.runtime, threads, *(f"{value:.1f}" for value in times), megabytes, peak)
    return table


def slowest_table(found: Profile) -> Table:
    """The operations of a model that take longest."""
    title = f"{Path(found.model).name} in {found.runtime}: {len(found.operations)} operations, {found.total_ms:.1f} ms"
    table = Table(
        title=title, caption=f"the slowest; each in the fastest of {found.runs} runs, threads: {found.threads}"
    )
    table.add_column("operation", overflow="fold")
    table.add_column("kind", overflow="fold")
    table.add_column("ms", justify="right")
    table.add_column("share", justify="right")
    for one in found.slowest():
        table.add_row(one.name or "?", one.kind, f"{one.ms:.2f}", f"{one.ms / found.total_ms:.1%}")
    return table
