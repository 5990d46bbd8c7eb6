"""The first gate: a converted file gives Keras' numbers on the same crops, within what its precision can give."""

from dataclasses import asdict
from typing import Any

from convert.agreement import Agreement, Array, compare
from convert.gates.result import Result
from convert.reference import Reference
from lapx_tf.errors import GateError
from lapx_tf.spec import ModelSpec

VALUE_BOUNDS = {"float32": 1e-5, "float16": 2e-3}
"""Largest difference of a value, as a part of the heat maps' range. Weights in float16 are rounded by up to 5e-4 of themselves;
what comes of it grows with training: 5e-4 in `lapx_small_lsp` after 6 epochs, 1.1e-3 after 42, where the score is the same."""

EXACT_DISTANCE = 0.01
"""Pixels of the crop by which joints decoded inside a float32 file may typically differ from those decoded outside."""

SIGNAL_TO_NOISE = {
    "heatmaps": {"dynamic": 25.0, "int8": 15.0, "int16x8": 25.0},
    "keypoints": {"dynamic": 0.0, "int8": 0.0, "int16x8": 0.0},
}
"""Decibels, of quantised files, by what they give. Heat maps that have nothing to do with each other have about -3; those of
networks trained on LSP had 37 (dynamic), 21 to 23 (int8) and 39 (int16x8), as docs/conversion.md shows, untrained ones at least
35, 18 and 28. Scores are the maxima, where the noise is largest. It is the gate that stands for untrained networks, too, whose
maxima are arbitrary."""

PIXEL_BOUNDS = {"dynamic": (1.0, 3.0), "int8": (1.0, 4.0), "int16x8": (1.0, 3.0)}
"""Pixels of the crop by which decided joints may move: in the median, and at the 95th percentile. Where two neighbours in a
heat map are nearly equal, the joint jumps by 2 in x, in y or in both (2.8). Measured on three networks trained on LSP: 0 in
the median, up to 2.0 (dynamic, int16x8) and 2.8 (int8) at the 95th percentile, and 21 dB or more."""

FEWEST_DECIDED = 50
"""With fewer decided joints there is no 95th percentile to speak of."""


def check(answers: Array, spec: ModelSpec, reference: Reference) -> Result:
    """Compares what a file gives for the crops that are held out, as `spec.kind` says, with Keras' heat maps."""
    try:
        found = compare(reference.heatmaps, answers)
    except GateError as error:
        return Result(failures=(str(error),))
    bounds, failures = judge(found, spec.precision, spec.kind)
    return Result({"source": reference.crops.source, **asdict(found)}, bounds, failures)


def judge(found: Agreement, precision: str, kind: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The bounds for a file of a precision, and a sentence for each that does not hold."""
    if precision in VALUE_BOUNDS:
        return _judge_float(found, precision, kind)
    return _judge_quantized(found, precision, kind)


def _judge_float(found: Agreement, precision: str, kind: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    bounds = {"max_difference": VALUE_BOUNDS[precision] * found.heatmap_range}
    failures = []
    # `not <=`, so that NaN fails too.
    if not found.max_difference <= bounds["max_difference"]:
        failures.append(
            f"a {'score' if kind == 'keypoints' else 'heat map'} differs from Keras by {found.max_difference:.2g}, accepted is"
            f" {bounds['max_difference']:.2g} (range of the heat maps {found.heatmap_range:.3g}, {found.crops} crops)"
        )
    if (precision, kind) == ("float32", "keypoints"):
        bounds["typical_distance"] = EXACT_DISTANCE
        if not found.typical_distance <= EXACT_DISTANCE:
            failures.append(
                f"the joints are typically {found.typical_distance:.2g} pixels of the crop away from Keras', accepted is"
                f" {EXACT_DISTANCE:g}"
            )
    return bounds, tuple(failures)


def _judge_quantized(found: Agreement, precision: str, kind: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    least = SIGNAL_TO_NOISE[kind][precision]
    bounds: dict[str, Any] = {"signal_to_noise_db": least}
    failures = []
    if not found.signal_to_noise_db >= least:
        failures.append(
            f"{precision} has a signal-to-noise ratio of {found.signal_to_noise_db:.1f} dB against Keras,"
            f" at least {least:g} is needed; do the calibration pictures look like those of the training?"
        )
    median, p95 = PIXEL_BOUNDS[precision]
    if found.median_distance is None or found.p95_distance is None or found.decided < FEWEST_DECIDED:
        return bounds, tuple(failures)
    if not (found.median_distance <= median and found.p95_distance <= p95):
        failures.append(
            f"{precision} moves the joints by {found.median_distance:.2f} pixels of the crop in the median and"
            f" {found.p95_distance:.2f} at the 95th percentile, accepted are {median:g} and {p95:g}"
        )
    return bounds | {"median_distance": median, "p95_distance": p95}, tuple(failures)
