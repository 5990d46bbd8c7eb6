"""The report of an evaluation: one HTML file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.data.people import People
from lapx_tf.evaluation import report_html as html
from lapx_tf.evaluation.details import Details, of_pck
from lapx_tf.evaluation.details_oks import of_results
from lapx_tf.evaluation.measures import pck_measure
from lapx_tf.evaluation.oks import coco_results

WORST = 20
"""Persons that are drawn."""


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
    scores = {key: value for key, value in report.scores.items() if not isinstance(value, Mapping)}
    body = f"""<div class="tables">
{html.table("Scores", scores)}
{html.table("Conditions", report.conditions)}
</div>
<div class="charts">
{"".join(map(html.curves, details.charts))}{html.bars(details)}</div>
{html.persons("worst", details.cases, details.skeleton, WORST)}"""
    return html.document(report.title, report.headline, body)
