"""The files that `convert.gains` compares: one for each set of rewrites, and what is to be said of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from convert import tflite
from convert.bench_files import calibration_of, describe, in_processes, keras_function, write_plain
from convert.graph import inference_function
from convert.graph.macs import macs
from convert.graph.options import GraphOptions, Rewrite
from lapx_tf.models import storage
from lapx_tf.runtime.benchmark import Measurement
from lapx_tf.runtime.profile import xnnpack
from lapx_tf.silence import quiet

PLAIN = "plain conversion"

Job = tuple[str, frozenset[Rewrite] | None]
"""The name of a file, and the rewrites that it is made with; None for the plain conversion."""


@dataclass(frozen=True)
class Written:
    """A file, with which rewrites in words, and the multiply-accumulates that its graph asks for."""

    file: Path
    rewrites: str
    macs: int


@dataclass(frozen=True)
class Row:
    """One file.

    Attributes:
        rewrites: which are made, in words.
        macs: multiply-accumulates that its graph asks for.
        operations: in the file.
        partitions: parts of the graph that XNNPACK runs.
        beside: operations that run outside of it.
        bytes: of the file.
        cpu_ms: processor time of a run at one thread, the median.
        ms: of a run, the median.
        times_plain: how many times as fast as the plain conversion: the median of the rounds' ratios of processor time.
    """

    rewrites: str
    macs: int
    operations: int
    partitions: int
    beside: int
    bytes: int
    cpu_ms: float
    ms: float
    times_plain: float

    def cells(self) -> list[str]:
        """For a table."""
        return [
            self.rewrites, f"{self.macs / 1e9:.3f}", str(self.operations), str(self.partitions), str(self.beside),
            f"{self.bytes / 1e6:.2f}", f"{self.cpu_ms:.1f}", f"{self.ms:.1f}", f"{self.times_plain:.3f}",
        ]  # fmt: skip


def write(
    network: Path,
    folder: Path,
    precision: str,
    sets: Mapping[str, frozenset[Rewrite]],
    on_file: Callable[[], None] = lambda: None,
) -> list[Written]:
    """Writes the plain conversion of a network and a file for each set of rewrites, each in a process of its own.

    Args:
        network: a `.keras` file.
        folder: for the files and their JSON.
        precision: `float32` or `int8`.
        sets: of rewrites, by what they are in words.
        on_file: is called after each.
    """
    found: dict[str, frozenset[Rewrite] | None] = {PLAIN: None, **sets}
    items = [(f"{index}.tflite", rewrites) for index, rewrites in enumerate(found.values())]
    counts = in_processes(partial(_write, network, folder, precision), items, on_file)
    return [Written(folder / name, words, count) for words, (name, _), count in zip(found, items, counts, strict=True)]


def _write(network: Path, folder: Path, precision: str, job: Job) -> int:
    """In the other process; returns the multiply-accumulates."""
    name, rewrites = job
    with quiet():
        model = storage.load(network)
        crops = calibration_of(model)
        if rewrites is None:
            write_plain(model, folder / name, precision, crops)
            return macs(keras_function(model))
        function = inference_function(model, GraphOptions(rewrites=rewrites))
        tflite.write(function, folder / name, precision, crops)
        describe(model, folder / name, precision)
        return macs(function)


def row(written: Written, measured: Measurement, plain: Measurement) -> Row:
    """What is to be said of a file.

    Args:
        written: the file.
        measured: its times.
        plain: those of the plain conversion, from the same call of `measure`.
    """
    plan = xnnpack.plan(written.file)
    return Row(
        rewrites=written.rewrites,
        macs=written.macs,
        operations=tflite.operators(written.file).total(),
        partitions=plan.partitions,
        beside=plan.outside.total(),
        bytes=measured.file_bytes,
        cpu_ms=measured.cpu_ms,
        ms=measured.median_ms,
        times_plain=measured.times_faster_than(plain),
    )
