"""A report as a block of Markdown to paste into an issue: the machine, the conditions and the tables, and nothing private."""

from collections.abc import Sequence

from lapx_tf.runtime.benchmark.report import Report
from lapx_tf.runtime.benchmark.tables import Table, markdown


def conditions(report: Report) -> str:
    """How a report was made, in a sentence."""
    turns = report.turns
    return (
        f"{report.date}: {turns.runs} runs of each configuration after {turns.warmup} untimed ones,"
        f" in {turns.rounds} alternating rounds, one process a configuration and round."
    )


def block(report: Report, tables: Sequence[Table], notes: Sequence[str]) -> str:
    """The Markdown of a report, its tables and what is to be said in words."""
    machine = [f"- {name}: {value}" for name, value in report.machine.rows().items()]
    parts = [
        f"### Benchmark on {report.machine.name}",
        "\n".join(machine),
        conditions(report),
        *map(markdown, tables),
        *(["\n".join(f"- {note}." for note in notes)] if notes else []),
    ]
    return "\n\n".join(parts) + "\n"
