"""One process of the benchmark: opens a model, times it and writes JSON to stdout.

python -m lapx_tf.runtime.benchmark_worker MODEL --threads N --runs R --warmup W
"""

import json
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from lapx_tf import commands
from lapx_tf.runtime.benchmark import peak_memory, time_session
from lapx_tf.runtime.sessions import open_session


def main(argv: Sequence[str] | None = None) -> int:
    """The process; returns the exit code."""
    parser = commands.Parser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=commands.positive, required=True)
    parser.add_argument("--runs", type=commands.positive, required=True)
    parser.add_argument("--warmup", type=commands.natural, required=True)
    return commands.run(
        parser, lambda options: _work(options.model, options.threads, options.runs, options.warmup), argv
    )


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


if __name__ == "__main__":
    sys.exit(main())
