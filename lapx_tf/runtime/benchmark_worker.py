"""One process of the benchmark: opens a model, times it and writes JSON to stdout; see `worker` for its arguments."""

import json
import sys
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path

from lapx_tf.runtime import worker
from lapx_tf.runtime.benchmark import peak_memory, time_session
from lapx_tf.runtime.sessions import open_session


def _work(model: Path, threads: int, runs: int, warmup: int) -> None:
    start = time.perf_counter()
    session = open_session(model, threads)
    load_ms = (time.perf_counter() - start) * 1000
    result = time_session(session, runs, warmup) | {
        "model": str(model),
        "precision": session.spec.precision,
        "input_size": session.spec.input_size,
        "runtime": f"{session.runtime} {version(session.runtime)}",
        "threads": threads,
        "file_bytes": model.stat().st_size,
        "load_ms": load_ms,
        "peak_memory_bytes": peak_memory(),
    }
    json.dump(result, sys.stdout)


main = partial(worker.main, _work)
"""The process; returns the exit code."""

if __name__ == "__main__":
    sys.exit(main())
