"""`lapx benchmark`: measures what it is asked for, then shows and writes it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable
from rich.text import Text

from lapx_tf import commands
from lapx_tf.errors import InputError
from lapx_tf.images import read_image
from lapx_tf.runtime.benchmark import adb, android, html, runner, sharing
from lapx_tf.runtime.benchmark.comparing import compare
from lapx_tf.runtime.benchmark.report import Report, read_report
from lapx_tf.runtime.benchmark.tables import Table, tables_of
from lapx_tf.runtime.benchmark.turns import Configuration, Turns
from lapx_tf.runtime.engines import RUNTIMES, engine_for
from lapx_tf.runtime.profile import profile
from lapx_tf.runtime.sessions import open_session

FRAMES = 10
"""Pictures that each process times from their file to joints."""


@dataclass(frozen=True)
class Asked:
    """What the command is asked for.

    Attributes:
        models: converted models.
        threads: thread counts to measure each of them with.
        runtimes: names of runtimes; None for the first that is installed and runs a file.
        turns: how often everything runs.
        picture: to take from its file to joints; None for one of noise.
        json_file: where to write the figures.
        html_file: where to write the report.
        baseline: a report of an earlier run to compare with.
        share: print Markdown in place of the tables.
        profiled: tell the operations of each model, too, at the first of the thread counts.
        device: `adb` or `adb:SERIAL`; None for this machine.
        program: `benchmark_model`, built for the device.
    """

    models: Sequence[Path]
    threads: Sequence[int]
    runtimes: Sequence[str] | None
    turns: Turns
    picture: Path | None = None
    json_file: Path | None = None
    html_file: Path | None = None
    baseline: Path | None = None
    share: bool = False
    profiled: bool = False
    device: str | None = None
    program: Path | None = None


def benchmark(asked: Asked) -> None:
    """Runs the command.

    Raises:
        InputError: a model, a runtime, a picture, the baseline or the device can't be used. What can be seen before
            anything is measured is said before.
    """
    _check_files(asked)
    baseline = read_report(asked.baseline) if asked.baseline else None
    report = _on_device(asked) if asked.device else _here(asked)
    tables, notes = tables_of(report), report.notes
    if baseline is not None:
        compared, differences = compare(report, baseline)
        tables, notes = [*tables, compared], [*notes, *differences]
    _print(report, tables, notes, asked.share)  # first, so that it is not lost where a file can't be written
    if asked.json_file is not None:
        commands.write_json(asked.json_file, report.to_dict())
    if asked.html_file is not None:
        html.write(asked.html_file, report, tables, notes)


def _check_files(asked: Asked) -> None:
    for option, path in (("--json", asked.json_file), ("--html", asked.html_file)):
        if path is not None and path.is_dir():
            raise InputError(f"{option} must be a file, {path} is a folder")
    for index, model in enumerate(asked.models):
        if any(model.resolve() == other.resolve() for other in asked.models[:index]):
            raise InputError(f"{model} is given twice; a copy of it under another name shows how much is noise")
    if asked.picture is not None:
        read_image(commands.existing_file(asked.picture))
    if asked.device and (asked.runtimes or asked.picture):
        raise InputError("--runtime and --image are for this machine, with --device there is benchmark_model alone")
    if bool(asked.device) != bool(asked.program):
        raise InputError("--device and --benchmark-model belong together: the program is pushed to the device")


def _here(asked: Asked) -> Report:
    pairs = _pairs(asked.models, asked.runtimes)
    for model, runtime in pairs:
        open_session(model, runtime=runtime)  # a wrong file ends the command now, not after minutes
    configurations = [
        Configuration(model, count, runtime, FRAMES, asked.picture)
        for (model, runtime), count in product(pairs, asked.threads)
    ]
    with _progress(runner.processes(configurations, asked.turns)) as advance:
        report = runner.run(configurations, asked.turns, advance)
    if not asked.profiled:
        return report
    return replace(report, profiles=tuple(profile(one, asked.threads[0], runtime=runtime) for one, runtime in pairs))


def _pairs(models: Sequence[Path], runtimes: Sequence[str] | None) -> list[tuple[Path, str | None]]:
    """Each model with each of the runtimes that runs files of its kind.

    Raises:
        InputError: a runtime is unknown, or runs none of the models, or a model is run by none of the runtimes.
    """
    if runtimes is None:
        return [(model, None) for model in models]
    for runtime in runtimes:
        if runtime not in RUNTIMES:
            raise InputError(f"there is no runtime {runtime!r}; accepted are {', '.join(RUNTIMES)}")
    found = [(model, runtime) for model, runtime in product(models, runtimes) if _runs(model, runtime)]
    for model in models:
        if all(model != other for other, _ in found):
            raise InputError(f"none of {', '.join(runtimes)} runs {model}")
    for runtime in runtimes:
        if all(runtime != other for _, other in found):
            raise InputError(f"{runtime} runs none of the models")
    # A runtime may have two names.
    return list(dict.fromkeys((model, engine_for(model, runtime).runtime) for model, runtime in found))


def _runs(model: Path, runtime: str) -> bool:
    """Whether a runtime runs files of this kind, installed or not."""
    engine_for(model)  # says what is wrong with an ending that no runtime knows
    try:
        engine_for(model, runtime)
    except InputError:
        return False
    return True


def _on_device(asked: Asked) -> Report:
    kind, _, serial = (asked.device or "").partition(":")
    if kind != "adb" or asked.program is None:
        raise InputError(f"--device must be adb or adb:SERIAL, got {asked.device!r}")
    for model in asked.models:
        android.check_model(model)
    program = commands.existing_file(asked.program)
    device = adb.find_device(serial or None)
    with _progress(android.processes(asked.models, asked.threads, asked.turns)) as advance:
        return android.run(asked.models, asked.threads, asked.turns, device, program, asked.profiled, advance)


@contextmanager
def _progress(processes: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr; what it gives is to be called when a process is done."""
    columns = (TextColumn("benchmark"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # No refresh in the background while the models run: it would take time from them.
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as progress:
        task = progress.add_task("benchmark", total=processes)

        def advance() -> None:
            progress.advance(task)
            progress.refresh()

        yield advance


def _print(report: Report, tables: Sequence[Table], notes: Sequence[str], share: bool) -> None:
    console = Console(highlight=False, soft_wrap=share)
    if share:
        console.print(Text(sharing.block(report, tables, notes)), end="")
        return
    # Into a pipe or a file rich would fold the tables at 80 columns.
    console = console if console.is_terminal else Console(width=160, highlight=False)
    console.print(Text(f"{report.machine.name}; {sharing.conditions(report)}"))
    for table in tables:
        console.print(_rich(table) if table.rows else Text(f"{table.title}: {table.note}"))
    for note in notes:
        console.print(Text(f"{note}."), style="yellow")


def _rich(table: Table) -> RichTable:
    shown = RichTable(title=Text(table.title), caption=Text(table.note))
    for index, name in enumerate(table.header):
        shown.add_column(Text(name), justify="left" if index < table.words else "right", overflow="fold")
    for cells in table.rows:
        shown.add_row(*map(Text, cells))
    return shown
