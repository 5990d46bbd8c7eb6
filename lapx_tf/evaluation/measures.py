"""The measure that the papers on a data set report, whichever data set it is."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.people import People
from lapx_tf.data.records import LIMIT
from lapx_tf.errors import InputError
from lapx_tf.evaluation import pck, pckh
from lapx_tf.evaluation.oks import average_precision, coco_results
from lapx_tf.skeletons import LSP_14

Scores = dict[str, Any]
"""As they go into a JSON file: `PCK@0.2` and the like in per cent, `AP` and the like from 0 to 1, and `... per joint`."""

DIGITS = {"AP": 4, "PCKh@0.5": 3, "PCK@0.2": 3}
"""The scores that papers compare, and how many decimals of them are said."""


@dataclass(frozen=True)
class PckMeasure:
    """A percentage of correct keypoints.

    Attributes:
        name: `PCK` or `PCKh`; with `@` and a threshold, the key of a score.
        thresholds: that are reported, as parts of the reference length; the first is the one that papers compare.
        joints: names of those that count.
        joints_note: the same in words.
        reference: what the reference length is.
        lengths: the reference lengths of people, [N] pixels, NaN where unknown.
        score: of predictions [N, K, 2 or more] (x, y), pixels of the image, for people at some thresholds.
    """

    name: str
    thresholds: tuple[float, ...]
    joints: tuple[str, ...]
    joints_note: str
    reference: str
    lengths: Callable[[People], NDArray[np.float64]]
    score: Callable[[NDArray, People, Sequence[float]], Scores]

    @property
    def key(self) -> str:
        """Of the score that papers compare."""
        return f"{self.name}@{self.thresholds[0]:g}"


def _torso_sizes(people: People) -> NDArray[np.float64]:
    return pck.torso_sizes(people.joints, people.skeleton)


def _lsp_pck(predicted: NDArray, people: People, thresholds: Sequence[float]) -> Scores:
    return {key: score for one in thresholds for key, score in pck.lsp_pck(predicted, people, one).items()}


PCK = PckMeasure(
    "PCK",
    (0.2,),
    LSP_14.joints,
    "14 of LSP, person-centric",
    "right hip - left shoulder",
    _torso_sizes,
    _lsp_pck,
)
PCKH = PckMeasure(
    "PCKh",
    (0.5, 0.1),
    pckh.JOINTS,
    "all of MPII but pelvis and thorax",
    "0.6 x the diagonal of the head box",
    pckh.head_sizes,
    pckh.mpii_pckh,
)


def pck_measure(people: People) -> PckMeasure | None:
    """The percentage that scores these people; None where COCO's AP does, which is wherever its ground truth is there.

    Raises:
        InputError: the people lack the lengths that the percentage divides by.
    """
    if people.ground_truth is not None:
        return None
    known = pckh.head_sizes(people) > 0  # not so for NaN
    if people.dataset == "mpii" or known.any():
        if not known.all():
            raise InputError(
                f"PCKh needs the head size of every person, {len(people) - known.sum()} of {len(people)} have none; "
                "those of MPII's val are in detections_our_format.mat, to be put beside the annotations"
            )
        return PCKH
    missing = set(PCK.joints) - set(people.skeleton.joints)
    if missing:
        raise InputError(
            f"PCK@0.2 is over the joints of LSP, of which {people.skeleton.name} lacks {', '.join(sorted(missing))}; other "
            "joints are scored by AP, which needs annotations in COCO's style"
        )
    if not np.isfinite(_torso_sizes(people)).any():
        raise InputError(
            f"nobody of {people.dataset} has the labelled {' and '.join(pck.TORSO)} that PCK@0.2 divides by"
        )
    return PCK


def measure(predicted: NDArray, people: People, crop_size: tuple[int, int] = (1, 1)) -> Scores:
    """Scores predictions as the papers on the data set do: COCO's AP, PCKh@0.5 and @0.1, or PCK@0.2.

    Args:
        predicted: [N, K, 3] (x, y, score) in the people's own joints, pixels of the image; the score counts for AP only.
        people: the truth; detected people with the ground truth of their images.
        crop_size: (height, width) of the network's input, for AP (see `oks.coco_results`).

    Returns:
        See `Scores`; None for a joint that is labelled nowhere.

    Raises:
        InputError: the predictions do not fit the people or are not finite, or these people can't be scored.
    """
    check(predicted, people)
    how = pck_measure(people)
    if how is not None:
        scores = _without_nan(how.score(predicted, people, how.thresholds))
        if scores[how.key] is None:
            raise InputError(f"nobody of {people.dataset} has a labelled joint that {how.key} counts")
        return scores
    results = coco_results(predicted, people, crop_size)
    return dict(average_precision(results, people.ground_truth or {}, people.skeleton.sigmas))


def check(predicted: NDArray, people: People) -> None:
    """Refuses what would not be scored: a prediction that is no number would not count as a miss but not at all.

    Raises:
        InputError: the shape differs, or a coordinate is not a number that a picture can hold.
    """
    wanted = [len(people), len(people.skeleton.joints)]
    if predicted.ndim != 3 or list(predicted.shape[:2]) != wanted or predicted.shape[2] < 2:
        raise InputError(f"predictions for {people.dataset} must be [{wanted[0]}, {wanted[1]}, 2 or more] numbers, "
                         f"got {list(predicted.shape)}")  # fmt: skip
    wrong = np.argwhere(~(np.abs(predicted[..., :2]) <= LIMIT).all(axis=-1))  # NaN fails this, too
    if len(wrong):
        person, joint = wrong[0].tolist()
        raise InputError(
            f"person {person} ({people.persons[person].name}): {people.skeleton.joints[joint]} is predicted at "
            f"{predicted[person, joint, :2].tolist()}; a coordinate must be a number from -{LIMIT:g} to {LIMIT:g}"
        )


def key_of(people: People) -> str:
    """The key of the score that papers on these people compare."""
    how = pck_measure(people)
    return "AP" if how is None else how.key


def headline(scores: Mapping[str, Any]) -> str:
    """The score that papers compare, for a line of text."""
    key = next(key for key in DIGITS if key in scores)
    return f"{key} {scores[key]:.{DIGITS[key]}f}"


def conditions(people: People) -> dict[str, str]:
    """What a figure holds for, beside the data set."""
    how = pck_measure(people)
    if how is not None:
        return {"joints": how.joints_note, "reference": how.reference}
    return {"joints": f"{len(people.skeleton.joints)} of {people.skeleton.name}", "reference": "OKS, pycocotools"}


def _without_nan(scores: Scores) -> Scores:
    """None in place of NaN, which JSON does not have: the score of a joint that is labelled nowhere."""
    return {
        key: _without_nan(value) if isinstance(value, dict) else None if math.isnan(value) else value
        for key, value in scores.items()
    }
