"""Following people through a video: the last pose says where to look next, so that nobody has to be searched in each picture.

The crop is that of MoveNet (`determine_crop_region` in TensorFlow Hub's tutorial "MoveNet: Ultra fast and accurate pose
detection model"): a square around the middle of the hips, wide enough for the torso and for every joint found.
"""

import numpy as np
from numpy.typing import NDArray

from lapx_tf.geometry import Box
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.poses import Pose

HIPS = ("left_hip", "right_hip")
SHOULDERS = ("left_shoulder", "right_shoulder")

TORSO_REACH = 1.9
"""MoveNet's: half the square's side is at least this multiple of the torso's reach from the middle of the hips."""

BODY_REACH = 1.2
"""MoveNet's: likewise, of the reach of all joints found."""


class PersonFollower:
    """Finds the joints of one person in the pictures of a video, one after the other.

    Args:
        estimator: looks at a picture, and twice at the first one and after the person was lost.
    """

    def __init__(self, estimator: PoseEstimator) -> None:
        self.estimator = estimator
        self._box: Box | None = None

    def __call__(self, image: NDArray[np.uint8]) -> Pose:
        """The pose in the next picture: uint8 [H, W, 3], RGB."""
        pose = self.estimator(image) if self._box is None else self.estimator.pose_in(image, self._box)
        self._box = next_box(pose, (image.shape[0], image.shape[1]))
        return pose


def next_box(pose: Pose, size: tuple[int, int]) -> Box | None:
    """Where to look for the same person in the next picture.

    Args:
        pose: of the last picture.
        size: (height, width) of the pictures.

    Returns:
        A square in pixels of the picture. None where no hip or no shoulder was found, or the skeleton has none, or the
        square would be larger than the picture: then the whole picture is the place to look at.
    """
    names, found = pose.names, pose.found
    hips = [names.index(name) for name in HIPS if name in names]
    shoulders = [names.index(name) for name in SHOULDERS if name in names]
    if not (len(hips) == 2 and found[hips].any() and found[shoulders].any()):
        return None
    points = pose.joints[:, :2].astype(np.float64)
    center = points[hips].mean(axis=0)
    reaches = np.abs(points - center).max(axis=1)
    half = max(TORSO_REACH * reaches[hips + shoulders].max(), BODY_REACH * reaches[found].max())
    # No further than the farthest border of the picture.
    half = min(half, max(*center, *(np.array(size[::-1]) - center)))
    if not 0 < half <= max(size) / 2:
        return None
    return Box(float(center[0]), float(center[1]), 2 * float(half), 2 * float(half))
