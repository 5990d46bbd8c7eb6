"""What a report shows beside the scores: curves over thresholds, shares of each joint, persons from the worst one on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.people import People, Person
from lapx_tf.evaluation.measures import PckMeasure
from lapx_tf.evaluation.pck import distances
from lapx_tf.evaluation.report_figures import Chart, Curve
from lapx_tf.skeletons import Skeleton

THRESHOLDS = np.linspace(0, 0.5, 51)
"""Of the curves of PCK and PCKh, in units of the reference length, as benchmarks draw them."""


@dataclass(frozen=True, eq=False)
class Case:
    """One person as it is and as it was found.

    Attributes:
        person: with the true joints.
        found: [K, 2 or more] (x, y), pixels of the image, or None where nobody was found.
        note: how bad it is, a few words.
    """

    person: Person
    found: NDArray | None
    note: str


@dataclass(frozen=True, eq=False)
class Details:
    """What a report shows beside the scores.

    Attributes:
        charts: curves over thresholds.
        per_joint: per cent by joint, NaN where none is labelled.
        per_joint_label: what the per cent are of.
        cases: persons, the worst first.
        skeleton: of their joints.
    """

    charts: Sequence[Chart]
    per_joint: Mapping[str, float]
    per_joint_label: str
    cases: Sequence[Case]
    skeleton: Skeleton


def of_pck(predicted: NDArray, people: People, measure: PckMeasure) -> Details:
    """The details of a percentage of correct keypoints.

    Args:
        predicted: [N, K, 2 or more] (x, y), pixels of the image.
        people: the truth.
        measure: how the data set is scored.
    """
    per_joint = measure.score(predicted, people, measure.thresholds[:1])[f"{measure.key} per joint"]
    return Details(
        [_chart(measure.score(predicted, people, THRESHOLDS.tolist()), measure)],
        per_joint,
        f"{measure.key}, per cent",
        _cases(predicted, people, measure),
        people.skeleton,
    )


def _chart(scores: Mapping[str, Any], measure: PckMeasure) -> Chart:
    """The mean and each part of the body over `THRESHOLDS`."""
    keys = [f"{measure.name}@{threshold:g}" for threshold in THRESHOLDS]
    curves = [Curve("all", [scores[key] for key in keys])]
    for part, joints in _parts(measure.joints).items():
        shares = [np.mean([scores[f"{key} per joint"][joint] for joint in joints]) for key in keys]
        curves.append(Curve(part.replace("_", " "), shares))
    x_label, y_label = f"threshold, in units of: {measure.reference}", f"{measure.name}, per cent"
    return Chart(f"{measure.name} over thresholds", x_label, y_label, THRESHOLDS, 100, curves)


def _parts(joints: Sequence[str]) -> dict[str, list[str]]:
    """The joints by part of the body, left and right together."""
    parts: dict[str, list[str]] = {}
    for joint in joints:
        parts.setdefault(joint.removeprefix("left_").removeprefix("right_"), []).append(joint)
    return parts


def _cases(predicted: NDArray, people: People, measure: PckMeasure) -> list[Case]:
    """The persons by their share of correct joints, then by how far off the joints are."""
    columns = people.skeleton.indices_of(measure.joints)
    distance = distances(predicted, people.joints, measure.lengths(people))[:, columns]
    counted = np.isfinite(distance)
    correct = (distance <= measure.thresholds[0]).sum(axis=1)
    scored = np.flatnonzero(counted.any(axis=1))
    share = correct[scored] / counted[scored].sum(axis=1)
    order = scored[np.lexsort((-np.nanmean(distance[scored], axis=1), share))]
    return [Case(people.persons[i], predicted[i], f"{correct[i]} of {counted[i].sum()} joints correct") for i in order]
