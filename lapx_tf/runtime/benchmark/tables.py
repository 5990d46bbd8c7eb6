"""The tables of a report, whatever they are shown in: a terminal, Markdown or HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from lapx_tf.runtime.benchmark.intervals import Interval, interval_of
from lapx_tf.runtime.benchmark.measurement import Measurement
from lapx_tf.runtime.benchmark.report import Report
from lapx_tf.runtime.benchmark.verdicts import names_of, ratio_of
from lapx_tf.runtime.profile import Profile

UNKNOWN = "-"

_WORDS = 2
"""Columns from the left that hold words; numbers go to the right."""


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        title: what it shows.
        header: of the columns.
        rows: of cells, as many as `header` has.
        note: what a reader must know of its columns.
        words: so many columns from the left hold words; in the others numbers end at the right.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: int = _WORDS


def tables_of(report: Report) -> list[Table]:
    """What there is to show of a report, in its order."""
    frames = [frames_table(report)] if any(one.frames for one in report.measurements) else []
    return [times_table(report), work_table(report), *frames, *(profile_table(one) for one in report.profiles)]


def _each(report: Report) -> list[tuple[Measurement, tuple[str, str, str]]]:
    """The measurements, each with its first cells: model, runtime and threads."""
    names = names_of(report.measurements)
    return [(one, (name, one.runtime, str(one.threads))) for one, name in zip(report.measurements, names, strict=True)]


def times_table(report: Report) -> Table:
    """Latency, and how many times as fast as the first configuration of the same number of threads."""
    header = ("model", "runtime", "threads", "median", "95%", "p90", "p99", "CPU", "first", "load", "x first", "95%")
    rows = [first + _times(one, _first_of(report, one)) for one, first in _each(report)]
    note = "ms; one crop in, heat maps or joints out; x first: times as fast as the first line of as many threads"
    return Table("Latency, batch 1", header, tuple(rows), note)


def _first_of(report: Report, one: Measurement) -> Measurement:
    return next(other for other in report.measurements if other.threads == one.threads)


def _times(one: Measurement, first: Measurement) -> tuple[str, ...]:
    ratio, interval = ratio_of(one, first)
    times = (one.p90_ms, one.p99_ms, one.cpu_ms, one.first_ms, one.load_ms)
    compared = ("1", "") if one is first else (f"{ratio:.2f}", range_of(interval))
    return (number(one.median_ms), range_of(interval_of(one.medians_ms)), *map(number, times), *compared)


def work_table(report: Report) -> Table:
    """What a model computes, how near that comes to the ceiling, and the memory it needs."""
    header = (
        "model", "runtime", "threads",
        "GMAC", "GMAC/s", "of ceiling", "parameters", "file", "peak", "steady", "parts", "beside",
    )  # fmt: skip
    rows = [first + _work(one, report.of_ceiling(one)) for one, first in _each(report)]
    told = (f"{one.gmac_per_second:.1f} in {one.precision} on {one.threads}" for one in report.ceilings)
    note = (
        "parameters in millions, sizes in MB (1,000,000 bytes), peak and steady of the whole process; parts of the graph"
        " that the delegate runs, operations beside them"
    )
    ceilings = f"; ceiling of 1x1 convolutions in GMAC/s by precision and threads: {', '.join(told)}"
    return Table("Work, size and memory", header, tuple(rows), note + (ceilings if report.ceilings else ""))


def _work(one: Measurement, of_ceiling: float | None) -> tuple[str, ...]:
    rate = one.gmac_per_second
    return (
        UNKNOWN if one.macs is None else f"{one.macs / 1e9:.3f}",
        UNKNOWN if rate is None else f"{rate:.1f}",
        UNKNOWN if of_ceiling is None else f"{of_ceiling:.0%}",
        UNKNOWN if one.parameters is None else f"{one.parameters / 1e6:.3f}",
        f"{one.file_bytes / 1e6:.2f}",
        *(
            UNKNOWN if size is None else f"{size / 1e6:.0f}"
            for size in (one.peak_memory_bytes, one.steady_memory_bytes)
        ),
        *(UNKNOWN if count is None else str(count) for count in (one.partitions, one.beside)),
    )


def frames_table(report: Report) -> Table:
    """From a picture's file to joints."""
    header = ("model", "runtime", "threads", "decode", "crop", "inference", "joints", "total", "frames/s")
    found = [(one.frames, first) for one, first in _each(report) if one.frames]
    rows = [
        (*first, *map(number, frames.parts.values()), number(frames.total_ms), f"{frames.per_second:.1f}")
        for frames, first in found
    ]
    pictures = "; ".join(dict.fromkeys(frames.picture for frames, _ in found))
    return Table("From a picture's file to joints", header, tuple(rows), f"ms, one after the other; {pictures}")


def profile_table(found: Profile) -> Table:
    """The operations of a model that take longest, or why they are not known."""
    name = found.model.replace("\\", "/").rsplit("/", 1)[-1]
    title = f"{name} in {found.runtime}: {len(found.operations)} operations, {found.total_ms:.1f} ms"
    rows = tuple(
        (one.name or "?", one.kind, f"{one.ms:.2f}", f"{one.ms / found.total_ms:.1%}") for one in found.slowest()
    )
    note = found.note or f"the slowest; each in the fastest of {found.runs} runs, threads: {found.threads}"
    return Table(title, ("operation", "kind", "ms", "share"), rows, note)


def number(value: float) -> str:
    """A time in three digits or so."""
    if isnan(value):
        return UNKNOWN
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def range_of(interval: Interval | None) -> str:
    """An interval in a cell."""
    return UNKNOWN if interval is None else f"{number(interval.low)}-{number(interval.high)}"


def markdown(table: Table) -> str:
    """As a table of Markdown, its title and its note as lines of text."""
    marks = ["---" if index < table.words else "---:" for index in range(len(table.header))]
    rows: Sequence[Sequence[str]] = (table.header, marks, *table.rows)
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |" for cells in rows]
    return "\n".join([f"**{table.title}**", "", *(lines if table.rows else []), "", table.note])
