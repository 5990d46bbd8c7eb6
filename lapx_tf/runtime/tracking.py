"""Several people in a video, each with a number that stays: detected now and then, followed by their poses in between."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lapx_tf.geometry import Box
from lapx_tf.runtime.detections import Detection, overlap, padded
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.following import PersonFollower, next_box
from lapx_tf.runtime.poses import Pose

EVERY = 15
"""Pictures from one detection to the next: half a second of a usual video."""

LOST = 0.15
"""Whose pose scores less is not followed any further."""

SAME_BOX = 0.3
"""A detection is a person who is followed already if it overlaps the joints found by at least this. The joints' extent is
smaller than a person's box, which has hair, hands and feet too."""

SAME_POSE = 0.8
"""Of two people whose joints' extents overlap more, the later one is the earlier one seen twice."""


@dataclass(frozen=True, eq=False)
class Tracked:
    """A person in a picture of a video.

    Attributes:
        id: from 1, the same as long as the person is followed, and never used again.
        pose: in this picture.
        box: around the joints found, pixels of the picture.
    """

    id: int
    pose: Pose
    box: Box


class PeopleTracker:
    """Finds the joints of people in the pictures of a video, one after the other.

    With a detector, persons are detected in the first picture, in every `every`-th after it, and in each picture while nobody
    is followed; in the pictures between, each person is looked for where the last pose was. A detection that overlaps a
    person who is followed is that person, any other is a new one. Without a detector one person is followed (see
    `PersonFollower`) and always has the id 1.

    Args:
        estimator: with the detector, if there is to be one.
        every: pictures from one detection to the next.
        min_score: a person whose `Pose.score` is below it is dropped.
    """

    def __init__(self, estimator: PoseEstimator, every: int = EVERY, min_score: float = LOST) -> None:
        if every < 1:
            raise ValueError(f"`every` must be 1 or more, got {every}")
        self.estimator, self.every, self.min_score = estimator, every, min_score
        self._one = PersonFollower(estimator)
        self._people: list[Tracked] = []
        self._since_detection = 0
        self._ids = 0

    def __call__(self, image: NDArray[np.uint8]) -> list[Tracked]:
        """Everybody in the next picture, by id.

        Args:
            image: uint8 [H, W, 3], RGB.
        """
        if self.estimator.detector is None:
            pose = self._one(image)
            return [Tracked(1, pose, pose.extent or pose.box)]
        detections: Sequence[Detection] = ()
        if not self._people or self._since_detection >= self.every:
            detections, self._since_detection = self.estimator.detector(image), 0
        self._since_detection += 1
        self._people = _distinct(self._look(image, detections))
        return list(self._people)

    def _look(self, image: NDArray[np.uint8], detections: Sequence[Detection]) -> list[Tracked]:
        """Everybody whose pose is clear enough: those followed, by id, then those newly detected."""
        again = _matched(self._people, detections)
        followed = [
            (person.id, self._detected(image, detections[again[person.id]]))
            if person.id in again
            else (person.id, self._followed(image, person))
            for person in self._people
        ]
        known = set(again.values())
        new = [self._detected(image, one) for index, one in enumerate(detections) if index not in known]
        clear = [(key, pose) for key, pose in followed if pose.score >= self.min_score]
        clear += [(self._new_id(), pose) for pose in new if pose.score >= self.min_score]
        return [Tracked(key, pose, pose.extent or pose.box) for key, pose in clear]

    def _detected(self, image: NDArray[np.uint8], detection: Detection) -> Pose:
        region = padded(detection.box, self.estimator.session.spec.padding)
        return replace(self.estimator.pose_in(image, region), detection=detection.score)

    def _followed(self, image: NDArray[np.uint8], person: Tracked) -> Pose:
        region = next_box(person.pose, (image.shape[0], image.shape[1]))
        # Not the whole picture, as of one person: somebody else could be in it.
        return self.estimator.pose_in(image, region or padded(person.box, self.estimator.session.spec.padding))

    def _new_id(self) -> int:
        self._ids += 1
        return self._ids


def _matched(people: Sequence[Tracked], detections: Sequence[Detection]) -> dict[int, int]:
    """Of each person that was detected again, by id, the index of the detection; the largest overlaps are matched first."""
    pairs = [
        (overlap(person.box, detection.box), person.id, index)
        for person in people
        for index, detection in enumerate(detections)
    ]
    matched: dict[int, int] = {}
    for common, key, index in sorted(pairs, key=lambda pair: -pair[0]):
        if common >= SAME_BOX and key not in matched and index not in matched.values():
            matched[key] = index
    return matched


def _distinct(people: Sequence[Tracked]) -> list[Tracked]:
    """Without those who are an earlier one seen twice."""
    kept: list[Tracked] = []
    for person in people:
        if all(overlap(person.box, other.box) <= SAME_POSE for other in kept):
            kept.append(person)
    return kept
