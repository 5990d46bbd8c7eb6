"""Everything that one run of the benchmark found, and the JSON of it."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from lapx_tf.commands import existing_file
from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark.ceiling import ceiling_of
from lapx_tf.runtime.benchmark.frames import Frames
from lapx_tf.runtime.benchmark.machine import Machine
from lapx_tf.runtime.benchmark.measurement import Measurement
from lapx_tf.runtime.benchmark.throttling import Watch
from lapx_tf.runtime.benchmark.turns import Turns
from lapx_tf.runtime.benchmark.verdicts import slowdowns, verdicts
from lapx_tf.runtime.profile import Profile

FORMAT = "lapx benchmark 1"
"""What the JSON calls itself; another number for another meaning of a key."""

UNTOLD = ("p90_ms", "p99_ms", "cpu_ms")
"""Times that may be NaN, which JSON has not: there they are null."""


@dataclass(frozen=True)
class CeilingFound:
    """What LiteRT computes of nothing but convolutions on the machine, in 10^9 multiply-accumulates a second."""

    precision: str
    threads: int
    gmac_per_second: float


@dataclass(frozen=True)
class Report:
    """One run.

    Attributes:
        machine: where it was taken.
        date: of the end, such as 2026-11-30.
        turns: how often everything ran.
        measurements: one for each configuration.
        ceilings: measured in the same rounds; none where LiteRT is not installed.
        profiles: the operations of models, where they were asked for.
    """

    machine: Machine
    date: str
    turns: Turns
    measurements: tuple[Measurement, ...]
    ceilings: tuple[CeilingFound, ...] = ()
    profiles: tuple[Profile, ...] = ()

    def of_ceiling(self, one: Measurement) -> float | None:
        """What part of the ceiling of its precision and threads a measurement reaches; None where one is not known."""
        asked = (ceiling_of(one.precision), one.threads)
        ceiling = next((found for found in self.ceilings if (found.precision, found.threads) == asked), None)
        if ceiling is None or one.gmac_per_second is None:
            return None
        return one.gmac_per_second / ceiling.gmac_per_second

    @property
    def notes(self) -> list[str]:
        """What a reader must be told in words."""
        return [*verdicts(self.measurements), *slowdowns(self.measurements)]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form."""
        return {
            "format": FORMAT,
            "machine": asdict(self.machine),
            "date": self.date,
            "turns": asdict(self.turns),
            "measurements": [self._measurement(one) for one in self.measurements],
            "ceilings": [asdict(one) for one in self.ceilings],
            "profiles": [one.to_dict() for one in self.profiles],
            "notes": self.notes,
        }

    def _measurement(self, one: Measurement) -> dict[str, Any]:
        """Its fields, and what is worked out from them for who reads the JSON."""
        found = asdict(one) | {key: None for key in UNTOLD if math.isnan(getattr(one, key))}
        return found | {"gmac_per_second": one.gmac_per_second, "of_ceiling": self.of_ceiling(one)}

    @classmethod
    def from_dict(cls, content: Any) -> "Report":
        """The inverse of `to_dict`.

        Raises:
            ValueError: it is something else.
        """
        told = content.get("format") if isinstance(content, Mapping) else None
        if told != FORMAT:
            raise ValueError(f"its format must be {FORMAT!r}, got {told!r}")
        try:
            return cls(
                machine=Machine(**content["machine"]),
                date=content["date"],
                turns=Turns(**content["turns"]),
                measurements=tuple(_measurement(one) for one in content["measurements"]),
                ceilings=tuple(CeilingFound(**one) for one in content["ceilings"]),
                profiles=tuple(Profile.from_dict(one) for one in content["profiles"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a key is missing or has a wrong value: {error}") from error


def _measurement(content: Mapping[str, Any]) -> Measurement:
    found: dict[str, Any] = {field.name: content[field.name] for field in fields(Measurement)}
    found |= {key: math.nan for key in UNTOLD if found[key] is None}
    found |= {key: tuple(found[key]) for key in ("input_size", "rounds_ms", "medians_ms")}
    found["frames"] = Frames(**found["frames"]) if found["frames"] else None
    found["watches"] = tuple(map(Watch.from_dict, found["watches"]))
    return Measurement(**found)


def read_report(path: Path) -> Report:
    """A report that was written before.

    Raises:
        InputError: the file is missing or holds something else.
    """
    try:
        return Report.from_dict(json.loads(existing_file(path).read_text("utf-8")))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} is no report of `lapx benchmark --json`: {error}") from error
