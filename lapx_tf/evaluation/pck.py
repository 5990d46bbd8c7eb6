"""PCK, the percentage of correct keypoints (Yang and Ramanan, TPAMI 2013), as it is reported for LSP."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lapx_tf.data.people import People
from lapx_tf.skeletons import LSP_14, Skeleton

TORSO = ("right_hip", "left_shoulder")


def distances(predicted: ArrayLike, truth: ArrayLike, reference: ArrayLike) -> NDArray[np.float64]:
    """Distance of each joint from the truth, in units of the person's reference length.

    Args:
        predicted: [N, K, 2 or more] (x, y), pixels of the image.
        truth: [N, K, 3] (x, y, labelled), pixels of the image.
        reference: [N], pixels, such as the torso's size.

    Returns:
        float64 [N, K]; NaN where the joint is not labelled or the person has no reference length.
    """
    predicted, truth = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    reference = np.asarray(reference, np.float64)
    reference = np.where(reference > 0, reference, np.nan)
    distance = np.linalg.norm(predicted[..., :2] - truth[..., :2], axis=-1) / reference[:, None]
    return np.where(truth[..., 2] > 0, distance, np.nan)


def share_within(distance: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """[K] per joint, the per cent of counted persons whose distance [N, K] is at most the threshold; NaN where none count."""
    counted = np.isfinite(distance).sum(axis=0)
    return 100 * np.divide(
        (distance <= threshold).sum(axis=0), counted, where=counted > 0, out=np.full(len(counted), np.nan)
    )


def torso_sizes(truth: NDArray, skeleton: Skeleton) -> NDArray[np.float64]:
    """[N] distance of the right hip from the left shoulder, pixels; NaN where one of them is not labelled."""
    hip, shoulder = (truth[:, joint] for joint in skeleton.indices_of(TORSO))
    size = np.linalg.norm(hip[:, :2] - shoulder[:, :2], axis=-1)
    return np.where((hip[:, 2] > 0) & (shoulder[:, 2] > 0), size, np.nan)


def lsp_pck(predicted: NDArray, people: People, threshold: float = 0.2) -> dict[str, Any]:
    """PCK of LSP: threshold x torso size, person-centric, the 14 joints of LSP.

    Args:
        predicted: [N, K, 2 or more] (x, y) in the people's own joints, pixels of the image.
        people: the truth.
        threshold: part of the torso's size.

    Returns:
        `PCK@<threshold>`, the mean over the 14 joints, and `PCK@<threshold> per joint` by name, in per cent.
    """
    reference = torso_sizes(people.joints, people.skeleton)
    columns = people.skeleton.indices_of(LSP_14.joints)
    shares = share_within(distances(predicted[:, columns], people.joints[:, columns], reference), threshold)
    key = f"PCK@{threshold:g}"
    per_joint = {name: round(float(share), 3) for name, share in zip(LSP_14.joints, shares, strict=True)}
    return {key: round(float(np.nanmean(shares)), 3), f"{key} per joint": per_joint}
