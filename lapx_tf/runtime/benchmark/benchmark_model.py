"""What TensorFlow Lite's `benchmark_model` writes, read.

The lines are those of tensorflow/lite/tools/benchmark/{benchmark_model,benchmark_tflite_model,profiling_listener}.cc in
tensorflow/tensorflow. Newer ones tell the median as well, older ones the mean alone.
"""

import re
from dataclasses import dataclass

from lapx_tf.errors import InputError
from lapx_tf.runtime.profile import Operation

_NUMBER = r"([\d.]+(?:e[+-]?\d+)?)"
_TIMINGS = re.compile(rf"Inference timings in us: Init: {_NUMBER}, First inference: {_NUMBER}")
_STATISTICS = re.compile(r"\bcount=\d+ [^\n]*")
_FIELD = re.compile(rf"(\w+)={_NUMBER}")
_PEAK = re.compile(rf"Overall peak memory footprint \(MB\) via periodic monitoring: {_NUMBER}")
_DELTA = re.compile(rf"Memory footprint delta from the start of the tool \(MB\): init={_NUMBER} overall={_NUMBER}")
_DELEGATED = re.compile(
    r"Replacing (\d+) out of (\d+) node\(s\) with delegate \([^)]*\) node, yielding (\d+) partitions"
)
_PROFILE = "Operator-wise Profiling Info for Regular Benchmark Runs:"
_RUN_ORDER = " Run Order "

_MEGABYTE = 1024**2  # what benchmark_model calls one


@dataclass(frozen=True)
class Told:
    """What one process of it says; times in milliseconds.

    Attributes:
        init_ms: opening the model and setting up its delegate.
        first_ms: the first inference.
        runs: timed inferences.
        typical_ms: their median, or their mean where the tool is too old to tell it.
        least_ms: the fastest.
        peak_memory_bytes: of the process; what it grew by since its start where that alone is told; None of neither.
        partitions: parts of the graph that a delegate runs; None without one.
        beside: operations that run outside of them.
    """

    init_ms: float
    first_ms: float
    runs: int
    typical_ms: float
    least_ms: float
    peak_memory_bytes: int | None
    partitions: int | None
    beside: int | None


def read(output: str) -> Told:
    """From all that it writes.

    Raises:
        InputError: it did not come to its end, or writes something else.
    """
    timings, statistics = _TIMINGS.search(output), _STATISTICS.findall(output)
    if timings is None or not statistics:
        last = (line.strip() for line in reversed(output.splitlines()) if line.strip())
        raise InputError(f"benchmark_model told no times; its last words: {next(last, 'none')}")
    # The warm-up runs have a line of their own before that of the timed ones; a profile may follow with another one.
    before = output[: timings.start()]
    fields = {name: float(value) for name, value in _FIELD.findall(_STATISTICS.findall(before)[-1])}
    # Of a single run only its time is told.
    typical = fields.get("median", fields.get("avg", fields.get("curr", 0.0)))
    init, first = (float(value) / 1000 for value in timings.groups())
    delegated = _DELEGATED.search(output)
    replaced, whole, partitions = map(int, delegated.groups()) if delegated else (0, 0, None)
    return Told(
        init_ms=init,
        first_ms=first,
        runs=int(fields["count"]),
        typical_ms=typical / 1000,
        least_ms=fields.get("min", typical) / 1000,
        peak_memory_bytes=_memory(output),
        partitions=partitions,
        beside=whole - replaced if delegated else None,
    )


def _memory(output: str) -> int | None:
    peak, delta = _PEAK.search(output), _DELTA.search(output)
    found = peak.group(1) if peak else delta.group(2) if delta else None
    return None if found is None else round(float(found) * _MEGABYTE)


def operations(output: str) -> tuple[Operation, ...]:
    """The operations in their order, from what it writes with `--enable_op_profiling=true`; none where there is no profile."""
    _, _, profile = output.partition(_PROFILE)
    _, _, table = profile.partition(_RUN_ORDER)
    lines = [line.strip("\n").split("\t") for line in table.splitlines()[1:]]
    rows = [[cell.strip() for cell in cells if cell.strip()] for cells in lines]
    header = rows[0] if rows else []
    if not {"[node type]", "[avg ms]", "[Name]"} <= set(header):
        return ()
    kind, ms, name = (header.index(column) for column in ("[node type]", "[avg ms]", "[Name]"))
    found = []
    for cells in rows[1:]:
        if len(cells) != len(header):
            break  # the table ends
        found.append(Operation(_bare(cells[name]), cells[kind], float(cells[ms])))
    return tuple(found)


def _bare(name: str) -> str:
    """The name of an operation: it stands in brackets, with its index behind a colon; joined ones have several.

    What a delegate runs is called by its kind once more, which is no name.
    """
    return "" if name.startswith("Delegate/") else re.sub(r":\d+$", "", name).strip("[]").split(";")[0]
