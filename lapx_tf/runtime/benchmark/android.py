"""The benchmark on an Android device: the official `benchmark_model` is pushed, run there and read."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import nan
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from lapx_tf import commands
from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark import benchmark_model, ceiling
from lapx_tf.runtime.benchmark.adb import Device
from lapx_tf.runtime.benchmark.benchmark_model import Told
from lapx_tf.runtime.benchmark.counting import counts_of
from lapx_tf.runtime.benchmark.measurement import Measurement
from lapx_tf.runtime.benchmark.report import CeilingFound, Report
from lapx_tf.runtime.benchmark.turns import Turns, take_turns
from lapx_tf.runtime.profile import Profile
from lapx_tf.spec import read_spec

RUNTIME = "benchmark_model"

_PROFILED_RUNS, _PROFILED_WARMUP = 20, 3


@dataclass(frozen=True)
class OnDevice:
    """A file on the device at a number of threads, see `turns.Worker`.

    Attributes:
        device: where.
        program: `benchmark_model` there.
        file: the model there.
        threads: that it may use.
    """

    device: Device
    program: str
    file: str
    threads: int

    def run(self, runs: int, warmup: int) -> Told:
        """One process on the device."""
        return benchmark_model.read(self.output(runs, warmup))

    def output(self, runs: int, warmup: int, *further: str) -> str:
        """All that the process writes; `further` are options of the program."""
        # It goes on until a time is up, too, which would be another number of runs on each device.
        return self.device.shell(
            self.program,
            f"--graph={self.file}",
            f"--num_threads={self.threads}",
            f"--num_runs={runs}",
            f"--warmup_runs={max(warmup, 1)}",  # the first inference is told as part of the warm-up
            "--min_secs=0",
            "--warmup_min_secs=0",
            "--use_xnnpack=true",
            "--report_peak_memory_footprint=true",
            *further,
        )


def run(
    models: Sequence[Path],
    threads: Sequence[int],
    turns: Turns,
    device: Device,
    program: Path,
    profiled: bool = False,
    on_process: Callable[[], None] = lambda: None,
) -> Report:
    """Measures models on a device.

    Args:
        models: see `check_model`.
        threads: thread counts to measure each of them with.
        turns: how often.
        device: where.
        program: `benchmark_model`, built for the device.
        profiled: tell the operations of each model, too, at the first of the thread counts.
        on_process: is called when a process is done; there are `processes` of them.

    Raises:
        InputError: the program can't be used, or a process failed.
    """
    device.check_program(program)
    with _convolutions(models) as convolutions, device.folder():
        tool = device.push(program, RUNTIME)
        device.shell("chmod", "755", tool)
        files = {file: device.push(file, f"{index}.tflite") for index, file in enumerate([*models, *convolutions])}
        workers = [OnDevice(device, tool, files[file], count) for file, count in product(files, threads)]
        told = take_turns(workers, turns.runs, turns.warmup, turns.rounds, on_process)
        found = dict(zip(product(files, threads), told, strict=True))
        profiles = [_profile(OnDevice(device, tool, files[one], threads[0]), one) for one in models if profiled]
    return Report(
        machine=device.machine(),
        date=date.today().isoformat(),
        turns=turns,
        measurements=tuple(
            _measurement(model, count, found[model, count]) for model, count in product(models, threads)
        ),
        ceilings=tuple(
            CeilingFound(precision, count, ceiling.MACS / 1e6 / median(one.typical_ms for one in found[file, count]))
            for (file, precision), count in product(convolutions.items(), threads)
        ),
        profiles=tuple(profiles),
    )


def check_model(model: Path) -> None:
    """Raises an InputError where a file has no JSON beside it or `benchmark_model` does not run its kind."""
    if commands.existing_file(model).suffix != ".tflite":
        raise InputError(f"{model} is no .tflite file, which is all that benchmark_model runs")
    read_spec(model)


def processes(models: Sequence[Path], threads: Sequence[int], turns: Turns) -> int:
    """How many processes `run` starts before the profiles."""
    return (len(models) + len(_precisions(models))) * len(threads) * turns.rounds


def _precisions(models: Sequence[Path]) -> list[str]:
    """Of the convolutions that are the ceiling of models; none where what writes their file is missing."""
    if not ceiling.is_installed():
        return []
    found = dict.fromkeys(ceiling.ceiling_of(read_spec(model).precision) for model in models)
    return [precision for precision in found if precision is not None]


@contextmanager
def _convolutions(models: Sequence[Path]) -> Iterator[dict[Path, str]]:
    """A file of each of `_precisions`, as long as it is needed."""
    with TemporaryDirectory() as folder:
        found = {Path(folder) / f"{precision}.tflite": precision for precision in _precisions(models)}
        for file, precision in found.items():
            file.write_bytes(ceiling.model(precision))
        yield found


def _measurement(model: Path, threads: int, rounds: Sequence[Told]) -> Measurement:
    """What there is of a measurement: no processor times, and of the runs only what the tool sums up."""
    spec, times = read_spec(model), tuple(one.typical_ms for one in rounds)
    counts = counts_of(model, spec)
    return Measurement(
        model=str(model),
        precision=spec.precision,
        input_size=spec.input_size,
        runtime=RUNTIME,
        threads=threads,
        runs=sum(one.runs for one in rounds),
        median_ms=median(times),
        p90_ms=nan,
        least_ms=min(one.least_ms for one in rounds),
        cpu_ms=nan,
        rounds_ms=times,
        load_ms=median(one.init_ms for one in rounds),
        first_ms=median(one.first_ms for one in rounds),
        file_bytes=model.stat().st_size,
        peak_memory_bytes=max(
            (one.peak_memory_bytes for one in rounds if one.peak_memory_bytes is not None), default=None
        ),
        medians_ms=times,
        sha256=spec.sha256,
        macs=counts and counts.macs,
        parameters=counts and counts.parameters,
        partitions=rounds[0].partitions,
        beside=rounds[0].beside,
    )


def _profile(worker: OnDevice, model: Path) -> Profile:
    output = worker.output(_PROFILED_RUNS, _PROFILED_WARMUP, "--enable_op_profiling=true")
    operations = benchmark_model.operations(output)
    note = None if operations else "this benchmark_model was built without its profiler"
    return Profile(str(model), RUNTIME, worker.threads, _PROFILED_RUNS, operations, note)
