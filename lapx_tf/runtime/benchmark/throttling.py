"""Whether the machine slowed itself down while it was measured: its clock, its temperature, and runs that get slower.

A small computer without a fan runs hot within a minute, and then lowers its clock. The clock is read while the cores are
busy, right before and right after the timed runs: an idle core is slow by design.
"""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lapx_tf.runtime.benchmark.machine import usable_cores

_CLOCK = "sys/devices/system/cpu/cpu{}/cpufreq/scaling_cur_freq"
_ZONES = "sys/class/thermal"

FLAGS = {0: "under-voltage", 1: "a capped clock", 2: "throttling", 3: "the soft limit of the temperature"}
"""What the lowest bits of `vcgencmd get_throttled` on a Raspberry Pi mean, from Raspberry Pi's documentation."""

SINCE_BOOT = 16
"""So many bits higher stands whether it has been so since the system was started."""


@dataclass(frozen=True)
class Reading:
    """What the machine tells at one moment; None for what it does not.

    Attributes:
        clock_mhz: of the fastest of the cores that this process may use; a core of it is busy.
        temperature_c: of the hottest zone, in degrees Celsius.
        throttled: bits as in `FLAGS` and `SINCE_BOOT`, of a Raspberry Pi.
    """

    clock_mhz: float | None = None
    temperature_c: float | None = None
    throttled: int | None = None


@dataclass(frozen=True)
class Watch:
    """What happened around the timed runs of a process.

    Attributes:
        before: right before them.
        after: right after them.
        slowdown: the median time of the last third of the runs in that of the first third.
    """

    before: Reading
    after: Reading
    slowdown: float

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Watch":
        """From what `dataclasses.asdict` makes of it."""
        return cls(Reading(**content["before"]), Reading(**content["after"]), content["slowdown"])


def read(root: Path = Path("/")) -> Reading:
    """Asks the machine, whose system's files lie below `root`."""
    clocks = _numbers(root / _CLOCK.format(core) for core in usable_cores())
    zones = _numbers(sorted((root / _ZONES).glob("thermal_zone*/temp")))
    return Reading(
        clock_mhz=max(clocks) / 1000 if clocks else None,
        temperature_c=max(zones) / 1000 if zones else None,
        throttled=_throttled(),
    )


def slowdown(times_ms: Sequence[float]) -> float:
    """The median of the last third of runs in that of the first; 1 where there are fewer than three runs."""
    third = len(times_ms) // 3
    return float(np.median(times_ms[-third:]) / np.median(times_ms[:third])) if third else 1.0


def _numbers(paths: Iterable[Path]) -> list[float]:
    """What files of one number hold, those that can be read."""
    found = []
    for path in paths:
        try:
            found.append(float(path.read_text()))
        except (OSError, ValueError):  # a core without a clock of its own, a zone that is switched off
            continue
    return found


def _throttled() -> int | None:
    """What a Raspberry Pi's firmware says, such as `throttled=0x50005`."""
    if shutil.which("vcgencmd") is None:
        return None
    done = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True, text=True, check=False)
    _, _, bits = done.stdout.strip().partition("=")
    try:
        return int(bits, 16)
    except ValueError:  # not a Raspberry Pi after all, or no right to ask
        return None
