"""A report beside an earlier one, the baseline."""

from collections.abc import Iterator
from pathlib import Path

from lapx_tf.runtime.benchmark.intervals import interval_of_ratio
from lapx_tf.runtime.benchmark.measurement import Measurement
from lapx_tf.runtime.benchmark.report import Report
from lapx_tf.runtime.benchmark.tables import Table, number, range_of
from lapx_tf.runtime.benchmark.verdicts import CLOSE, names_of

_HEADER = ("model", "runtime", "threads", "baseline", "now", "x baseline", "95%", "")


def compare(report: Report, baseline: Report) -> tuple[Table, list[str]]:
    """How many times as fast everything is as in the baseline, and what else is to be said of the two.

    A configuration is found again by its model's digest, or else by its file's name, with the same threads and runtime; the
    runtime's version may be another.
    """
    rows = [
        _row(one, name, _counterpart(one, baseline))
        for one, name in zip(report.measurements, names_of(report.measurements), strict=True)
    ]
    note = "ms of what is compared: processor time at one thread, the clock at several"
    table = Table(f"Against the baseline of {baseline.date}", _HEADER, tuple(rows), note)
    return table, list(_differences(report, baseline))


def _counterpart(one: Measurement, baseline: Report) -> Measurement | None:
    same = [
        other for other in baseline.measurements if (other.threads, _package(other)) == (one.threads, _package(one))
    ]
    by_digest = [other for other in same if other.sha256 == one.sha256]
    by_name = [other for other in same if Path(other.model).name == Path(one.model).name]
    return next(iter(by_digest + by_name), None)


def _package(one: Measurement) -> str:
    """The runtime without its version."""
    return one.runtime.split(" ")[0]


def _row(one: Measurement, name: str, other: Measurement | None) -> tuple[str, ...]:
    first = (name, one.runtime, str(one.threads))
    if other is None:
        return (*first, "-", number(one.steady_ms), "-", "-", "not in the baseline")
    interval = interval_of_ratio(one.rounds_ms, other.rounds_ms)
    said = [] if one.sha256 == other.sha256 else ["another file"]
    said += [] if one.runtime == other.runtime else [f"was {other.runtime}"]
    if interval is not None and 1 in interval:
        said.append("as fast as before" if interval.spread <= CLOSE else "too noisy to tell")
    ratio = other.steady_ms / one.steady_ms
    return (
        *first, number(other.steady_ms), number(one.steady_ms), f"{ratio:.2f}", range_of(interval), ", ".join(said),
    )  # fmt: skip


def _differences(report: Report, baseline: Report) -> Iterator[str]:
    here, there = report.machine, baseline.machine
    if (here.name, here.cpu, here.cores) != (there.name, there.cpu, there.cores):
        yield (
            f"THE BASELINE WAS MEASURED ON ANOTHER MACHINE: {there.name}, {there.cores} cores, and this is {here.name},"
            f" {here.cores} cores; the ratios compare the machines as much as the models"
        )
    elif here.governor != there.governor:
        yield f"The clock's governor was {there.governor or 'unknown'} and is {here.governor or 'unknown'}"
    earlier = {(one.precision, one.threads): one.gmac_per_second for one in baseline.ceilings}
    for one in report.ceilings:
        if (one.precision, one.threads) in earlier:
            ratio = one.gmac_per_second / earlier[one.precision, one.threads]
            yield f"The ceiling ({one.precision}, threads: {one.threads}) is {ratio:.2f} times the baseline's"
