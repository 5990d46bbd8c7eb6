"""Steady joints in a video: the One-Euro filter (NumPy only: this runs on the device).

Casiez, Roussel and Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems",
CHI 2012, Algorithm 1: a low-pass filter whose cutoff rises with the speed, so that a joint at rest does not tremble and a
joint that moves does not lag.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lapx_tf.runtime.predictor import Array


@dataclass(frozen=True)
class Smoothing:
    """How much to smooth. Speeds are in sides of the person's box a second, so that the distance to the camera is no matter.

    Attributes:
        min_cutoff: in Hz, of a joint at rest; lower trembles less.
        beta: Hz for each side of the box a second; higher lags less.
        speed_cutoff: in Hz, of the speed itself; the paper's constant.

    Raises:
        ValueError: a cutoff is not positive, or beta is negative.
    """

    min_cutoff: float = 1.0
    beta: float = 10.0
    speed_cutoff: float = 1.0

    def __post_init__(self) -> None:
        if not (self.min_cutoff > 0 and self.speed_cutoff > 0 and self.beta >= 0):
            raise ValueError(f"cutoffs must be positive and beta at least 0, got {self}")


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


def _weight(cutoff: float | NDArray[np.float64], elapsed: float) -> float | NDArray[np.float64]:
    """Of the new value, in a low-pass filter of a cutoff in Hz (the paper's alpha), after the elapsed seconds."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff * elapsed))
