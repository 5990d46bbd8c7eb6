"""Following one person: the next crop holds the person, and the network looks at the whole picture only where it must."""

import numpy as np
import pytest

from lapx_tf.geometry import Box, box_of_image
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.following import PersonFollower, next_box
from lapx_tf.runtime.poses import Pose
from lapx_tf.skeletons import LSP_14

SIZE = (480, 640)
STANDING = {
    "head_top": (300, 100), "neck": (300, 140), "left_shoulder": (330, 150), "right_shoulder": (270, 150),
    "left_elbow": (340, 200), "right_elbow": (260, 200), "left_wrist": (345, 240), "right_wrist": (255, 240),
    "left_hip": (318, 250), "right_hip": (282, 250), "left_knee": (320, 310), "right_knee": (280, 310),
    "left_ankle": (320, 370), "right_ankle": (280, 370),
}  # fmt: skip


def standing(**scores: float) -> Pose:
    joints = [(*STANDING[name], scores.get(name, 0.8)) for name in LSP_14.joints]
    return Pose(np.array(joints, np.float32), LSP_14, box_of_image(SIZE))


def test_the_square_is_around_the_hips_and_holds_every_joint():
    box = next_box(standing(), SIZE)
    # The torso reaches 100 px up to the shoulders; the whole body 150 px up to the head.
    assert box == Box(300.0, 250.0, 2 * 1.9 * 100, 2 * 1.9 * 100)


def test_without_the_torso_the_whole_picture_is_looked_at():
    assert next_box(standing(left_hip=0.01, right_hip=0.01), SIZE) is None
    assert next_box(standing(left_shoulder=0.01, right_shoulder=0.01), SIZE) is None
    assert next_box(standing(left_hip=0.01), SIZE) is not None
    nothing = standing(**dict.fromkeys(LSP_14.joints, 0.0))
    assert next_box(nothing, SIZE) is None


def test_a_joint_that_was_not_found_does_not_widen_the_square():
    far = standing()
    far.joints[LSP_14.joints.index("left_wrist"), :2] = 620, 20
    assert next_box(far, SIZE) != next_box(standing(), SIZE)
    far.joints[LSP_14.joints.index("left_wrist"), 2] = 0.05
    assert next_box(far, SIZE) == next_box(standing(), SIZE)


def test_a_square_larger_than_the_picture_is_the_whole_picture():
    near = standing()
    near.joints[:, :2] = (near.joints[:, :2] - (300, 250)) * 3 + (500, 240)
    assert next_box(near, SIZE) is None


def test_a_skeleton_without_hips_is_never_followed(skeleton):
    pose = Pose(np.full((5, 3), 0.9, np.float32), skeleton, box_of_image(SIZE))
    assert next_box(pose, SIZE) is None


class Counting:
    """A estimator that finds the standing person and remembers where it was asked to look."""

    def __init__(self, poses: list[Pose]) -> None:
        self.poses, self.boxes = poses, []

    def __call__(self, image: np.ndarray) -> Pose:
        return self._look(None)

    def pose_in(self, image: np.ndarray, region: Box) -> Pose:
        return self._look(region)

    def _look(self, region: Box | None) -> Pose:
        self.boxes.append(region)
        return self.poses[len(self.boxes) - 1]


def test_it_looks_where_the_person_was_and_anew_after_losing_it():
    lost = standing(**dict.fromkeys(LSP_14.joints, 0.0))
    estimator = Counting([standing(), standing(), lost, standing()])
    follow = PersonFollower(estimator)  # type: ignore[arg-type]
    for _ in range(4):
        follow(np.zeros((*SIZE, 3), np.uint8))
    expected = next_box(standing(), SIZE)
    assert estimator.boxes == [None, expected, expected, None]


def test_it_takes_a_real_estimator(models, paint):
    follow = PersonFollower(PoseEstimator(models["float32"]))
    image = paint((96, 64), np.array([(32, 12), (50, 30), (14, 30), (44, 80), (20, 80)]), 3.0)
    assert follow(image).joints == pytest.approx(PoseEstimator(models["float32"])(image).joints)
