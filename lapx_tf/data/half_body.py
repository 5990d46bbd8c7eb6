"""Half body: a crop around the upper or the lower body instead of the whole person, as HRNet trains COCO.

So the network learns people who are cut off by the picture's border. Source: `half_body_transform` of HRNet (Sun et al., CVPR
2019; github.com/leoxiaobin/deep-high-resolution-net.pytorch, `lib/dataset/JointsDataset.py`), with its constants.
"""

import numpy as np
from numpy.typing import NDArray

from lapx_tf.skeletons import Skeleton

LOWER_BODY = ("pelvis", "hip", "knee", "ankle", "heel", "foot", "toe")
"""A joint whose name holds one of these belongs to the lower body; every other one to the upper."""

MORE_THAN = 8
"""Labelled joints that a person must have more than; and each half more than `MORE_THAN_IN_HALF` to be preferred."""
MORE_THAN_IN_HALF = 2

UPPER_SHARE = 0.69
"""How often the upper body is chosen where both halves can be (HRNet: a normal number below 0.5)."""

PADDING = 1.5
"""The half's box is the extent of its labelled joints times this, around their mean."""


def lower_body(skeleton: Skeleton) -> NDArray[np.bool_]:
    """[K] whether each joint belongs to the lower body, by its name."""
    return np.array([any(part in name.lower() for part in LOWER_BODY) for name in skeleton.joints])


def zooms(
    joints: NDArray, skeleton: Skeleton, size: tuple[int, int], probability: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What turns the crops of persons into crops of half of them; some persons stay whole.

    Args:
        joints: [N, K, 3] (x, y, labelled), pixels of the crop.
        skeleton: of the joints. One whose joints are all in one half by their names has no half bodies.
        size: (height, width) of the crop.
        probability: of half a body for a person with enough labelled joints.
        rng: draws two numbers a person, whatever the probability and the joints.

    Returns:
        factors float64 [N] and offsets float64 [N, 2]: a point p of the crop is factor * p + offset in the new crop.
    """
    chosen = _choose(joints[..., 2] > 0, lower_body(skeleton), probability, rng)
    inside, xy = chosen[..., None], joints[..., :2]
    count = chosen.sum(axis=1)[:, None]
    center = np.where(inside, xy, 0).sum(axis=1) / np.maximum(count, 1)
    extent = np.where(inside, xy, -np.inf).max(axis=1) - np.where(inside, xy, np.inf).min(axis=1)
    whole = np.array([size[1], size[0]])
    # Joints in one point have no extent; one pixel keeps the factor finite.
    factors = (whole / (np.maximum(extent, 1) * PADDING)).min(axis=1, keepdims=True)
    offsets = (whole - 1) / 2 - factors * center
    return np.where(count > 0, factors, 1.0)[:, 0], np.where(count > 0, offsets, 0.0)


def _choose(
    labelled: NDArray[np.bool_], lower: NDArray[np.bool_], probability: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """[N, K] the labelled joints of the half that is chosen; none where the person stays whole."""
    if lower.all() or not lower.any():
        return np.zeros_like(labelled)
    drawn, drawn_upper = rng.random((2, len(labelled)))
    in_upper, in_lower = (labelled & ~lower).sum(axis=1), (labelled & lower).sum(axis=1)
    upper = (drawn_upper < UPPER_SHARE) & (in_upper > MORE_THAN_IN_HALF) | (in_lower <= MORE_THAN_IN_HALF)
    halved = (drawn < probability) & (labelled.sum(axis=1) > MORE_THAN)
    return labelled & (upper[:, None] != lower) & halved[:, None]
