"""What the gates found, in a few words each: for the lines of the command and the table of `convert.verify`."""

from collections.abc import Mapping
from typing import Any

from convert.gates.result import Result, Results


def words(results: Results) -> dict[str, str]:
    """A phrase by the name of each gate; the failures where there are some."""
    return {name: _words(name, result) for name, result in results.items()}


def line(results: Results) -> str:
    """What was measured, in one line."""
    return "; ".join(_words(name, result) for name, result in results.items() if not result.note)


def _words(name: str, result: Result) -> str:
    if result.failures:
        return "; ".join(result.failures)
    if result.note:
        return result.note
    return {"numbers": _numbers, "task": _task, "artifact": _artifact}[name](result.measured)


def _numbers(found: Mapping[str, Any]) -> str:
    part = found["max_difference"] / found["heatmap_range"]
    words = f"{found['crops']} crops: at most {part:.1e} of the range from Keras, {found['signal_to_noise_db']:.0f} dB"
    if not found["p95_distance"]:  # no clear joint, or none that moved
        return words
    return (
        f"{words}, {found['decided']} clear joints moved by {found['median_distance']:.2f} pixels"
        f" ({found['p95_distance']:.2f} at the 95th percentile)"
    )


def _task(found: Mapping[str, Any]) -> str:
    return (
        f"{found['measure']} {found['keras']:.4g} -> {found['converted']:.4g} on {found['persons']} persons"
        f" of {found['dataset']}"
    )


def _artifact(found: Mapping[str, Any]) -> str:
    words = f"{found['bytes']:,} bytes, {sum(found['operators'].values())} operations"
    if "xnnpack_partitions" in found:
        parts, outside = found["xnnpack_partitions"], sum(found["outside_xnnpack"].values())
        words += f", {parts} XNNPACK part{'s' * (parts != 1)}" + f" and {outside} beside" * bool(outside)
    hazards = found.get("gpu_hazards", {})
    return words + "".join(f", {count} {name}" for name, count in hazards.items())
