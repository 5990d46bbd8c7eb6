"""One process of the benchmark: opens a model, times it and writes JSON to stdout; see `process` for its arguments."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.runtime.benchmark import process, throttling
from lapx_tf.runtime.benchmark.machine import memory, peak_memory
from lapx_tf.runtime.benchmark.timing import time_session
from lapx_tf.runtime.engines import LiteRt
from lapx_tf.runtime.sessions import FileSession, open_session


def _work(options: argparse.Namespace) -> None:
    start = time.perf_counter()
    session = open_session(options.model, options.threads, options.runtime)
    load_ms = (time.perf_counter() - start) * 1000
    before: list[throttling.Reading] = []
    told = time_session(session, options.runs, options.warmup, lambda: before.append(throttling.read()))
    after = throttling.read()
    watch = throttling.Watch(before[0], after, throttling.slowdown(told["times_ms"]))
    told |= {"load_ms": load_ms, "peak_memory_bytes": peak_memory(), "steady_memory_bytes": memory()}
    # From here on memory does not count any more.
    told |= _about(session, options.threads) | {"watch": asdict(watch)}
    if options.frames:
        told["frames"] = _frames(session, options)
    json.dump(told, sys.stdout)


def _about(session: FileSession, threads: int) -> dict[str, Any]:
    """What is known of a file without timing it."""
    from lapx_tf.runtime.benchmark.counting import counts_of
    from lapx_tf.runtime.profile.xnnpack import plan

    model, spec = session.model, session.spec
    counts = counts_of(model, spec)
    parts = plan(model) if session.runtime == LiteRt.runtime else None
    return {
        "model": str(model),
        "precision": spec.precision,
        "input_size": spec.input_size,
        "sha256": spec.sha256,
        "runtime": f"{session.runtime} {version(session.runtime)}",
        "threads": threads,
        "file_bytes": model.stat().st_size,
        "macs": counts and counts.macs,
        "parameters": counts and counts.parameters,
        "partitions": parts and parts.partitions,
        "beside": parts and parts.outside.total(),
    }


def _frames(session: FileSession, options: argparse.Namespace) -> dict[str, Any]:
    from lapx_tf.runtime.benchmark.frames import time_frames

    return time_frames(session, options.picture, options.frames, warmup=1)


def main(argv: Sequence[str] | None = None) -> int:
    """The process; returns the exit code."""
    parser = process.parser()
    parser.add_argument("--frames", type=commands.natural, default=0)
    parser.add_argument("--picture", type=Path)
    return commands.run(parser, _work, argv)


if __name__ == "__main__":
    sys.exit(main())
