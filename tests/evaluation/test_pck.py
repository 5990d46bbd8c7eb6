import numpy as np
import pytest

from lapx_tf.data.people import People, Person
from lapx_tf.evaluation import pck
from lapx_tf.evaluation.predictions import mean_pose, predict
from lapx_tf.geometry import Box, box_around
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.skeletons import LSP_14, MPII_16


def people(count: int = 5, seed: int = 0) -> People:
    rng = np.random.default_rng(seed)
    persons = []
    for index in range(count):
        joints = np.concatenate([rng.uniform(50, 150, (16, 2)), np.ones((16, 1))], axis=1).astype(np.float32)
        persons.append(Person(f"p{index}", b"", joints, box_around(joints[:, :2])))
    return People("random", MPII_16, persons)


def test_the_truth_scores_a_hundred_and_moved_joints_count_by_the_torso():
    group = people()
    predicted = group.joints.copy()
    assert pck.lsp_pck(predicted, group)["PCK@0.2"] == 100
    reach = 0.2 * pck.torso_sizes(group.joints, MPII_16)
    wrist = MPII_16.joints.index("left_wrist")
    predicted[:, wrist, 0] += reach * [0.99, 1.01, 0.99, 1.01, 1.01]
    predicted[:, MPII_16.joints.index("pelvis")] += 500  # not one of LSP's
    scores = pck.lsp_pck(predicted, group)
    assert scores["PCK@0.2 per joint"]["left_wrist"] == 40
    assert scores["PCK@0.2"] == pytest.approx(100 * (13 + 0.4) / 14, abs=1e-3)
    assert list(scores["PCK@0.2 per joint"]) == list(LSP_14.joints)


def test_the_torso_is_right_hip_to_left_shoulder():
    group = people(1)
    hip, shoulder = (group.joints[0, MPII_16.joints.index(name), :2] for name in ("right_hip", "left_shoulder"))
    assert pck.torso_sizes(group.joints, MPII_16)[0] == pytest.approx(np.linalg.norm(hip - shoulder), rel=1e-6)


def test_what_is_not_labelled_does_not_count():
    group = people(4)
    group.persons[0].joints[MPII_16.joints.index("neck"), 2] = 0
    group.persons[1].joints[MPII_16.joints.index("right_hip"), 2] = 0  # no torso: the person does not count
    predicted = group.joints.copy()
    predicted[:2] += 1000
    scores = pck.lsp_pck(predicted, group)["PCK@0.2 per joint"]
    assert scores["neck"] == 100
    assert scores["left_wrist"] == pytest.approx(100 * 2 / 3, abs=1e-3)


def test_the_mean_pose_follows_the_box():
    still = people(1)
    shifted = still.persons[0].joints * [2, 2, 1] + [30, -10, 0]
    box = still.persons[0].box
    moved = Person(
        "moved", b"", shifted.astype(np.float32), Box(2 * box.x + 30, 2 * box.y - 10, 2 * box.width, 2 * box.height)
    )
    found = mean_pose(still, People("one", MPII_16, [moved]))
    np.testing.assert_allclose(found[0, :, :2], shifted[:, :2], atol=1e-3)


def test_predictions_come_back_in_pixels_of_the_image():
    import cv2

    from lapx_tf.spec import ModelSpec, TensorSpec

    class BrightestPixel:
        """A session that answers each joint with the brightness of the crop."""

        spec = ModelSpec(
            "none", "", "float32", TensorSpec("i", (1, 64, 64, 3)), TensorSpec("o", (1, 16, 16, 16)), MPII_16
        )

        def run(self, crops):
            pooled = crops.mean(axis=-1).reshape(len(crops), 16, 4, 16, 4).mean(axis=(2, 4))
            return np.repeat(pooled[..., None], 16, axis=-1).astype(np.float32)

    picture = np.zeros((300, 200, 3), np.uint8)
    cv2.circle(picture, (120, 210), 6, (255, 255, 255), -1, cv2.LINE_AA)
    encoded = cv2.imencode(".png", picture)[1].tobytes()
    person = Person("dot", encoded, np.ones((16, 3), np.float32), Box(110, 200, 96, 96))
    done = []
    found = predict(PoseEstimator(BrightestPixel()), People("dot", MPII_16, [person] * 3), 2, done.append)
    assert done == [2, 1]
    assert np.abs(found[..., :2] - [120, 210]).max() < 2.5  # a heat map's pixel is 6 pixels of the image wide
