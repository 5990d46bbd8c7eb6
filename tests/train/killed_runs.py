"""`python -m tests.train.killed_runs OUT`: one run left alone, and the same run in processes that end early.

Their exit codes are in
`codes.json`. `killed` is killed at random moments and in the middle of writing each file; `stopped` ends as a user or the
machine stops it. Everything is imported once, then each process is a fork: TensorFlow starts nothing before it is used.
Operations are eager, because no process lives long enough to make good the tracing of a graph.
"""

import errno
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lapx_tf import metrics
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People
from lapx_tf.models import storage
from tests.data.dots import dots
from train import __main__ as command
from train import plan
from train import recipe as recipes
from train.checkpoints import files as checkpoint_files
from train.recipe import GammaPhases, Recipe
from train.run import optimizer
from train.run.averaging import AveragedWeights
from train.run.divergence import NoticeDivergence

RECIPE = Recipe(
    "tiny", 8, 1, (1,), (32, 32), epochs=6, batch_size=4, learning_rate=1e-2, depth=1, ema=0.5,
    gamma=GammaPhases(frozen=0.2, ramp=0.4),
)  # fmt: skip
PEOPLE: tuple[People, People] = dots(16), dots(4, seed=1)
RANDOM_KILLS = 16

Trouble = Callable[[], None]
"""Changes something in a process before it trains."""


def die(number: int = signal.SIGKILL) -> None:
    os.kill(os.getpid(), number)


def before(owner, name: str, trouble: Callable[..., None]) -> Trouble:
    """Trouble before a function runs, which is given its arguments."""

    def change() -> None:
        original = getattr(owner, name)

        def troubled(*arguments, **named):
            trouble(*arguments)
            return original(*arguments, **named)

        setattr(owner, name, troubled)

    return change


def dies_at(name: str) -> Callable[..., None]:
    """Dies where a path whose name begins like this is among the arguments."""

    def trouble(*arguments) -> None:
        if any(isinstance(each, Path) and each.name.startswith(name) for each in arguments):
            die()

    return trouble


def half_a_file(then: Callable[[], None]) -> Trouble:
    """The checkpoint of an epoch's second step is written to its half."""

    def change() -> None:
        save = np.savez

        def half(file, **content):
            save(file, **content)
            if '"steps_done": 2' in str(content["progress"]):
                file.truncate(file.tell() // 2)
                then()

        np.savez = half  # type: ignore[assignment]

    return change


def disk_is_full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def joints_become_nan() -> None:
    batch = Loader.batch

    def broken(self, epoch, index):
        images, joints = batch(self, epoch, index)
        return images, joints * (np.nan if self.augmentation and index == 2 else 1)

    Loader.batch = broken


DEATHS: dict[str, Trouble] = {
    "in the middle of the file": half_a_file(die),
    "written, not renamed": before(checkpoint_files, "sync", dies_at(".epoch")),
    "renamed, the old one still there": before(checkpoint_files, "sync", dies_at("checkpoints")),
    "the epoch in the log, no checkpoint": before(checkpoint_files, "sync", dies_at("log.csv")),
    "before the best": before(storage, "save", dies_at("best.keras")),
    "the best without its checkpoint": before(checkpoint_files, "sync", dies_at("best.keras")),
}
STOPS: dict[str, Trouble] = {
    "SIGTERM in the second step": before(
        NoticeDivergence, "on_train_batch_end", lambda _, batch: die(signal.SIGTERM) if batch == 1 else None
    ),
    "Ctrl-C in the validation": before(AveragedWeights, "on_test_begin", lambda *_: die(signal.SIGINT)),
    "disk full": half_a_file(disk_is_full),
    "not a number": joints_become_nan,
}


def train(run: Path) -> int:
    """The command as a user gives it, on tiny people."""
    resume = ["--resume"] if (run / "recipe.json").exists() else []
    return command.main(["tiny", "--workdir", str(run), "--save-every", "1", "--no-report", *resume])


def process(run: Path, trouble: Trouble = lambda: None, steps: int = 0) -> tuple[int, int]:
    """Forks a process that trains; returns its id, and a pipe that is closed after so many steps or with the process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    os.close(reader)
    before(NoticeDivergence, "on_train_batch_end", Countdown(steps, writer))()
    trouble()
    os._exit(train(run))


class Countdown:
    """Closes a pipe when it has been called so often."""

    def __init__(self, calls: int, pipe: int) -> None:
        self.left, self.pipe = calls, pipe

    def __call__(self, *_) -> None:
        if self.left == 0:
            os.close(self.pipe)
        self.left -= 1


def ends(run: Path, trouble: Trouble = lambda: None) -> int:
    """The exit code of a process that trains, negative for a signal."""
    child, reader = process(run, trouble)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(reader)
    return code


def killed_at_random(run: Path, rng: random.Random) -> int:
    """Kills a process some time after its first or second step has begun; its exit code."""
    child, reader = process(run, steps=rng.choice([0, 0, 1]))
    os.read(reader, 1)  # nothing comes: it ends when the pipe is closed
    time.sleep(rng.uniform(0, 0.6))
    os.kill(child, signal.SIGKILL)
    os.close(reader)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def patch() -> None:
    """The tiny recipe and people in place of real ones, and eager operations."""
    compile_for = optimizer.compile_for

    def eager(model, *arguments):
        compile_for(model, *arguments)
        model.run_eagerly = True

    for target, name, value in (
        (recipes, "names", lambda: ["tiny"]),
        (recipes, "find", lambda name: RECIPE),
        (plan, "read_people", lambda *arguments: PEOPLE),
        (optimizer, "compile_for", eager),
        (metrics, "TORSO_OF_EXTENT", 3.0),  # lenient, so that the score of a tiny network rises
    ):
        setattr(target, name, value)


def main(folder: Path) -> dict[str, list[int]]:
    """Trains all three runs to their end; the exit codes of each one's processes."""
    patch()
    alone, _ = process(folder / "alone")
    rng, killed, stopped = random.Random(0), folder / "killed", folder / "stopped"
    codes = {"killed": [killed_at_random(killed, rng) for _ in range(RANDOM_KILLS)]}
    codes["killed"] += [*(ends(killed, death) for death in DEATHS.values()), ends(killed)]
    codes["stopped"] = [*(ends(stopped, stop) for stop in STOPS.values()), ends(stopped)]
    codes["alone"] = [os.waitstatus_to_exitcode(os.waitpid(alone, 0)[1])]
    return codes


if __name__ == "__main__":
    out = Path(sys.argv[1])
    codes = main(out)
    (out / "codes.json").write_text(json.dumps(codes))
