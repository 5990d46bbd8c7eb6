"""Where a model's time goes: what each of its operations takes, as the runtime's own profiler tells it.

The profiler runs in a process of its own, as the benchmark does. Of several runs the fastest counts for each operation: what
other processes add, they add to the longest ones. So the whole is less than the benchmark tells; compare the shares.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.runtime.benchmark.process import told_by, turn

SLOWEST = 10


@dataclass(frozen=True)
class Operation:
    """One operation of a model, as the runtime runs it; it may stand for several of the file that the runtime joined.

    Attributes:
        name: of its output in the file; empty where the runtime does not tell, and it can't be worked out.
        kind: in the runtime's own words, such as `Fully Connected (NC, F32) GEMM` of XNNPACK or `Conv` of ONNX Runtime.
        ms: in the fastest run.
    """

    name: str
    kind: str
    ms: float


@dataclass(frozen=True)
class Profile:
    """The operations of a model in the order in which they ran.

    Attributes:
        model: the file.
        runtime: what computed, with its version.
        threads: that the runtime was allowed.
        runs: that were profiled.
        operations: none where the runtime can't be asked.
        note: why there are none.
    """

    model: str
    runtime: str
    threads: int
    runs: int
    operations: tuple[Operation, ...] = ()
    note: str | None = None

    @property
    def total_ms(self) -> float:
        """Of all operations; what lies between them is not in it."""
        return sum(operation.ms for operation in self.operations)

    def slowest(self, count: int = SLOWEST) -> list[Operation]:
        """The operations that take longest, the slowest first."""
        return sorted(self.operations, key=lambda operation: -operation.ms)[:count]

    def by_kind(self) -> dict[str, tuple[int, float]]:
        """How many operations of each kind there are, and their milliseconds together; the slowest kind first."""
        found: dict[str, tuple[int, float]] = {}
        for operation in self.operations:
            count, ms = found.get(operation.kind, (0, 0.0))
            found[operation.kind] = (count + 1, ms + operation.ms)
        return dict(sorted(found.items(), key=lambda item: -item[1][1]))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Profile":
        """The inverse of `to_dict`."""
        operations = tuple(Operation(**one) for one in content["operations"])
        return cls(**{**content, "operations": operations})


def profile(model: Path, threads: int = 1, runs: int = 20, warmup: int = 3, runtime: str | None = None) -> Profile:
    """Profiles a converted model in a process of its own.

    Args:
        model: a `.tflite` or `.onnx` file with its JSON beside it.
        threads: that the runtime may use.
        runs: profiled inferences.
        warmup: inferences before them.
        runtime: see `open_session`.

    Raises:
        InputError: the model can't be used, or the process failed.
    """
    options = ["--threads", str(threads), *turn(runs, warmup)]
    options += ["--runtime", runtime] if runtime else []
    command = ["lapx_tf.runtime.profile.worker", str(model), *options]
    return Profile.from_dict(told_by(command, f"the profile of {model}"))


def fastest(names: Sequence[str], kinds: Sequence[str], ms: Iterable[Sequence[float]]) -> tuple[Operation, ...]:
    """Operations from the times of several runs.

    Args:
        names: of the operations.
        kinds: likewise.
        ms: for each run the milliseconds of each operation.
    """
    of_runs: NDArray[np.float64] = np.asarray(list(ms), np.float64).min(axis=0)
    return tuple(Operation(*one) for one in zip(names, kinds, of_runs.tolist(), strict=True))
