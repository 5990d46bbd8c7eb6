"""Steady joints in a video: the One-Euro filter (NumPy only: this runs on the device).

Casiez, Roussel and Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems",
CHI 2012, Algorithm 1: a low-pass filter whose cutoff rises with the speed, so that a joint at rest does not tremble and a
joint that moves does not lag.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lapx_tf.runtime.poses import Array
from lapx_tf.runtime.tracking import Tracked


@dataclass(frozen=True)
class Smoothing:
    """How much to smooth. Speeds are in sides of the person's box a second, so that the distance to the camera is no matter.

    The constants are those that `smoothing_tuning` chose: docs/smoothing.md has what they gain and the delay they cost.

    Attributes:
        min_cutoff: in Hz, of a joint at rest; lower trembles less.
        beta: Hz for each side of the box a second; higher lags less.
        speed_cutoff: in Hz, of the speed itself; the paper takes 1.

    Raises:
        ValueError: a cutoff is not positive, or beta is negative.
    """

    min_cutoff: float = 0.5
    beta: float = 80.0
    speed_cutoff: float = 2.0

    def __post_init__(self) -> None:
        if not (self.min_cutoff > 0 and self.speed_cutoff > 0 and self.beta >= 0):
            raise ValueError(f"cutoffs must be positive and beta at least 0, got {self}")

    def lag(self, speed: float, rate: float) -> float:
        """The delay in seconds of a joint of constant speed, once the filter has taken it up.

        A low-pass filter of the cutoff f stays behind by 1 / (2 pi f) seconds. Here f = min_cutoff + beta * s, and s is
        measured from the last smoothed place, so it is the speed times 1 + lag * rate: a quadratic equation for the lag.

        Args:
            speed: in sides of the box a second, at least 0.
            rate: frames a second.
        """
        square, linear, constant = self.beta * speed * rate, self.min_cutoff + self.beta * speed, 1 / (2 * math.pi)
        return 2 * constant / (linear + math.sqrt(linear**2 + 4 * square * constant))


class OneEuro:
    """The filter, for an array of numbers that change independently.

    Args:
        smoothing: its three constants.
    """

    def __init__(self, smoothing: Smoothing) -> None:
        self.smoothing = smoothing
        self._value: NDArray[np.float64] | None = None
        self._speed: NDArray[np.float64] | None = None
        self._time = 0.0

    def __call__(self, values: ArrayLike, time: float, unit: float = 1.0) -> NDArray[np.float64]:
        """The smoothed values.

        Args:
            values: [...], of the same shape at each call; the first ones come back as they are.
            time: in seconds, later than that of the call before.
            unit: what a speed of 1 is, in units of the values a second.

        Raises:
            ValueError: the time is not later.
        """
        values = np.asarray(values, np.float64)
        if self._value is None or self._speed is None:
            self._value, self._speed, self._time = values, np.zeros_like(values), time
            return values
        elapsed = time - self._time
        if not elapsed > 0:
            raise ValueError(f"time must grow from call to call, got {time} after {self._time}")
        constants = self.smoothing
        speed = (values - self._value) / elapsed
        self._speed = self._speed + _weight(constants.speed_cutoff, elapsed) * (speed - self._speed)
        cutoff = constants.min_cutoff + constants.beta * np.abs(self._speed) / unit
        self._value = self._value + _weight(cutoff, elapsed) * (values - self._value)
        self._time = time
        return self._value


class PoseSmoother:
    """Smooths the joints of one person from picture to picture. Make a new one for another person.

    Args:
        smoothing: how much.
    """

    def __init__(self, smoothing: Smoothing | None = None) -> None:
        self._filter = OneEuro(smoothing or Smoothing())

    def __call__(self, joints: Array, side: float, time: float) -> Array:
        """The joints with smoothed places.

        Args:
            joints: float32 [K, 3] (x, y, score), pixels of the picture.
            side: of the person's box, in pixels of the picture.
            time: of the picture, in seconds.

        Returns:
            float32 [K, 3]; the scores are as they were.
        """
        smoothed = np.array(joints, np.float32)
        smoothed[:, :2] = self._filter(joints[:, :2], time, side)
        return smoothed


class PeopleSmoother:
    """Smooths everybody in a video, each by the filter of their own.

    Args:
        smoothing: how much.
    """

    def __init__(self, smoothing: Smoothing | None = None) -> None:
        self.smoothing = smoothing
        self._smoothers: dict[int, PoseSmoother] = {}

    def __call__(self, people: Sequence[Tracked], time: float) -> list[Tracked]:
        """The people with smoothed joints, and boxes around these.

        Args:
            people: of one picture.
            time: of the picture, in seconds, later than that of the one before.
        """
        # Who is not there is forgotten: a tracker gives each id once.
        self._smoothers = {one.id: self._smoothers.get(one.id) or PoseSmoother(self.smoothing) for one in people}
        return [self._smoothed(one, time) for one in people]

    def _smoothed(self, person: Tracked, time: float) -> Tracked:
        pose, side = person.pose, max(person.pose.box.width, person.pose.box.height)
        pose = replace(pose, joints=self._smoothers[person.id](pose.joints, side, time))
        return replace(person, pose=pose, box=pose.extent or person.box)


def _weight(cutoff: float | NDArray[np.float64], elapsed: float) -> float | NDArray[np.float64]:
    """Of the new value, in a low-pass filter of a cutoff in Hz (the paper's alpha), after the elapsed seconds."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff * elapsed))
