"""The details of a report on COCO's measure: AP over thresholds, precision over recall, and how well each person was found."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.people import People, Person
from lapx_tf.evaluation.details import Case, Details
from lapx_tf.evaluation.oks import evaluated
from lapx_tf.evaluation.report_figures import Chart, Curve
from lapx_tf.geometry import Box

MISSED = 0.5
"""A joint whose similarity is lower is missed (Ronchi and Perona, ICCV 2017)."""

SHOWN = (0.5, 0.75, 0.9)
"""Thresholds for which precision is drawn over recall."""

ROOM = 1.25
"""What is shown of a person, as a multiple of the annotated box: joints that were found beside it should be seen."""

Record = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Match:
    """The result that fits an annotated person best.

    Attributes:
        annotation: of the person.
        truth: [K, 3] (x, y, visibility), pixels of the image.
        found: [K, 3] likewise, or None where the image has no result.
        similarity: [K] of the joints, 0 to 1.
        oks: their mean over the labelled joints.
    """

    annotation: Record
    truth: NDArray[np.float64]
    found: NDArray[np.float64] | None
    similarity: NDArray[np.float64]
    oks: float


def of_results(results: Sequence[Record], people: People) -> Details:
    """The details of results in COCO's format.

    Args:
        results: that `oks.average_precision` accepts.
        people: with ground truth of COCO's kind and the sigmas of the joints.
    """
    matches = _matches(results, people)
    joints = people.skeleton.joints
    near, labelled = np.zeros((2, len(joints)))
    for match in matches:
        near += (match.similarity >= MISSED) & (match.truth[:, 2] > 0)
        labelled += match.truth[:, 2] > 0
    shares = 100 * np.divide(near, labelled, where=labelled > 0, out=np.full(len(joints), np.nan))
    matches.sort(key=lambda match: (match.oks, -match.annotation["area"]))
    return Details(
        _charts(results, people),
        dict(zip(joints, shares.tolist(), strict=True)),
        f"joints with a similarity of {MISSED} or more, per cent of the labelled ones",
        _cases(matches, people),
        people.skeleton,
    )


def _matches(results: Sequence[Record], people: People) -> list[Match]:
    """One for each annotated person that counts."""
    found: dict[int, list[NDArray[np.float64]]] = defaultdict(list)
    for result in results:
        found[result["image_id"]].append(np.reshape(result["keypoints"], (-1, 3)))
    sigmas = np.asarray(people.skeleton.sigmas)
    return [
        _match(annotation, found[annotation["image_id"]], sigmas)
        for annotation in (people.ground_truth or {})["annotations"]
        if annotation["num_keypoints"] and not annotation["iscrowd"]
    ]


def _match(annotation: Record, found: Sequence[NDArray[np.float64]], sigmas: NDArray[np.float64]) -> Match:
    truth = np.reshape(annotation["keypoints"], (-1, 3)).astype(np.float64)
    best = Match(annotation, truth, None, np.zeros(len(truth)), 0.0)
    labelled, area = truth[:, 2] > 0, annotation["area"] + np.spacing(1)  # as pycocotools
    for joints in found:
        squared = ((joints[:, :2] - truth[:, :2]) ** 2).sum(axis=-1)
        similarity = np.exp(-squared / (2 * area * (2 * sigmas) ** 2))
        oks = float(similarity[labelled].mean())
        if best.found is None or oks > best.oks:
            best = Match(annotation, truth, joints, similarity, oks)
    return best


def _cases(matches: Sequence[Match], people: People) -> list[Case]:
    """The persons to draw."""
    images = {image["id"]: image for image in (people.ground_truth or {})["images"]}
    cases = []
    for match in matches:
        key = match.annotation["image_id"]
        joints = np.column_stack([match.truth[:, :2], match.truth[:, 2] > 0]).astype(np.float32)
        name = f"{images[key]['file_name']} #{match.annotation['id']}"
        person = Person(name, images[key]["path"], joints, _box(match.annotation["bbox"]), image_id=key)
        note = "nobody found in the image" if match.found is None else f"OKS {match.oks:.2f}"
        cases.append(Case(person, match.found, note))
    return cases


def _box(bbox: Sequence[float]) -> Box:
    """What to show of a person: a square around the annotated box (x, y, width, height)."""
    x, y, width, height = bbox
    side = ROOM * max(width, height, 1.0)
    return Box(x + width / 2, y + height / 2, side, side)


def _charts(results: Sequence[Record], people: People) -> list[Chart]:
    evaluation = evaluated(results, people.ground_truth or {}, people.skeleton.sigmas)
    thresholds, recalls = evaluation.params.iouThrs, evaluation.params.recThrs
    precision = evaluation.eval["precision"][:, :, 0, :, -1]  # [thresholds, recalls, sizes] of the one category
    precision = np.where(precision < 0, np.nan, precision)  # -1: the ground truth has nobody of this size
    sizes = [
        Curve(label, precision[:, :, index].mean(axis=1)) for index, label in enumerate(("all", "medium", "large"))
    ]
    over_recall = [Curve("mean over thresholds", precision[:, :, 0].mean(axis=0))]
    over_recall += [Curve(f"OKS {one:g}", precision[np.argmin(np.abs(thresholds - one)), :, 0]) for one in SHOWN]
    return [
        Chart("AP over OKS thresholds", "OKS threshold", "AP", thresholds, 1, sizes),
        Chart("Precision over recall", "recall", "precision", recalls, 1, over_recall),
    ]
