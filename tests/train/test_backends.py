import csv
import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lapx_tf import LAPX
from lapx_tf.models import storage
from lapx_tf.skeletons import MPII_16
from tests.helpers import ROOT, write_lsp
from tests.train.tiny_run import IMAGES, RECIPE

Log = dict[str, list[float]]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Start:
    """Starts a tiny training from the same weights on the same data."""
    folder = tmp_path_factory.mktemp("devices")
    write_lsp(folder / "lsp", count=IMAGES)
    network = LAPX(
        RECIPE.width, RECIPE.stacks, RECIPE.depth, RECIPE.nonlocal_stacks, 16, (*RECIPE.size, 3), skeleton=MPII_16
    )
    storage.save(network, folder / "start.keras")
    environment = os.environ | {
        # Compiling is most of these processes' work: as little of it as goes, and nothing twice.
        "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true",
        "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }

    def start(backend: str, workdir: Path, *options: str | int) -> "subprocess.Popen[str]":
        where = ("--data", folder / "lsp", "--weights", folder / "start.keras", "--workdir", workdir)
        return subprocess.Popen(
            [sys.executable, "-m", "tests.train.tiny_run", *map(str, (*where, *options))],
            cwd=ROOT,
            env=environment | {"KERAS_BACKEND": backend},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def finish(*processes: "subprocess.Popen[str]") -> None:
    outputs = [process.communicate(timeout=900)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), "\n".join(outputs)


def log_of(workdir: Path) -> Log:
    with (workdir / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {column: [float(row[column]) for row in rows] for column in rows[0]}


@pytest.fixture(scope="module")
def on_one_device(start, tmp_path_factory) -> Callable[[str], Log]:
    """The log of the tiny training on one device of a backend, which is trained once."""
    folder = tmp_path_factory.mktemp("one")

    def log(backend: str) -> Log:
        if importlib.util.find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
        if not (folder / backend).exists():
            finish(start(backend, folder / backend))
            assert (folder / backend / "best.keras").is_file()
        return log_of(folder / backend)

    return log


def assert_same(found: Log, wanted: Log, rtol: float) -> None:
    """The figures of all epochs but the scores, which jump where a joint is as far as the threshold."""
    assert found.keys() == wanted.keys()
    for column in found:
        if not column.endswith("pck"):
            np.testing.assert_allclose(found[column], wanted[column], rtol=rtol, atol=1e-6, err_msg=column)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_without_tensorflow_a_run_gives_the_losses_that_it_gives_with_it(backend, on_one_device):
    assert_same(on_one_device(backend), on_one_device("tensorflow"), rtol=1e-3)


@pytest.mark.parametrize("backend", ["jax", "tensorflow"])
def test_two_devices_give_the_losses_of_one(backend, start, on_one_device, tmp_path):
    finish(start(backend, tmp_path / "run", "--virtual-devices", 2, "--devices", "all"))
    assert_same(log_of(tmp_path / "run"), on_one_device(backend), rtol=1e-4)


def test_two_processes_with_half_the_batch_each_give_the_losses_of_one(start, on_one_device, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        coordinator = f"127.0.0.1:{free.getsockname()[1]}"
    cluster = ("--coordinator", coordinator, "--processes", 2)
    finish(*(start("jax", tmp_path / "run", *cluster, "--process", process) for process in (0, 1)))
    assert_same(log_of(tmp_path / "run"), on_one_device("jax"), rtol=1e-4)
