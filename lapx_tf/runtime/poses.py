"""`Pose`: the joints of one person, and what can be said of them."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.geometry import Box
from lapx_tf.skeletons import Skeleton

Array = NDArray[np.float32]

CONFIDENT = 0.3
"""A joint counts as found if its score is at least this fraction of the pose's best one."""

NOTHING = 1e-3
"""A score that is no joint at all: training aims at 1."""


@dataclass(frozen=True, eq=False)
class Pose:
    """The joints of one person.

    Attributes:
        joints: float32 [K, 3] (x, y, score), pixels of the image. The score is the height of the heat map's maximum,
            about 0 to 1; it ranks joints and is not a probability.
        skeleton: what the K joints are.
        box: the part of the image that the network saw, before it was enlarged to the crop's aspect.
        detection: the score of the detection that the box was made of, 0 to 1; None where there was none.
    """

    joints: Array
    skeleton: Skeleton
    box: Box
    detection: float | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What the K joints are called, in the order of `joints`."""
        return self.skeleton.joints

    @property
    def score(self) -> float:
        """The mean score of the joints found, 0 where none is: how much the network sees a person there at all."""
        scores = self.joints[self.found, 2]
        return float(scores.mean()) if len(scores) else 0.0

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which joints count as found, those about as clear as the clearest: bool [K]."""
        scores = self.joints[:, 2]
        return scores >= max(CONFIDENT * float(scores.max()), NOTHING)

    @property
    def extent(self) -> Box | None:
        """The box around the joints found, without padding; None where none is."""
        points = self.joints[self.found, :2].astype(np.float64)
        if not len(points):
            return None
        low, high = points.min(axis=0), points.max(axis=0)
        (x, y), (width, height) = (low + high) / 2, np.maximum(high - low, 1.0)  # a single joint has no extent
        return Box(float(x), float(y), float(width), float(height))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form: pixels to a thousandth, scores to four digits."""
        return {
            "skeleton": self.skeleton.name,
            "score": round(self.score, 4),
            "detection": None if self.detection is None else round(self.detection, 4),
            "box": {key: round(value, 3) for key, value in asdict(self.box).items()},
            "joints": [
                {"name": name, "x": round(float(x), 3), "y": round(float(y), 3), "score": round(float(score), 4)}
                for name, (x, y, score) in zip(self.names, self.joints, strict=True)
            ],
        }
