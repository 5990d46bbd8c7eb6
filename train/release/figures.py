"""What was measured of a released network, read from what the commands wrote, and as JSON beside its card."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lapx_tf.errors import GateError
from lapx_tf.pretrained import INT8
from train.release.files import FLOAT32, Made
from train.steps import read

SCORE = "PCK@0.2"
TOLERANCE = 0.5
"""What int8 may lose against float32, in points."""


@dataclass(frozen=True)
class Row:
    """One file.

    Attributes:
        kind: Keras, or the precision of a TFLite file.
        stacks: how many it has.
        whole: it has all stacks of the network.
        plain: PCK@0.2 without flip test, per cent.
        flipped: with flip test.
        milliseconds: for one crop, median; None for Keras, which is not timed.
        megabytes: of the file.
    """

    kind: str
    stacks: int
    whole: bool
    plain: float
    flipped: float
    milliseconds: float | None
    megabytes: float


@dataclass(frozen=True)
class Figures:
    """All of one network.

    Attributes:
        name: in the package.
        sha256: of the Keras network.
        rows: of its files, the Keras network first.
        joints: by name, PCK@0.2 without and with flip test, of the Keras network.
        conditions: of the scores, as `train.evaluate` writes them.
        timing: where the times were taken, in words.
    """

    name: str
    sha256: str
    rows: Sequence[Row]
    joints: Mapping[str, Sequence[float]]
    conditions: Mapping[str, Any]
    timing: str


def collect(name: str, files: Sequence[Made], times: Path) -> Figures:
    """Everything from the JSON beside the files, the Keras network first, and from that of `lapx benchmark`."""
    benchmark = read(times)
    machine = benchmark["machine"]
    milliseconds = {Path(one["model"]).name: one["median_ms"] for one in benchmark["measurements"]}
    rows = [_row(made, milliseconds.get(made.file.name)) for made in files]
    conditions, flipped = read(files[0].plain), read(files[0].flipped)
    per_joint = f"{SCORE} per joint"
    joints = {joint: (plain, flipped[per_joint][joint]) for joint, plain in conditions[per_joint].items()}
    timing = (
        f"{machine['cpu']}, ai-edge-litert {machine['packages']['ai-edge-litert']}, one thread, {benchmark['date']}"
    )
    return Figures(name, conditions["sha256"], rows, joints, conditions, timing)


def _row(made: Made, milliseconds: float | None) -> Row:
    plain, flipped = (read(path)[SCORE] for path in (made.plain, made.flipped))
    return Row(made.kind, made.stacks, made.whole, plain, flipped, milliseconds, made.file.stat().st_size / 1e6)


def read_all(folder: Path) -> list[Figures]:
    """Those of all networks whose cards lie in a folder."""
    contents = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    return [Figures(**content | {"rows": [Row(**row) for row in content["rows"]]}) for content in contents]


def check(found: Figures) -> None:
    """Holds int8 against float32, of the whole network; those cut from it are told in the card, and not shipped.

    Raises:
        GateError: it loses more than `TOLERANCE` points, with or without flip test.
    """
    whole = {row.kind: row for row in found.rows if row.whole}
    exact, quantized = whole[FLOAT32], whole[INT8]
    lost = max(exact.plain - quantized.plain, exact.flipped - quantized.flipped)
    if lost > TOLERANCE:
        raise GateError(f"{found.name} loses {lost:.2f} points in int8 against float32, {TOLERANCE} are allowed")
