"""Tiny networks whose weights are random in every place, so that a mix-up of two weights shows."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert import jobs
from convert.__main__ import main
from lapx_tf.errors import GateError, InputError
from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX
from lapx_tf.skeletons import MPII_16
from tests.helpers import randomize

SIZE = (64, 64)


@pytest.fixture(scope="session")
def network() -> LAPX:
    """One stack with NonLocal; not to be changed."""
    notes = {"dataset": "none, random weights"}
    return randomize(LAPX(16, 1, 1, (1,), 16, (*SIZE, 3), MPII_16, notes, name="tiny"))


@pytest.fixture(scope="session")
def keras_file(network: LAPX, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network as `tiny.keras`."""
    path = tmp_path_factory.mktemp("keras") / "tiny.keras"
    storage.save(network, path)
    return path


@pytest.fixture(scope="session")
def picture() -> Callable[[Path, int], None]:
    """Writes a smooth random picture, higher than wide."""

    def write(path: Path, seed: int) -> None:
        noise = np.random.default_rng(seed).integers(0, 256, (6, 4, 3), dtype=np.uint8)
        cv2.imwrite(str(path), cv2.resize(noise, (80, 120), interpolation=cv2.INTER_CUBIC))

    return write


@pytest.fixture(scope="session")
def pictures(picture, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of eight."""
    folder = tmp_path_factory.mktemp("pictures")
    for seed in range(8):
        picture(folder / f"{seed}.png", seed)
    return folder


def in_this_process(work, names, at_once, logs, on_start, on_end) -> None:
    """Like `jobs.run`, but quicker, and what a test has changed holds in the jobs, too."""
    for job in names:
        on_start(job)
        try:
            answer = work(job)
        except (GateError, InputError, OSError) as error:
            answer = error
        on_end(job, answer)


@pytest.fixture(scope="session")
def convert(keras_file: Path, pictures: Path) -> Callable[..., int]:
    """Runs the command in this process and returns its exit code."""

    def run(out: Path, *arguments: str, model: Path = keras_file, folder: Path = pictures) -> int:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jobs, "run", in_this_process)
            return main([str(model), *arguments, "--calibration", str(folder), "--out", str(out)])

    return run


@pytest.fixture(scope="session")
def tflite_files(convert, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `tiny_float32.tflite` and `tiny_int8.tflite`, their JSONs and nothing else; not to be changed."""
    out = tmp_path_factory.mktemp("tflite")
    assert convert(out, "--to", "tflite", "--precision", "float32", "int8") == 0
    names = {"tiny_float32.tflite", "tiny_int8.tflite"}
    assert {path.name for path in out.iterdir()} == names | {f"{name}.json" for name in names}
    return out


@pytest.fixture(scope="session")
def float32_file(tflite_files: Path) -> Path:
    """`tiny_float32.tflite` with its JSON; not to be changed."""
    return tflite_files / "tiny_float32.tflite"
