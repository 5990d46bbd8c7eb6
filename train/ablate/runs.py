"""The runs of an experiment: one folder and one process each, finished, to be resumed, or to be done."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lapx_tf import commands
from lapx_tf.errors import GateError, InputError
from lapx_tf.stopping import Stop
from train.ablate.conditions import Conditions
from train.ablate.experiments import Variant
from train.run.workdir import SETTINGS

OUTCOME, OUTPUT = "outcome.json", "output.txt"
"""Of a run that is over; what its processes wrote on the screen."""

_MARK = "error: "
"""Before the sentence of every command that fails."""

_STOPPED = (128 + signal.SIGINT, 128 + signal.SIGTERM)
"""Exit codes of a training that has saved what it needs to go on."""


@dataclass(frozen=True)
class Run:
    """A training of a variant with a seed.

    Attributes:
        folder: its own.
    """

    variant: Variant
    seed: int
    folder: Path

    @classmethod
    def of(cls, variant: Variant, seed: int, workdir: Path) -> "Run":
        """The run in its place in the experiment's folder."""
        return cls(variant, seed, workdir / f"{variant.folder}-seed{seed}")

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do: it has finished or diverged."""
        return (self.folder / OUTCOME).is_file()


def there(variant: Variant, workdir: Path) -> list[Run]:
    """The runs of a variant that are over, by seed."""
    seeds = (path.name.rpartition("-seed")[2] for path in workdir.glob(f"{variant.folder}-seed*"))
    runs = [Run.of(variant, seed, workdir) for seed in sorted(int(seed) for seed in seeds if seed.isdecimal())]
    return [run for run in runs if run.over]


def do(run: Run, conditions: Conditions, data: Sequence[Path], stop: Stop) -> str | None:
    """Trains, from the start or from the last checkpoint, and writes down the outcome.

    Args:
        run: which.
        conditions: what all runs of the experiment share.
        data: the data sets; none for synthetic people.
        stop: asks for a stop, which the training makes after its step.

    Returns:
        The sentence of a training that diverged; None for one that finished.

    Raises:
        KeyboardInterrupt: it was stopped.
        InputError: it refused its input.
        GateError: it failed otherwise.
    """
    output = run.folder / OUTPUT
    before = output.stat().st_size if output.is_file() else 0
    code = _process(command(run, conditions, data), output, stop)
    if code in _STOPPED:
        raise KeyboardInterrupt
    error = _error(output, before)
    if code == 2:
        raise InputError(f"{run.folder}: {error}")
    # The one check that a training can fail is the one for divergence; a crash has no sentence.
    if code and (code != 1 or not error):
        raise GateError(f"the training in {run.folder} failed with exit code {code}, see {output}")
    diverged = error if code else None
    commands.write_json(run.folder / OUTCOME, {"diverged": diverged})
    return diverged


def command(run: Run, conditions: Conditions, data: Sequence[Path]) -> list[str]:
    """What trains."""
    options = {"--data": [*map(str, data)], "--set": [*conditions.settings, *run.variant.settings]}
    given = [word for option, values in options.items() if values for word in (option, *values)]
    resume = ["--resume"] if (run.folder / SETTINGS).is_file() else []
    own = ["--workdir", str(run.folder), "--seed", str(run.seed), "--watch-attention", "--no-report", *resume]
    return [sys.executable, "-m", "train", conditions.recipe_name, *given, *own]


def _process(command: Sequence[str], output: Path, stop: Stop) -> int:
    """Runs a command until it ends by itself; a stop is passed on. Returns its exit code."""
    output.parent.mkdir(parents=True, exist_ok=True)
    stop.waits = True
    try:
        # In a process group of its own, or Ctrl-C would reach it twice.
        with output.open("ab") as file:
            process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, process_group=0)
        told = False
        while process.poll() is None:
            if stop.asked is not None and not told:
                process.send_signal(stop.asked)
                told = True
            try:
                process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
        return process.returncode
    finally:
        stop.waits = False


def _error(output: Path, start: int) -> str | None:
    """The sentence of a command that failed, in what it wrote from byte `start` on; None where it has none."""
    lines = output.read_bytes()[start:].decode("utf-8", "replace").splitlines()
    sentences = [line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)]
    return sentences[-1] if sentences else None
