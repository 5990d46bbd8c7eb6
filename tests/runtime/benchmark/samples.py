"""Made-up figures: what processes tell, and measurements and reports of them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lapx_tf.runtime.benchmark.frames import Frames
from lapx_tf.runtime.benchmark.machine import Machine
from lapx_tf.runtime.benchmark.measurement import Measurement, measurement_of
from lapx_tf.runtime.benchmark.report import CeilingFound, Report
from lapx_tf.runtime.benchmark.throttling import Reading, Watch
from lapx_tf.runtime.benchmark.turns import Turns
from lapx_tf.runtime.profile import Operation, Profile

UNTOLD = Reading()
MACHINE = Machine(
    "Cortex-A76", "Raspberry Pi 5 Model B Rev 1.0", 4, "ondemand", "Debian 12", "3.11.2", {"lapx-tf": "0.1"}
)


def told(
    threads: int = 1, times: Sequence[float] = (10.0,), cpu_times: Sequence[float] = (10.0,), **further: Any
) -> dict[str, Any]:
    """What a process tells."""
    about = {"model": "a.tflite", "precision": "int8", "runtime": "r 1", "file_bytes": 1_000_000, "input_size": [4, 4]}
    own = {"threads": threads, "load_ms": times[0], "first_ms": times[0], "peak_memory_bytes": int(times[0])}
    return about | own | {"times_ms": list(times), "cpu_times_ms": list(cpu_times)} | further


def measured(rounds: list[float], **further: Any) -> Measurement:
    """A measurement whose rounds took so many milliseconds, of the processor as by the clock."""
    return measurement_of([told(times=[ms] * 3, cpu_times=[ms] * 3, **further) for ms in rounds])


def watched(before: Reading = UNTOLD, after: Reading = UNTOLD, slowdown: float = 1.0) -> dict[str, Any]:
    """What a process tells of the machine."""
    return asdict(Watch(before, after, slowdown))


def report(*measurements: Measurement, **further: Any) -> Report:
    """A report with a ceiling of 100 GMAC/s."""
    ceilings = (CeilingFound("int8", 1, 100.0),)
    return Report(**{"machine": MACHINE, "date": "2026-11-30", "turns": Turns(9, 2, 3), "measurements": measurements,
                     "ceilings": ceilings} | further)  # fmt: skip


FRAMES = Frames("a<b>.jpg, 640x480, 90 kB", 30, 4.0, 2.0, 12.0, 1.0, 20.0)
PROFILE = Profile(
    "/home/somebody/a.tflite", "r 1", 1, 20, (Operation("stem|<conv>", "Conv", 1.5), Operation("", "Add", 0.5))
)
