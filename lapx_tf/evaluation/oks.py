"""Average precision over OKS, the object keypoint similarity, as COCO reports it (Lin et al., ECCV 2014; pycocotools).

Scores and the suppression of doubles are those of Xiao et al., ECCV 2018 (`coco.py`, `nms.py`).
"""

import contextlib
import io
from collections.abc import Container
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lapx_tf.data.people import People
from lapx_tf.data.records import RecordError, field, numbers
from lapx_tf.errors import InputError

NAMES = ("AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl")

COUNTED_SCORE = 0.2
"""Joints above it count in the score of a person."""

SAME_PERSON = 0.9
"""Of two predictions that are more similar than this, the one of the lower score is left out."""


def coco_ap(predicted: NDArray, people: People) -> dict[str, float]:
    """`average_precision` of the `coco_results` of predictions for people with ground truth of COCO's kind."""
    truth, sigmas = _truth_and_sigmas(people)
    return average_precision(coco_results(predicted, people), truth, sigmas)


def coco_results(predicted: NDArray, people: People, size: tuple[int, int] = (1, 1)) -> list[dict[str, Any]]:
    """Predictions in COCO's result format.

    The score of a person is that of its box x the mean of its joints' scores above `COUNTED_SCORE`. Of several predictions
    of the same person in an image the best is kept.

    Args:
        predicted: [N, K, 3] (x, y, score), pixels of the image.
        people: the N persons, with ground truth of COCO's kind.
        size: (height, width) of the crops, of which the aspect counts: the area that the field divides distances by between
            two predictions is that of the crop in the image.

    Returns:
        A record for each prediction that is kept: by image, the best first.

    Raises:
        InputError: the shapes differ, a value is not finite, or the people have no such ground truth.
    """
    truth, sigmas = _truth_and_sigmas(people)
    predicted = np.asarray(predicted, np.float64)
    wanted = (len(people), len(people.skeleton.joints), 3)
    if predicted.shape != wanted:
        raise InputError(f"predictions for {people.dataset} must have the shape {wanted}, got {predicted.shape}")
    if not np.isfinite(predicted).all():
        person = people.persons[int(np.argwhere(~np.isfinite(predicted))[0, 0])]
        raise InputError(f"the prediction for {person.name} holds a value that is not finite")
    scores = _person_scores(predicted[..., 2]) * [person.score for person in people.persons]
    boxes = [person.box.to_aspect(size) for person in people.persons]
    areas = np.array([box.width * box.height for box in boxes])
    return [
        {
            "image_id": people.persons[i].image_id,
            "category_id": truth["categories"][0]["id"],
            "keypoints": predicted[i].ravel().tolist(),
            "score": float(scores[i]),
        }
        for group in _by_image(people)
        for i in group[_distinct(predicted[group, :, :2], scores[group], areas[group], sigmas)]
    ]


def average_precision(results: Any, ground_truth: dict[str, Any], sigmas: ArrayLike | None = None) -> dict[str, float]:
    """AP and AR of pycocotools; see `evaluated` for the arguments and errors.

    Returns:
        `NAMES`, from 0 to 1; -1 where the ground truth has nobody of the size (M: 32² to 96² square pixels, L: more).
    """
    evaluation = evaluated(results, ground_truth, sigmas)
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.summarize()
    return dict(zip(NAMES, map(float, evaluation.stats), strict=True))


def evaluated(results: Any, ground_truth: dict[str, Any], sigmas: ArrayLike | None = None) -> Any:
    """The `COCOeval` of pycocotools behind the figures, with its precision and recall accumulated.

    Args:
        results: records as `coco_results` gives them, of anybody.
        ground_truth: as in `People.ground_truth`.
        sigmas: K, for other joints than COCO's.

    Raises:
        InputError: a record is malformed.
    """
    from pycocotools.coco import COCO  # here, because only those who train have it
    from pycocotools.cocoeval import COCOeval

    truth: Any = COCO()
    # Numbered anew: the evaluator takes the id 0 for "no match". Copied: it writes into the records.
    numbered = [{**annotation, "id": i} for i, annotation in enumerate(ground_truth["annotations"], start=1)]
    truth.dataset = {**ground_truth, "annotations": numbered}
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        evaluation = COCOeval(truth, iouType="keypoints")
        if sigmas is not None:
            evaluation.params.kpt_oks_sigmas = np.asarray(sigmas)
        checked = _checked(results, truth, len(evaluation.params.kpt_oks_sigmas))
        evaluation.cocoDt = truth.loadRes(checked) if checked else COCO()
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def _truth_and_sigmas(people: People) -> tuple[dict[str, Any], NDArray[np.float64]]:
    if people.ground_truth is None or people.skeleton.sigmas is None:
        raise InputError(f"{people.dataset} has no ground truth of COCO's kind, which OKS needs")
    return people.ground_truth, np.asarray(people.skeleton.sigmas)


def _checked(results: Any, truth: Any, joints: int) -> list[dict[str, Any]]:
    """Copies of the records, with what the evaluator reads; `truth` is pycocotools' index of the ground truth."""
    if not isinstance(results, list):
        raise InputError(f"results must be a list of records, got {results!r:.60}")
    boxed = bool(results) and isinstance(results[0], dict) and "bbox" in results[0]
    checked = []
    for index, record in enumerate(results):
        try:
            copied = {
                "image_id": _known(record, "image_id", truth.imgs),
                "category_id": _known(record, "category_id", truth.cats),
                "keypoints": numbers(field(record, "keypoints"), (3 * joints,), "keypoints"),
                "score": float(numbers(field(record, "score"), (), "score")),
            }
            # As in pycocotools: where the first record has a box, the size of a prediction is its box', else its joints'.
            if boxed:
                copied["bbox"] = numbers(field(record, "bbox"), (4,), "bbox").tolist()
        except RecordError as error:
            raise InputError(f"results[{index}]: {error}") from error
        checked.append(copied)
    return checked


def _known(record: Any, key: str, accepted: Container[int]) -> int:
    value = field(record, key)
    if type(value) is not int or value not in accepted:
        raise RecordError(f"{key} {value!r:.60} is not in the ground truth")
    return value


def _person_scores(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """[N] the mean over the joints [N, K] that count; 0 where none does."""
    counted = scores > COUNTED_SCORE
    return (scores * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)


def _by_image(people: People) -> list[NDArray[np.intp]]:
    """The persons of each image."""
    groups: dict[int | None, list[int]] = {}
    for index, person in enumerate(people.persons):
        groups.setdefault(person.image_id, []).append(index)
    return [np.array(group) for group in groups.values()]


def _distinct(
    joints: NDArray[np.float64], scores: NDArray[np.float64], areas: NDArray[np.float64], sigmas: NDArray[np.float64]
) -> list[int]:
    """The predictions of one image that are kept, the best first.

    Args:
        joints: [n, K, 2] (x, y), pixels of the image.
        scores: [n].
        areas: [n], square pixels.
        sigmas: [K].
    """
    squared = ((joints[:, None] - joints[None]) ** 2).sum(axis=-1)
    mean_area = (areas[:, None] + areas[None]) / 2
    oks = np.exp(-squared / (2 * (2 * sigmas) ** 2 * mean_area[..., None])).mean(axis=-1)
    left, kept = np.argsort(-scores, kind="stable"), []
    while len(left):
        best, *_ = left
        kept.append(int(best))
        left = left[1:][oks[best, left[1:]] <= SAME_PERSON]
    return kept
