"""One process of the profiler: runs a model and writes its profile as JSON to stdout; see `worker` for its arguments."""

import json
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.runtime import profile_litert, profile_onnx, worker
from lapx_tf.runtime.profile import Operation, Profile
from lapx_tf.runtime.sessions import FileSession, OnnxSession, open_session, quantize


def _work(model: Path, threads: int, runs: int, warmup: int) -> None:
    session = open_session(model)  # says in one sentence what is wrong with a file, where a profiler might crash
    spec = session.spec
    noise = np.random.default_rng(0).integers(0, 256, (1, *spec.input_size, 3))
    crop = spec.prepare(noise)
    image = quantize(crop if spec.layout == "NHWC" else crop.transpose(0, 3, 1, 2), spec.input)
    operations, note = _operations(session, image, threads, runs, warmup)
    runtime = f"{session.runtime} {version(session.runtime)}"
    json.dump(Profile(str(model), runtime, threads, runs, operations, note).to_dict(), sys.stdout)


def _operations(
    session: FileSession, image: NDArray[Any], threads: int, runs: int, warmup: int
) -> tuple[tuple[Operation, ...], str | None]:
    """The operations, or none and why."""
    if isinstance(session, OnnxSession):
        return profile_onnx.profile(session.model, image, threads, runs, warmup), None
    reason = profile_litert.missing(session.runtime, version(session.runtime))
    if reason:
        return (), reason
    return profile_litert.profile(session.model, image, threads, runs, warmup), None


main = partial(worker.main, _work)
"""The process; returns the exit code."""

if __name__ == "__main__":
    sys.exit(main())
