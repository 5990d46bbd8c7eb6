import json
import re
import shutil

import cv2
import numpy as np
import pytest

from lapx_tf import geometry, images
from lapx_tf.errors import InputError
from lapx_tf.geometry import Box
from lapx_tf.runtime.detections import Detection
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.poses import Pose
from lapx_tf.runtime.sessions import open_session
from tests.helpers import ROOT

# (x, y) of the five dots as fractions of a box around the person.
LAYOUT = np.array([[0.52, 0.13], [0.83, 0.48], [0.17, 0.41], [0.71, 0.88], [0.30, 0.81]])


def points_in(box: Box) -> np.ndarray:
    return LAYOUT * (box.width, box.height) + (box.x - box.width / 2, box.y - box.height / 2)


def error_in_crop_pixels(joints: np.ndarray, points: np.ndarray, box: Box) -> float:
    """The largest error; the quarter-pixel decoding of heat maps of stride 4 allows one pixel of the crop."""
    scale = geometry.crop_from_image(box, (96, 64))[0, 0]
    return float(np.abs(joints[:, :2] - points).max() * scale)


@pytest.mark.parametrize("name", ["float32", "int8", "onnx"])
@pytest.mark.parametrize("flip_test", [False, True])
@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((96, 64), Box(31.5, 47.5, 64, 96)),
        ((300, 500), Box(330.25, 140.5, 120, 200)),
        ((400, 260), Box(62.0, 200.0, 150, 210)),  # reaches over the left border
        ((90, 70), Box(33.0, 44.0, 31, 33)),  # enlarged
    ],
)
def test_dots_are_found_at_their_pixels_of_the_original_image(models, paint, name, flip_test, size, box):
    points = points_in(box)
    radius = 0.06 * box.to_aspect((96, 64)).width
    image = paint(size, points, radius)
    pose = PoseEstimator(models[name], flip_test=flip_test).pose_in(image, box)
    seen = (points > 2 * radius).all(axis=1)  # a dot that the border cuts has another middle
    assert seen.sum() >= 4
    assert pose.joints.dtype == np.float32
    assert error_in_crop_pixels(pose.joints[seen], points[seen], box) < 1.15
    assert np.all(pose.joints[seen, 2] > 0.6)


def test_flip_test_keeps_the_scores_of_a_symmetric_model(models, paint):
    box = Box(31.5, 47.5, 64, 96)
    image = paint((96, 64), points_in(box), radius=6)
    plain, flipped = (PoseEstimator(models["float32"], flip_test=flip).pose_in(image, box) for flip in (False, True))
    # Unswapped pairs would halve the scores of hands and feet.
    np.testing.assert_allclose(flipped.joints, plain.joints, atol=1e-5)


@pytest.mark.parametrize("size", [(300, 220), (240, 420)])
def test_the_second_look_goes_closer_to_the_person(models, paint, size):
    person = Box(size[1] * 0.5, size[0] * 0.45, 80, 110)
    points = points_in(person)
    pose = PoseEstimator(models["float32"])(paint(size, points, radius=10))
    assert pose.box.width == pose.box.height < 0.75 * max(size)
    assert error_in_crop_pixels(pose.joints, points, pose.box) < 1.15


def test_a_black_picture_gives_the_first_look(models):
    pose = PoseEstimator(models["float32"])(np.zeros((50, 80, 3), np.uint8))
    assert pose.box == geometry.box_of_image((50, 80))
    assert np.abs(pose.joints[:, 2]).max() < 1e-5


def test_crops_of_a_batch_are_predicted_in_pixels_of_the_crop(models, paint):
    box = Box(31.5, 47.5, 64, 96)
    points = [points_in(box) + shift for shift in ((0, 0), (1.5, -2), (-1, 3))]
    crops = np.stack([paint((96, 64), one, radius=6) for one in points]).astype(np.float32)
    joints = PoseEstimator(models["float32"]).predict_crops(crops)
    assert joints.shape == (3, 5, 3)
    assert np.abs(joints[..., :2] - points).max() < 1.15


def test_any_object_with_spec_and_run_is_a_session(models, paint):
    class Counting:
        def __init__(self):
            self.inner, self.batches = open_session(models["float32"]), []
            self.spec = self.inner.spec

        def run(self, crops):
            self.batches.append(len(crops))
            return self.inner.run(crops)

    session = Counting()
    crops = np.zeros((4, 96, 64, 3), np.float32)
    assert PoseEstimator(session, flip_test=True).predict_crops(crops).shape == (4, 5, 3)
    assert session.batches == [4, 4]


def test_heat_maps_that_are_not_finite_are_an_error(models):
    class Broken:
        spec = open_session(models["float32"]).spec

        def run(self, crops):
            return np.full((len(crops), 24, 16, 5), np.nan, np.float32)

    with pytest.raises(InputError, match="not finite"):
        PoseEstimator(Broken()).predict_crops(np.zeros((1, 96, 64, 3)))


