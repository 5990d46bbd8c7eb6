"""How far the answers of a converted model are from Keras' on the same crops."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry
from lapx_tf.codecs.decode import decode
from lapx_tf.errors import GateError

Array = NDArray[np.float32]

_WINDOW = 3  # pixels of the heat map around its maximum that belong to it
_LEAD = 0.5  # of the heat map's range, by which the maximum of a decided joint leads


@dataclass(frozen=True)
class Agreement:
    """How far a converted model is from Keras.

    A joint is *decided* where Keras' heat map has one clear maximum: it leads everything that is more than three heat map
    pixels away by half of the map's range. Elsewhere the tiniest error moves the joint across the picture.

    Attributes:
        crops: number of crops.
        heatmap_range: largest minus smallest value of Keras' heat maps.
        max_difference: largest absolute difference of a value: of a heat map, or of a joint's score where the model gives
            joints.
        signal_to_noise_db: variance of Keras' heat maps over the mean squared difference of those values.
        joints: number of joints in all crops.
        typical_distance: of all joints, decoded from both, pixels of the crop: the median.
        decided: number of the joints that are decided.
        median_distance: of the decided joints; None where none is decided.
        p95_distance: likewise, the 95th percentile.
    """

    crops: int
    heatmap_range: float
    max_difference: float
    signal_to_noise_db: float
    joints: int
    typical_distance: float
    decided: int
    median_distance: float | None
    p95_distance: float | None


def compare(keras: Array, converted: Array) -> Agreement:
    """Measures the agreement of two answers to the same crops.

    Args:
        keras: heat maps [N, h, w, K].
        converted: heat maps likewise, or joints [N, K, 3] (x, y, score), pixels of the crop.

    Raises:
        GateError: a value is not finite, or Keras' heat maps are all one value.
    """
    for name, values in (("Keras", keras), ("the converted model", converted)):
        if not np.isfinite(values).all():
            raise GateError(f"{name} gives values that are not finite")
    span = float(np.ptp(keras))
    if span == 0:
        raise GateError("Keras gives the same value everywhere in all heat maps: there is nothing to compare with")
    ours, theirs = joints_of(keras), joints_of(converted) if converted.ndim == 4 else converted
    values = (keras, converted) if converted.ndim == 4 else (ours[..., 2], theirs[..., 2])
    difference = np.asarray(values[1], np.float64) - values[0]
    distances = np.linalg.norm(ours[..., :2] - theirs[..., :2], axis=-1)
    at_decided = distances[decided(keras)]
    return Agreement(
        crops=len(keras),
        heatmap_range=span,
        max_difference=float(np.abs(difference).max()),
        signal_to_noise_db=_decibels(keras, difference),
        joints=distances.size,
        typical_distance=float(np.median(distances)),
        decided=at_decided.size,
        median_distance=float(np.median(at_decided)) if at_decided.size else None,
        p95_distance=float(np.percentile(at_decided, 95)) if at_decided.size else None,
    )


def joints_of(heatmaps: Array) -> NDArray[np.float64]:
    """[N, K, 3] (x, y, score) of heat maps [N, h, w, K], pixels of the crop."""
    return geometry.transform(geometry.crop_from_heatmap(), decode(heatmaps))


def decided(heatmaps: Array) -> NDArray[np.bool_]:
    """[N, K] whether each of the heat maps [N, h, w, K] has one clear maximum, see `Agreement`."""
    planes = np.moveaxis(heatmaps, -1, 1)
    height, width = planes.shape[2:]
    y, x = np.divmod(planes.reshape(*planes.shape[:2], -1).argmax(axis=-1), width)
    rows = np.abs(np.arange(height) - y[..., None]) <= _WINDOW
    columns = np.abs(np.arange(width) - x[..., None]) <= _WINDOW
    elsewhere = np.where(rows[..., :, None] & columns[..., None, :], -np.inf, planes).max(axis=(2, 3))
    highest = planes.max(axis=(2, 3))
    return highest - elsewhere >= _LEAD * (highest - planes.min(axis=(2, 3)))


def _decibels(keras: Array, difference: NDArray[np.float64]) -> float:
    signal = np.var(keras, dtype=np.float64)
    # Not infinite where both are equal to the bit: JSON has no infinity.
    return float(min(10 * np.log10(signal / max(np.mean(np.square(difference)), 1e-30)), 200.0))
