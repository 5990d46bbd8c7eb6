"""Timing in this process: of a session, or of anything that can be called."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lapx_tf.runtime.sessions import Session


def time_session(
    session: Session, runs: int, warmup: int, on_start: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Times an open session with one crop of noise.

    Args:
        session: any session, of Keras too.
        runs: timed inferences.
        warmup: inferences before them; the very first one is timed by itself.
        on_start: is called when the timed inferences begin.

    Returns:
        `first_ms`, `times_ms` and `cpu_times_ms` (one value a run), `median_ms`, `p90_ms` and `p99_ms`.
    """
    noise = np.random.default_rng(0).integers(0, 256, (1, *session.spec.input_size, 3))
    crop = session.spec.prepare(noise)
    return time_calls(lambda: session.run(crop), runs, warmup, on_start)


def time_calls(
    call: Callable[[], Any], runs: int, warmup: int, on_start: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Times anything; see `time_session`."""

    def once() -> tuple[float, float]:
        start, cpu = time.perf_counter(), time.process_time()
        call()
        return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000

    first, _ = once()
    for _ in range(warmup):
        once()
    on_start()
    times, cpu_times = (list(values) for values in zip(*(once() for _ in range(runs)), strict=True))
    return {"first_ms": first, "times_ms": times, "cpu_times_ms": cpu_times, **summary(times)}


def summary(times_ms: Sequence[float]) -> dict[str, Any]:
    """`median_ms`, `p90_ms` and `p99_ms` of the times of runs."""
    median, p90, p99 = np.percentile(times_ms, (50, 90, 99)).tolist()
    return {"median_ms": median, "p90_ms": p90, "p99_ms": p99}
