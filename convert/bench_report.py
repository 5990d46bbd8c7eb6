"""What `convert.bench` found, as JSON, as a table on the screen and as Markdown."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from convert.bench_files import File
from lapx_tf.runtime.benchmark import Measurement, cpu_name
from lapx_tf.runtime.benchmark.report import CeilingFound
from lapx_tf.runtime.profile import Profile

_HEADER = (
    "file", "threads", "ms", "p90", "least", "CPU ms", "GMAC", "GMAC/s", "of ceiling", "x plain", "x ONNX", "parts", "beside",
    "MB", "memory MB",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One file at one number of threads.

    Attributes:
        file: what was timed.
        measured: its times.
        times_plain: how many times as fast as the plain float32 conversion.
        times_onnx: likewise against ONNX Runtime in float32.
        of_ceiling: share of the convolutions' ceiling that is reached; None where there is none for the precision.
    """

    file: File
    measured: Measurement
    times_plain: float
    times_onnx: float
    of_ceiling: float | None

    @property
    def gmac_per_second(self) -> float:
        """Multiply-accumulates of the file's graph, in 10^9 a second."""
        return self.file.macs / 1e6 / self.measured.steady_ms

    def cells(self) -> list[str]:
        """As `_HEADER` names them."""
        one = self.measured
        return [
            self.file.label, str(one.threads), f"{one.median_ms:.1f}", f"{one.p90_ms:.1f}", f"{one.least_ms:.1f}",
            f"{one.cpu_ms:.1f}", f"{self.file.macs / 1e9:.2f}", f"{self.gmac_per_second:.1f}",
            "" if self.of_ceiling is None else f"{self.of_ceiling:.0%}",
            f"{self.times_plain:.2f}", f"{self.times_onnx:.2f}",
            "" if one.partitions is None else str(one.partitions), "" if one.beside is None else str(one.beside),
            f"{one.file_bytes / 1e6:.1f}", f"{(one.peak_memory_bytes or 0) / 1e6:.0f}",
        ]  # fmt: skip


@dataclass(frozen=True)
class Report:
    """All of one run.

    Attributes:
        conditions: under which it was measured, in words.
        ceilings: of nothing but convolutions.
        rows: the measurements.
        profiles: of each file at one thread.
    """

    conditions: str
    ceilings: Sequence[CeilingFound]
    rows: Sequence[Row]
    profiles: dict[str, Profile]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form."""
        return {
            "conditions": self.conditions,
            "ceilings": [asdict(one) for one in self.ceilings],
            "rows": [_row(row) for row in self.rows],
            "profiles": {label: found.to_dict() for label, found in self.profiles.items()},
        }


def _row(row: Row) -> dict[str, Any]:
    return asdict(row) | {
        "file": {**asdict(row.file), "path": row.file.path.name},
        "measured": {**asdict(row.measured), "model": Path(row.measured.model).name},
        "gmac_per_second": row.gmac_per_second,
    }


def ceilings_in_words(report: Report) -> str:
    """A sentence."""
    told = (f"{one.gmac_per_second:.1f} in {one.precision} on {one.threads}" for one in report.ceilings)
    return f"Ceiling of 1x1 convolutions in GMAC/s by precision and threads: {', '.join(told)}."


def table(report: Report) -> Table:
    """For the screen."""
    shown = Table(title=f"batch 1 on {cpu_name()}", caption=f"{report.conditions} {ceilings_in_words(report)}")
    for name in _HEADER:
        shown.add_column(name, justify="left" if name == "file" else "right")
    for row in report.rows:
        shown.add_row(*row.cells())
    return shown


def markdown(report: Report) -> str:
    """The document: conditions, table, and the slowest operations of each file."""
    rows = [row.cells() for row in report.rows]
    lines = ["# Speed of the converted files", "", report.conditions, "", ceilings_in_words(report), ""]
    lines += [*_table(_HEADER, rows), "", _LEGEND]
    for label, found in report.profiles.items():
        lines += ["", f"## {label}", "", *_profile(found)]
    return "\n".join(lines) + "\n"


_LEGEND = """*ms*: the median of a run, one crop in, its heat maps out; *p90* and *least* likewise. *CPU ms*: processor time
of a run. GMAC/s, the share of the ceiling and the ratios come from the CPU time at one thread, which other processes disturb
less, and from the median at two. *x plain*: how many times as fast as the plain float32 conversion; *x ONNX*: as ONNX Runtime
in float32. *parts*: partitions that XNNPACK runs; *beside*: operations that run outside of them. *GMAC*: what the file's graph
computes, multiplications by stored zeros included."""


def _profile(found: Profile) -> list[str]:
    if found.note:
        return [found.note]
    total = found.total_ms
    slowest = [[one.name or "?", one.kind, f"{one.ms:.2f}", f"{one.ms / total:.1%}"] for one in found.slowest()]
    kinds = [[kind, str(count), f"{ms:.2f}", f"{ms / total:.1%}"] for kind, (count, ms) in found.by_kind().items()]
    said = f"{found.runtime}, one thread, fastest of {found.runs} runs: {len(found.operations)} operations, {total:.1f} ms."
    return [
        said, "", *_table(("slowest operations", "kind", "ms", "share"), slowest),
        "", *_table(("kind", "operations", "ms", "share"), kinds[:10]),
    ]  # fmt: skip


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows)]
