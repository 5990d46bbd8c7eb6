"""A report as one HTML file, which opens from disk and needs no script and no other file."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from lapx_tf import commands
from lapx_tf.runtime.benchmark.bars import Bar, Part, bars
from lapx_tf.runtime.benchmark.frames import PARTS
from lapx_tf.runtime.benchmark.intervals import interval_of
from lapx_tf.runtime.benchmark.report import Report
from lapx_tf.runtime.benchmark.sharing import conditions
from lapx_tf.runtime.benchmark.tables import Table, number
from lapx_tf.runtime.benchmark.verdicts import names_of
from lapx_tf.runtime.page import document

STYLE = """
:root { color-scheme: light dark; --ink: #0072b2; --a: #56b4e9; --b: #e69f00; --c: #0072b2; --d: #009e73; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0.3rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; margin-bottom: 0.4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th { font-weight: 400; opacity: 0.75; vertical-align: bottom; text-align: left; }
th, td { border-bottom: 1px solid #8884; padding: 0.15rem 0.9rem 0.15rem 0; }
td { white-space: nowrap; } td.word { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
.number { text-align: right; }
.note { font-size: 0.85rem; opacity: 0.75; margin-top: 0.3rem; } ul.said { padding-left: 1.2rem; }
svg { max-width: 100%; height: auto; display: block; } svg text { fill: currentColor; font-size: 13px; }
.key { font-size: 0.85rem; margin-top: 0.3rem; }
.key span { display: inline-block; width: 0.8rem; height: 0.8rem; margin: 0 0.3rem 0 0.9rem; }
"""

_COLORS = dict(zip(PARTS, ("var(--a)", "var(--b)", "var(--c)", "var(--d)"), strict=True))


def write(path: Path, report: Report, tables: Sequence[Table], notes: Sequence[str]) -> None:
    """Writes the HTML file, whole or not at all."""
    with commands.whole_file(path) as beside:
        # A file's name can hold bytes that are no UTF-8.
        beside.write_text(page(report, tables, notes), "utf-8", errors="replace")


def page(report: Report, tables: Sequence[Table], notes: Sequence[str]) -> str:
    """The HTML.

    Args:
        report: for the machine and the bars.
        tables: what else there is to show, see `tables.tables_of`.
        notes: what is to be said in words, a sentence each without its full stop.
    """
    title = f"Benchmark on {report.machine.name}"
    said = "".join(f"<li>{escape(note)}.</li>" for note in notes)
    body = f"""<h1>{escape(title)}</h1>
<p>{escape(conditions(report))}</p>
{_facts(report.machine.rows())}
{f'<h2>What to know</h2><ul class="said">{said}</ul>' if said else ""}
{_latency(report)}
{_frames(report)}
{"".join(map(_table, tables))}"""
    return document(title, STYLE, body)


def _facts(rows: Mapping[str, str]) -> str:
    cells = (
        f'<tr><th scope="row">{escape(name)}</th><td class="word">{escape(value)}</td></tr>'
        for name, value in rows.items()
    )
    return f"<table>{''.join(cells)}</table>"


def _labels(report: Report) -> list[str]:
    """Each measurement in a line; the runtime only of a model that was run in several."""
    names = names_of(report.measurements)
    named = list(zip(names, report.measurements, strict=True))
    runtimes = {name: {one.runtime for other, one in named if other == name} for name in names}
    return [
        f"{name}{f', {one.runtime}' if len(runtimes[name]) > 1 else ''},"
        f" {one.threads} {'thread' if one.threads == 1 else 'threads'}"
        for name, one in named
    ]


def _latency(report: Report) -> str:
    """Bars of the medians with their intervals."""
    found = [
        Bar(label, (Part(one.median_ms, "var(--ink)"),), number(one.median_ms), interval_of(one.medians_ms))
        for one, label in zip(report.measurements, _labels(report), strict=True)
    ]
    note = "Milliseconds for a crop, the median; the line is its 95% interval over the rounds."
    return f'<h2>Latency</h2>{bars(found, "median latency in milliseconds")}<p class="note">{note}</p>'


def _frames(report: Report) -> str:
    """Bars of what a picture takes, in its parts."""
    found = [
        Bar(
            label,
            tuple(Part(ms, _COLORS[part]) for part, ms in one.frames.parts.items()),
            f"{number(one.frames.total_ms)} ({one.frames.per_second:.1f} frames/s)",
        )
        for one, label in zip(report.measurements, _labels(report), strict=True)
        if one.frames
    ]
    if not found:
        return ""
    key = "".join(f'<span style="background:{color}"></span>{part}' for part, color in _COLORS.items())
    return (
        f"<h2>From a picture's file to joints</h2>{bars(found, 'milliseconds for a picture, in its parts')}"
        f'<p class="key">{key}</p>'
    )


def _table(table: Table) -> str:
    header = "".join(
        f'<th scope="col" class="{_kind(index, table)}">{escape(name)}</th>' for index, name in enumerate(table.header)
    )
    rows = (
        "".join(f'<td class="{_kind(index, table)}">{escape(cell)}</td>' for index, cell in enumerate(cells))
        for cells in table.rows
    )
    body = "".join(f"<tr>{cells}</tr>\n" for cells in rows)
    shown = f'<div class="wide"><table><tr>{header}</tr>\n{body}</table></div>' if body else ""
    return f'<h2>{escape(table.title)}</h2>\n{shown}<p class="note">{escape(table.note)}</p>\n'


def _kind(index: int, table: Table) -> str:
    return "word" if index < table.words else "number"
