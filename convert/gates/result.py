"""What a gate has found out about a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Result:
    """One gate's figures and verdict.

    Attributes:
        measured: what was found, for the JSON beside the file.
        bounds: what is accepted, likewise; what has no bound is only reported.
        failures: one sentence for each bound that does not hold.
        note: why nothing was measured, where nothing was.
    """

    measured: Mapping[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, Any] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    note: str | None = None

    @property
    def verdict(self) -> str:
        """`passed`, `failed` or `not run`."""
        return "failed" if self.failures else "not run" if self.note else "passed"

    def joined(self, other: "Result") -> "Result":
        """Both findings as one."""
        return Result(
            {**self.measured, **other.measured}, {**self.bounds, **other.bounds}, self.failures + other.failures
        )

    def to_dict(self) -> dict[str, Any]:
        """For the JSON."""
        note = {"note": self.note} if self.note else {}
        return {"verdict": self.verdict, **note, **self.measured, "bounds": dict(self.bounds)}


Results = Mapping[str, Result]
"""By the name of the gate: `numbers`, `task` and `artifact`."""
