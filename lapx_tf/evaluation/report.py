"""The report of an evaluation: one HTML file that opens from disk and needs no server, no script and no other file."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.data.people import People
from lapx_tf.evaluation.details import Case, Details, of_pck
from lapx_tf.evaluation.details_oks import of_results
from lapx_tf.evaluation.measures import pck_measure
from lapx_tf.evaluation.oks import coco_results
from lapx_tf.evaluation.report_figures import Chart, bars_svg, curves_svg
from lapx_tf.evaluation.report_pictures import drawn

WORST = 20
"""Persons that are drawn."""

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
.headline { font-size: 2.2rem; font-weight: 600; margin: 0.3rem 0 1rem; }
.tables { display: flex; flex-wrap: wrap; gap: 0 3rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; align-self: flex-start; }
th { text-align: left; font-weight: 400; white-space: nowrap; opacity: 0.75; padding-right: 1.5rem; vertical-align: top; }
td { overflow-wrap: anywhere; } th, td { border-bottom: 1px solid #8884; padding-top: 0.15rem; padding-bottom: 0.15rem; }
caption { text-align: left; font-weight: 600; }
figure { margin: 0; } figcaption { font-size: 0.85rem; overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 1.5rem; }
.chart h2 { margin-bottom: 0.5rem; } .chart img { background: white; padding: 0.4rem; box-sizing: border-box; }
.worst { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.2rem; }
"""


@dataclass(frozen=True, eq=False)
class Report:
    """What a report says.

    Attributes:
        title: what was evaluated on what, one line.
        headline: the score that counts, such as `PCK@0.2 53.00`.
        scores: as in the JSON file beside the report; the shares of each joint are left to the figure.
        conditions: under which the scores hold.
        details: curves, bars and persons.
    """

    title: str
    headline: str
    scores: Mapping[str, Any]
    conditions: Mapping[str, Any]
    details: Details


def details_of(predicted: NDArray, people: People, crop_size: tuple[int, int] = (1, 1)) -> Details:
    """What a report shows of predictions; the arguments are those of `measures.measure`."""
    how = pck_measure(people)
    if how is not None:
        return of_pck(predicted, people, how)
    return of_results(coco_results(predicted, people, crop_size), people)


def write(path: Path, report: Report) -> None:
    """Writes the HTML file, whole or not at all."""
    with commands.whole_file(path) as beside:
        # A file's name can hold bytes that are no UTF-8.
        beside.write_text(page(report), "utf-8", errors="replace")


def page(report: Report) -> str:
    """The HTML."""
    details = report.details
    figures = "".join(_chart(chart.title, curves_svg(chart), _said(chart)) for chart in details.charts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(report.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(report.title)}</h1>
<p class="headline">{escape(report.headline)}</p>
<div class="tables">
{_table("Scores", {key: value for key, value in report.scores.items() if not isinstance(value, Mapping)})}
{_table("Conditions", report.conditions)}
</div>
<div class="charts">
{figures}{_bars(details)}</div>
{_worst(details)}
</body>
</html>
"""


def _table(caption: str, rows: Mapping[str, Any]) -> str:
    cells = (
        f'<tr><th scope="row">{escape(key)}</th><td>{escape(_text(value))}</td></tr>' for key, value in rows.items()
    )
    return f"<table><caption>{escape(caption)}</caption>{''.join(cells)}</table>"


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "unknown"}[value]
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _said(chart: Chart) -> str:
    """The first curve in words, at a few places."""
    x, y = np.asarray(chart.x), np.asarray(chart.curves[0].y)
    places = np.linspace(0, len(x) - 1, 6).astype(int)
    points = ", ".join(f"{y[place]:.3g} at {x[place]:.3g}" for place in places)
    return f"{chart.y_label} over {chart.x_label}; {chart.curves[0].label}: {points}"


def _bars(details: Details) -> str:
    shares = ", ".join(f"{joint.replace('_', ' ')} {share:.1f}" for joint, share in details.per_joint.items())
    svg = bars_svg(details.per_joint, details.per_joint_label)
    return _chart("Each joint", svg, f"{details.per_joint_label}: {shares}")


def _chart(title: str, svg: bytes, alt: str) -> str:
    return f'<div class="chart"><h2>{escape(title)}</h2><img src="{_data("svg+xml", svg)}" alt="{escape(alt)}"></div>\n'


def _worst(details: Details) -> str:
    pictures, missing = drawn(details.cases, details.skeleton, WORST)
    note = f" {missing} others are left out: their picture is not here or can't be read." if missing else ""
    figures = "\n".join(_figure(case, jpeg) for case, jpeg in pictures)
    return f"""<h2>The worst {len(pictures)} of {len(details.cases)} persons</h2>
<p>The truth on the left, what was found on the right; blue is the person's left, orange the right.{note}</p>
<div class="worst">
{figures}
</div>"""


def _figure(case: Case, jpeg: bytes) -> str:
    caption = f"{escape(case.person.name)}: {escape(case.note)}"
    return (
        f'<figure><img src="{_data("jpeg", jpeg)}" alt="Truth and found pose of {caption}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _data(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
