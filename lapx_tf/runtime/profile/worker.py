"""One process of the profiler: runs a model and writes its profile as JSON to stdout; arguments: `benchmark.process`."""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.runtime.benchmark import process
from lapx_tf.runtime.engines import OnnxRuntime
from lapx_tf.runtime.profile import litert, onnx
from lapx_tf.runtime.profile.profiles import Operation, Profile
from lapx_tf.runtime.sessions import FileSession, open_session, quantize


def _work(asked: argparse.Namespace) -> None:
    # Opening it says in one sentence what is wrong with a file, where a profiler might crash.
    session = open_session(asked.model, runtime=asked.runtime)
    spec = session.spec
    noise = np.random.default_rng(0).integers(0, 256, (1, *spec.input_size, 3))
    crop = spec.prepare(noise)
    image = quantize(crop if spec.layout == "NHWC" else crop.transpose(0, 3, 1, 2), spec.input)
    operations, note = _operations(session, image, asked.threads, asked.runs, asked.warmup)
    runtime = f"{session.runtime} {version(session.runtime)}"
    json.dump(Profile(str(asked.model), runtime, asked.threads, asked.runs, operations, note).to_dict(), sys.stdout)


def _operations(
    session: FileSession, image: NDArray[Any], threads: int, runs: int, warmup: int
) -> tuple[tuple[Operation, ...], str | None]:
    """The operations, or none and why."""
    if session.runtime == OnnxRuntime.runtime:
        return onnx.profile(session.model, image, threads, runs, warmup), None
    reason = litert.missing(session.runtime, version(session.runtime))
    if reason:
        return (), reason
    return litert.profile(session.model, image, threads, runs, warmup), None


def main(argv: Sequence[str] | None = None) -> int:
    """The process; returns the exit code."""
    return commands.run(process.parser(), _work, argv)


if __name__ == "__main__":
    sys.exit(main())
