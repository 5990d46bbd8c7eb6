"""The gates of a conversion: how far a converted model may be from Keras on the same crops."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry
from lapx_tf.codecs.decode import decode
from lapx_tf.errors import GateError

Array = NDArray[np.float32]

FLOAT32_DIFFERENCE = 1e-4
"""Largest difference of a heat map's value, as a fraction of the heat maps' range, and absolute where that exceeds 1."""

INT8_SIGNAL_TO_NOISE = 0.0
"""Decibels, see `Agreement`: the error is smaller than the signal. Heat maps that have nothing to do with each other have
about -3. It is the gate that untrained networks can pass, whose maxima are arbitrary and whose values lie close together."""

INT8_MEDIAN, INT8_P95 = 3.0, 6.0
"""Pixels of the crop. Where two neighbours in a heat map are nearly equal, the joint jumps by 2 in x, in y or in both (2.8)."""

FEWEST_DECIDED = 50
"""With fewer decided joints there is no 95th percentile to speak of."""

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
        max_difference: largest absolute difference of a value.
        signal_to_noise_db: variance of Keras' heat maps over the mean squared difference.
        joints: number of joints in all crops.
        decided: number of those that are decided.
        median_distance: of the decided joints, decoded from both, pixels of the crop; None where none is decided.
        p95_distance: likewise, the 95th percentile.
    """

    crops: int
    heatmap_range: float
    max_difference: float
    signal_to_noise_db: float
    joints: int
    decided: int
    median_distance: float | None
    p95_distance: float | None


def compare(keras: Array, converted: Array) -> Agreement:
    """Measures the agreement of two heat maps [N, h, w, K] of the same crops.

    Raises:
        GateError: a value is not finite, or Keras' heat maps are all one value.
    """
    for name, heatmaps in (("Keras", keras), ("the converted model", converted)):
        if not np.isfinite(heatmaps).all():
            raise GateError(f"{name} gives heat maps that are not finite")
    span = float(np.ptp(keras))
    if span == 0:
        raise GateError("Keras gives the same value everywhere in all heat maps: there is nothing to compare with")
    difference = np.asarray(converted, np.float64) - keras
    distances = _distances(keras, converted)
    at_decided = distances[decided(keras)]
    return Agreement(
        crops=len(keras),
        heatmap_range=span,
        max_difference=float(np.abs(difference).max()),
        signal_to_noise_db=_decibels(keras, difference),
        joints=distances.size,
        decided=at_decided.size,
        median_distance=float(np.median(at_decided)) if at_decided.size else None,
        p95_distance=float(np.percentile(at_decided, 95)) if at_decided.size else None,
    )


def _decibels(keras: Array, difference: NDArray[np.float64]) -> float:
    signal = np.var(keras, dtype=np.float64)
    # Not infinite where both are equal to the bit: JSON has no infinity.
    return float(min(10 * np.log10(signal / max(np.mean(np.square(difference)), 1e-30)), 200.0))


def _distances(keras: Array, converted: Array) -> NDArray[np.float64]:
    """[N, K] distance of the decoded joints, pixels of the crop."""
    to_crop = geometry.crop_from_heatmap()
    ours, theirs = (geometry.transform(to_crop, decode(heatmaps))[..., :2] for heatmaps in (keras, converted))
    return np.linalg.norm(ours - theirs, axis=-1)


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


def check_float32(found: Agreement) -> dict[str, Any]:
    """The gate for float32 files.

    Returns:
        The bounds, for the JSON beside the model.

    Raises:
        GateError: a value differs by more than `FLOAT32_DIFFERENCE`.
    """
    bound = FLOAT32_DIFFERENCE * min(1.0, found.heatmap_range)
    # `not <=`, so that NaN fails too.
    if not found.max_difference <= bound:
        raise GateError(
            f"a heat map differs from Keras by {found.max_difference:.2g}, accepted is {bound:.2g}"
            f" (range of the heat maps {found.heatmap_range:.3g}, {found.crops} crops)"
        )
    return {"max_difference": bound}


def check_int8(found: Agreement) -> dict[str, Any]:
    """The gate for int8 files: noise in the heat maps, and movement of the decided joints.

    Returns:
        The bounds, for the JSON beside the model.

    Raises:
        GateError: a bound is exceeded.
    """
    if not found.signal_to_noise_db >= INT8_SIGNAL_TO_NOISE:
        raise GateError(
            f"int8 heat maps have a signal-to-noise ratio of {found.signal_to_noise_db:.1f} dB against Keras,"
            f" at least {INT8_SIGNAL_TO_NOISE:g} is needed; do the calibration pictures look like those of the training?"
        )
    bounds: dict[str, Any] = {"signal_to_noise_db": INT8_SIGNAL_TO_NOISE}
    if found.median_distance is None or found.p95_distance is None or found.decided < FEWEST_DECIDED:
        return bounds
    if not (found.median_distance <= INT8_MEDIAN and found.p95_distance <= INT8_P95):
        raise GateError(
            f"int8 moves the joints by {found.median_distance:.2f} pixels of the crop in the median and"
            f" {found.p95_distance:.2f} at the 95th percentile, accepted are {INT8_MEDIAN:g} and {INT8_P95:g}"
        )
    return bounds | {"median_distance": INT8_MEDIAN, "p95_distance": INT8_P95}
