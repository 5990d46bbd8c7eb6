"""Several people followed through a video, with a stub for the network that knows where they are."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from lapx_tf.geometry import Box
from lapx_tf.runtime.detections import Detection, overlap
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.poses import Pose
from lapx_tf.runtime.tracking import PeopleTracker
from lapx_tf.skeletons import LSP_14

SIZE = (480, 640)
IMAGE = np.zeros((*SIZE, 3), np.uint8)
SHAPE = np.array([
    [-20, 160], [-20, 100], [-18, 40], [18, 40], [20, 100], [20, 160], [-45, 30], [-40, -10], [-30, -60], [30, -60],
    [40, -10], [45, 30], [0, -70], [0, -110],
])  # fmt: skip
"""[14, 2] the joints of LSP of somebody who stands."""


@dataclass
class Scene:
    """People [N, 2] (x, y) of their middle, at a moment; and what looks at them, as an estimator and its detector do."""

    people: list[tuple[float, float]]
    score: float = 0.8
    detected: int = 0
    regions: list[Box] = field(default_factory=list)
    session = SimpleNamespace(spec=SimpleNamespace(padding=1.25))

    def detector(self, image: np.ndarray) -> list[Detection]:
        self.detected += 1
        return [Detection(Box(x, y + 25, 110, 290), 0.9) for x, y in self.people]

    def pose_in(self, image: np.ndarray, region: Box) -> Pose:
        """Of the person who is nearest to the middle of the region, as a network sees it; nobody where none is inside."""
        self.regions.append(region)
        distance = [np.hypot(x - region.x, y - region.y) for x, y in self.people]
        seen = bool(distance) and min(distance) < region.width / 2
        middle = self.people[int(np.argmin(distance))] if seen else (region.x, region.y)
        scores = np.full((14, 1), self.score if seen else 0.02)
        return Pose(np.hstack([SHAPE + middle, scores]).astype(np.float32), LSP_14, region)


def tracker(scene: Scene, **options) -> PeopleTracker:
    return PeopleTracker(scene, **options)  # type: ignore[arg-type]


def middles(tracked) -> dict[int, tuple[float, float]]:
    return {one.id: tuple((one.pose.joints[2, :2] - SHAPE[2]).tolist()) for one in tracked}


def test_people_keep_their_ids_while_they_move_and_are_detected_once_in_a_while():
    scene = Scene([(150, 240), (450, 240)])
    follow = tracker(scene, every=10)
    for step in range(11):
        scene.people = [(150 + 8 * step, 240), (450 - 8 * step, 240 + step)]
        assert middles(follow(IMAGE)) == {1: scene.people[0], 2: scene.people[1]}
    assert scene.detected == 2
    assert len(scene.regions) == 2 * 11


def test_detections_in_another_order_change_no_id():
    scene = Scene([(150, 240), (450, 240)])
    follow = tracker(scene, every=1)
    follow(IMAGE)
    scene.people = [(455, 240), (155, 240)]
    assert middles(follow(IMAGE)) == {1: (155, 240), 2: (455, 240)}


def test_who_appears_later_is_found_at_the_next_detection_and_gets_a_new_id():
    scene = Scene([(150, 240)])
    follow = tracker(scene, every=3)
    follow(IMAGE)
    scene.people.append((450, 240))
    assert [list(middles(follow(IMAGE))) for _ in range(3)] == [[1], [1], [1, 2]]


def test_who_leaves_is_dropped_and_comes_back_as_somebody_new():
    scene = Scene([(150, 240), (450, 240)])
    follow = tracker(scene, every=4)
    follow(IMAGE)
    scene.people.pop()
    assert list(middles(follow(IMAGE))) == [1]
    scene.people.append((450, 240))
    assert [list(middles(follow(IMAGE))) for _ in range(3)] == [[1], [1], [1, 3]]


def test_while_nobody_is_there_each_picture_is_searched():
    scene = Scene([])
    follow = tracker(scene, every=10)
    for _ in range(4):
        assert follow(IMAGE) == []
    assert scene.detected == 4
    scene.people = [(300, 240)]
    assert list(middles(follow(IMAGE))) == [1]
    follow(IMAGE)
    assert scene.detected == 5


def test_unclear_poses_are_nobody():
    scene = Scene([(300, 240)], score=0.3)
    assert len(tracker(scene)(IMAGE)) == 1
    assert tracker(scene, min_score=0.4)(IMAGE) == []


def test_two_who_come_to_be_the_same_person_are_one_and_the_first_stays():
    scene = Scene([(250, 240), (350, 240)])
    follow = tracker(scene, every=100)
    assert list(middles(follow(IMAGE))) == [1, 2]
    scene.people = [(300, 240)]
    assert middles(follow(IMAGE)) == {1: (300, 240)}


def test_the_crop_of_somebody_followed_is_that_of_one_person_followed():
    scene = Scene([(300, 200)])
    follow = tracker(scene)
    (first,) = follow(IMAGE)
    follow(IMAGE)
    detected, followed = scene.regions
    assert (detected.width, detected.height) == (110 * 1.25, 290 * 1.25)
    assert first.pose.detection == 0.9
    assert followed.width == followed.height == pytest.approx(2 * 1.9 * 100)  # from the hips to the shoulders
    assert overlap(first.box, Box(300, 225, 90, 270)) > 0.95


def test_one_person_without_a_detector_is_always_the_first(models):
    follow = PeopleTracker(PoseEstimator(models["float32"]))
    for _ in range(3):
        (one,) = follow(np.random.default_rng(0).integers(0, 256, (96, 64, 3), np.uint8))
        assert one.id == 1


def test_never_detecting_is_an_error(models):
    with pytest.raises(ValueError, match="1 or more, got 0"):
        PeopleTracker(PoseEstimator(models["float32"]), every=0)