@pytest.mark.parametrize("image", [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3)), np.zeros((0, 5, 3), np.uint8)])
def test_what_is_no_rgb_image_is_an_error(models, image):
    with pytest.raises(ValueError, match="uint8"):
        PoseEstimator(models["float32"])(image)


def test_boxes_are_people_s_extents_and_padded_as_in_training(models, paint):
    people = [Box(100.0, 90.0, 60, 110), Box(240.0, 130.0, 80, 100)]
    image = np.maximum(*(paint((220, 320), points_in(box), radius=6) for box in people))
    estimator = PoseEstimator(models["float32"])
    poses = estimator(image, boxes=people)
    for pose, box in zip(poses, people, strict=True):
        assert (pose.box.width, pose.box.height) == (1.25 * box.width, 1.25 * box.height)
        assert error_in_crop_pixels(pose.joints, points_in(box), pose.box) < 1.15
        np.testing.assert_array_equal(pose.joints, estimator.pose_in(image, pose.box).joints)
        assert pose.detection is None
    assert estimator(image, boxes=[]) == []


def test_four_numbers_are_no_box(models):
    with pytest.raises(ValueError, match=r"boxes must be `Box`es .*, got \(10, 20, 30, 40\)"):
        PoseEstimator(models["float32"])(np.zeros((50, 80, 3), np.uint8), boxes=[(10, 20, 30, 40)])


def test_people_are_those_of_the_detector_and_without_one_the_most_visible(models, paint):
    box = Box(100.0, 90.0, 60, 110)
    image = paint((220, 320), points_in(box), radius=6)
    detections = [Detection(box, 0.9), Detection(Box(250.0, 60.0, 40, 40), 0.6)]
    poses = PoseEstimator(models["float32"], detector=lambda seen: detections).people(image)
    assert [pose.detection for pose in poses] == [0.9, 0.6]
    assert poses[0].score > 0.6 > 0.1 > poses[1].score
    (alone,) = PoseEstimator(models["float32"]).people(image)
    assert alone.detection is None
    assert error_in_crop_pixels(alone.joints, points_in(box), alone.box) < 1.15


def test_the_score_and_the_extent_are_of_the_joints_found(skeleton):
    joints = np.float32([[10, 20, 0.8], [30, 60, 0.4], [50, 40, 0.6], [900, 900, 0.1], [0, 0, -0.2]])
    pose = Pose(joints, skeleton, Box(30, 40, 90, 90))
    assert pose.names == skeleton.joints
    assert pose.found.tolist() == [True, True, True, False, False]
    assert pose.score == pytest.approx(0.6)
    assert pose.extent == Box(30, 40, 40, 40)
    joints[:, 2] = 0
    assert (pose.score, pose.extent) == (0.0, None)


def test_a_pose_as_json_has_names_and_pixels(models, paint, skeleton):
    box = Box(31.5, 47.5, 64, 96)
    pose = PoseEstimator(models["float32"]).pose_in(paint((96, 64), points_in(box), radius=6), box)
    fields = json.loads(json.dumps(pose.to_dict()))
    assert fields["skeleton"] == "dots_5"
    assert [joint["name"] for joint in fields["joints"]] == list(skeleton.joints)
    assert fields["box"] == {"x": 31.5, "y": 47.5, "width": 64, "height": 96}
    read = [[joint["x"], joint["y"], joint["score"]] for joint in fields["joints"]]
    np.testing.assert_allclose(read, pose.joints, atol=1e-3)


def test_the_crop_is_the_one_of_images_warp(models, paint):
    """Crops cut out by the caller and crops cut out by the estimator give the same joints."""
    box = Box(100.0, 90.0, 90, 130)
    image = paint((200, 220), points_in(box), radius=9)
    to_crop = geometry.crop_from_image(box, (96, 64))
    estimator = PoseEstimator(models["float32"])
    in_crop = estimator.predict_crops(images.warp(image, to_crop, (96, 64))[None])[0]
    expected = geometry.transform(geometry.invert(to_crop), in_crop)
    np.testing.assert_allclose(estimator.pose_in(image, box).joints, expected, atol=1e-4)


class Camera:
    """Gives two pictures and then none, as OpenCV does."""

    def __init__(self, number: int) -> None:
        self.left = 2

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.left -= 1
        return self.left >= 0, np.full((90, 120, 3), 80, np.uint8) if self.left >= 0 else None


def test_the_programs_of_the_document_run(models, tmp_path, monkeypatch, capsys):
    photo, camera = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "runtime.md").read_text("utf-8"), re.S)
    for ending in ("", ".json"):
        shutil.copy(f"{models['float32']}{ending}", tmp_path / f"pose.tflite{ending}")
    cv2.imwrite(str(tmp_path / "photo.jpg"), np.full((90, 120, 3), 80, np.uint8))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    exec(photo, {})
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()][:2] == ["head", "left_hand"]
    exec(camera, {})
    assert capsys.readouterr().out.count("[(1, array(") == 2
