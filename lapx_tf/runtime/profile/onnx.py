"""The time of each node of an `.onnx` file, from ONNX Runtime's own profiler."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.profile.profiles import Operation, fastest

_KERNEL = "_kernel_time"  # what the profiler puts behind the names of nodes


def profile(model: Path, image: NDArray[Any], threads: int, runs: int, warmup: int) -> tuple[Operation, ...]:
    """Runs a model under the profiler.

    Args:
        model: a file of one input.
        image: what goes in, as the file stores it.
        threads: that the runtime may use.
        runs: profiled inferences.
        warmup: inferences before them.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3  # errors
    options.enable_profiling = True
    with TemporaryDirectory() as folder:
        options.profile_file_prefix = str(Path(folder) / "profile")
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        for _ in range(warmup + runs):
            session.run(None, {session.get_inputs()[0].name: image})
        events = json.loads(Path(session.end_profiling()).read_text("utf-8"))
    return operations_of(events, warmup + runs, warmup)


def operations_of(events: Sequence[dict[str, Any]], runs: int, warmup: int) -> tuple[Operation, ...]:
    """The operations from what the profiler wrote about so many runs, of which the first ones don't count.

    Raises:
        InputError: the runs are not all of the same nodes.
    """
    nodes = [event for event in events if event["cat"] == "Node" and event["name"].endswith(_KERNEL)]
    each = len(nodes) // runs
    names = [event["name"] for event in nodes]
    if not each or names != names[:each] * runs:
        raise InputError(f"ONNX Runtime's profiler saw {len(nodes)} nodes in {runs} runs, not the same ones each time")
    ms = np.array([event["dur"] for event in nodes]).reshape(runs, each)[warmup:] / 1000
    first = nodes[:each]
    return fastest(
        [one.removesuffix(_KERNEL) for one in names[:each]], [event["args"]["op_name"] for event in first], ms
    )
