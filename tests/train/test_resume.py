"""Runs that end early in every way, and go on."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lapx_tf.models import storage
from tests.helpers import ROOT
from train.checkpoints import files as checkpoint_files


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> tuple[Path, dict[str, list[int]], str]:
    """The folder of the runs of `killed_runs`, the exit codes of their processes, and what these wrote to stderr."""
    folder = tmp_path_factory.mktemp("runs")
    done = subprocess.run(
        [sys.executable, "-m", "tests.train.killed_runs", str(folder)],
        check=False, cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "tensorflow"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, json.loads((folder / "codes.json").read_text()), done.stderr


def assert_same_runs(one: Path, other: Path) -> None:
    """Bit for bit: weights, optimizer, averages, metrics, best score, log and best network."""
    files = [checkpoint_files.files(run / "checkpoints") for run in (one, other)]
    assert [path.name for path in files[0]] == [path.name for path in files[1]]
    for of_one, of_other in zip(*files, strict=True):
        assert of_one.read_bytes() == of_other.read_bytes()
    assert (one / "log.csv").read_bytes() == (other / "log.csv").read_bytes()
    best = [storage.load(run / "best.keras") for run in (one, other)]
    assert best[0].training_notes == best[1].training_notes
    for of_one, of_other in zip(best[0].weights, best[1].weights, strict=True):
        np.testing.assert_array_equal(of_one.numpy(), of_other.numpy())


def test_a_run_killed_more_than_twenty_times_ends_bit_for_bit_like_one_left_alone(runs):
    folder, codes, _ = runs
    assert codes["alone"] == [0]
    assert codes["killed"] == [-9] * (len(codes["killed"]) - 1) + [0]
    assert len(codes["killed"]) > 20
    assert_same_runs(folder / "alone", folder / "killed")


def test_so_does_a_run_stopped_by_signals_a_full_disk_and_numbers_that_are_none(runs):
    folder, codes, said = runs
    assert codes["stopped"] == [143, 130, 2, 1, 0]
    assert_same_runs(folder / "alone", folder / "stopped")
    again = f"python -m train tiny --workdir {folder / 'stopped'} --save-every 1 --no-report --resume"
    stopped, interrupted, full, diverged = [line for line in said.splitlines() if line.startswith("error: ")]
    assert "epoch-000000-step-0000002.npz" in stopped
    assert stopped.endswith(f"go on with: {again}")
    assert "epoch-000000-step-0000003.npz" in interrupted
    assert full.startswith(f"error: no space left for {folder / 'stopped'}; the last checkpoint is ")
    assert "epoch-000001-step-0000001.npz; make room" in full
    assert "diverged in epoch 2, step 3: the loss is nan; learning rate 0.00854, gamma 0.1 in stack 1; try" in diverged
    assert "epoch-000001-step-0000002.npz" in diverged


def test_the_runs_that_were_compared_could_differ(runs):
    folder, _, _ = runs
    with (folder / "alone" / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({row["loss"] for row in rows}) == len(rows) == 6
    assert {row["gamma_phase"] for row in rows} == {"0", "1", "2"}
    state = checkpoint_files.newest(folder / "alone" / "checkpoints")
    assert state is not None
    assert state.progress.epochs_done == 6
    assert 1 < (state.progress.best_epoch or 0) < 6


def test_nothing_is_left_of_files_that_were_being_written(runs):
    folder, _, _ = runs
    assert list(folder.rglob(".*")) == []
    assert {len(list((folder / run / "checkpoints").iterdir())) for run in ("alone", "killed", "stopped")} == {2}
