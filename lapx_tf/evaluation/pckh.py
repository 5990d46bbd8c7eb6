"""PCKh, PCK in units of the head's size (Andriluka et al., CVPR 2014), as it is reported for MPII."""

import logging
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lapx_tf.data import mpii
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.evaluation.pck import distances, share_within
from lapx_tf.skeletons import MPII_16

JOINTS = tuple(joint for joint in MPII_16.joints if joint not in ("pelvis", "thorax"))
"""The joints that count, by name."""

GROUPS = {"Head": ("head_top",)} | {
    part.capitalize(): (f"right_{part}", f"left_{part}")
    for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
}
"""The columns of the papers' tables; the neck counts in the mean alone."""

log = logging.getLogger(__name__)


def head_sizes(people: People) -> NDArray[np.float64]:
    """[N] what PCKh divides by, pixels; NaN where unknown."""
    return np.array([person.head_size for person in people.persons])


def mpii_pckh(predicted: ArrayLike, people: People, thresholds: Iterable[float] = (0.5, 0.1)) -> dict[str, Any]:
    """PCKh of MPII: threshold x head size, over the joints but pelvis and thorax.

    The mean is over all joints that count, as in Xiao et al. (ECCV 2018): an ankle, which is labelled less often than a
    shoulder, counts less. A joint group is the mean of its right and its left.

    Args:
        predicted: [N, 16, 2 or more] (x, y), pixels of the image; not as MPII counts them, see `mpii.val_truth`.
        people: the truth, with head sizes; persons without do not count. To compare with papers: `mpii.val_truth`.
        thresholds: parts of the head size.

    Returns:
        For each threshold `PCKh@<threshold>`, the mean, and `PCKh@<threshold> per joint` and `per group` by name; per cent.

    Raises:
        InputError: the predictions do not fit the people or hold what is no number, or no head size is known.
    """
    columns = people.skeleton.indices_of(JOINTS)
    lengths = head_sizes(people)
    known = int((lengths > 0).sum())
    if known == 0:
        raise InputError(
            f"PCKh needs head sizes, and {people.dataset} has none; {' or '.join(mpii.TRUTH_FILES)} tells them"
        )
    if known < len(people):
        log.warning("%d of %d persons have no head size and do not count", len(people) - known, len(people))
    distance = distances(_checked(predicted, people), people.joints, lengths)[:, columns]
    return {key: value for threshold in thresholds for key, value in _shares(distance, threshold).items()}


def _checked(predicted: ArrayLike, people: People) -> NDArray[np.float64]:
    predicted = np.asarray(predicted, np.float64)
    wanted = (len(people), len(people.skeleton.joints))
    if predicted.ndim != 3 or predicted.shape[:2] != wanted or predicted.shape[2] < 2:
        raise InputError(f"predictions must have the shape [{wanted[0]}, {wanted[1]}, 2], got {list(predicted.shape)}")
    # Left in, it would not count as a miss but as not labelled.
    wrong = ~np.isfinite(predicted[..., :2]).all(axis=(1, 2))
    if wrong.any():
        raise InputError(f"the prediction for {people.persons[int(wrong.argmax())].name} is not finite")
    return predicted


def _shares(distance: NDArray[np.float64], threshold: float) -> dict[str, Any]:
    """The scores of distances [N, 14] in head sizes."""
    of_joint = dict(zip(JOINTS, share_within(distance, threshold).tolist(), strict=True))
    of_group = {group: float(np.mean([of_joint[joint] for joint in joints])) for group, joints in GROUPS.items()}
    mean = float(share_within(distance.reshape(-1, 1), threshold)[0])
    key = f"PCKh@{threshold:g}"
    return {key: round(mean, 3), f"{key} per joint": _rounded(of_joint), f"{key} per group": _rounded(of_group)}


def _rounded(shares: dict[str, float]) -> dict[str, float]:
    # Tables show two digits; rounded from three they can come out wrong.
    return {name: round(share, 4) for name, share in shares.items()}
