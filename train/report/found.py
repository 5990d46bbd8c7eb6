"""What the best network of a run finds of the people held out, for the report."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.evaluation import measures
from lapx_tf.evaluation.details import Details
from lapx_tf.evaluation.predictions import Predictions, predict_readable
from lapx_tf.evaluation.report import details_of
from lapx_tf.runtime.estimator import PoseEstimator
from train.evaluate import CROPS, open_any
from train.run.workdir import BEST


@dataclass(frozen=True, eq=False)
class Found:
    """What was found.

    Attributes:
        headline: the score that papers compare, such as `PCK@0.2 53.00`.
        conditions: under which it holds.
        details: the share of each joint, and the persons from the worst one on.
    """

    headline: str
    conditions: Mapping[str, Any]
    details: Details


def find(workdir: Path, people: People) -> Found | str:
    """Runs the best network of a run on the people held out, without flip test.

    Pictures that can't be read are left out.

    Returns:
        What it finds, or in a sentence why there is nothing to show: a report is worth having without it.
    """
    model = workdir / BEST
    if not model.is_file():
        return f"No predictions are drawn: there is no {BEST}, which the first whole epoch makes."
    try:
        session = open_any(model, threads=2)
        predictions = _predict(PoseEstimator(session), people)
        size = session.spec.input_size
        return Found(
            measures.headline(measures.measure(predictions.joints, predictions.people, size)),
            _conditions(predictions, size),
            details_of(predictions.joints, predictions.people, size),
        )
    except InputError as error:  # such as a data set whose measure needs what it lacks
        return f"No predictions are drawn: {error}."


def _predict(estimator: PoseEstimator, people: People) -> Predictions:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_interactive) as progress:
        task = progress.add_task("predictions for the report", total=len(people))
        return predict_readable(estimator, people, len(people), on_batch=lambda done: progress.advance(task, done))


def _conditions(predictions: Predictions, size: tuple[int, int]) -> dict[str, Any]:
    """What must be known beside the figure."""
    people = predictions.people
    return {
        "network": BEST,
        "dataset": f"{people.dataset}, held out",
        "persons": len(people),
        "unreadable": len(predictions.unreadable),
        **measures.conditions(people),
        "crop": CROPS.get(people.dataset, "box of each data set"),
        "input size": size,
        "flip test": False,
    }
