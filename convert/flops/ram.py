"""How much memory the networks take in LiteRT: by the size of the batch and of the input, and what of it waits in skips."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convert.flops import liveness
from convert.flops.files import File
from lapx_tf.runtime.benchmark.process import told_by

BATCHES = (1, 2, 4, 8)
SIZES = (128, 192, 256, 384)
BATCHED = 256
"""Side of the input whose batch grows."""


@dataclass(frozen=True)
class Memory:
    """What a process of one network takes.

    Attributes:
        key: of the network.
        side: of its square input.
        batch: images at once.
        empty_bytes: peak of the process before the file was opened: Python, NumPy and LiteRT.
        peak_bytes: of the whole process, after two runs.
        live_bytes: the most that maps take that are needed at the same time, see `liveness.Live`.
        waiting_bytes: the most of them that lie there for a later operation, such as skips.
    """

    key: str
    side: int
    batch: int
    empty_bytes: int
    peak_bytes: int
    live_bytes: int
    waiting_bytes: int

    @property
    def own_bytes(self) -> int:
        """What the network adds to an empty process: its file, the weights as the runtime packs them, and its maps."""
        return self.peak_bytes - self.empty_bytes


def file_of(key: str, side: int) -> File:
    """The float32 file of a network for a square input."""
    return File(key, (side, side), "tflite", "float32")


def settings() -> list[tuple[int, int]]:
    """(side, batch) of everything that is measured."""
    return list(dict.fromkeys([*((side, 1) for side in SIZES), *((BATCHED, batch) for batch in BATCHES)]))


def measured(keys: Sequence[str], folder: Path, rounds: int, on_process: Callable[[], None]) -> list[Memory]:
    """Measures every network at every setting.

    Args:
        keys: of the networks.
        folder: of `files.make`.
        rounds: processes of each, of which the median counts.
        on_process: is called after each process; there are networks x settings x rounds.

    Raises:
        InputError: a process failed.
    """
    return [_of(key, side, batch, folder, rounds, on_process) for key in keys for side, batch in settings()]


def _of(key: str, side: int, batch: int, folder: Path, rounds: int, on_process: Callable[[], None]) -> Memory:
    path, told = folder / file_of(key, side).name, list[dict[str, Any]]()
    for _ in range(rounds):
        told.append(told_by(["convert.flops.ram_worker", str(path), "--batch", str(batch)], f"the memory of {path}"))
        on_process()
    live = liveness.of(path)
    empty, peak = (int(statistics.median(one[name] for one in told)) for name in ("empty_bytes", "peak_bytes"))
    return Memory(key, side, batch, empty, peak, batch * live.most_bytes, batch * live.waiting_bytes)
