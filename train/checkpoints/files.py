"""The files of checkpoints: whole, durable and checked. The last two are kept.

A file is NumPy's `.npz` (a zip of arrays, nothing pickled) with two texts among the arrays: how far the training is, and the
sha256 of everything else.
"""

import hashlib
import json
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.errors import InputError
from train.checkpoints.state import Progress, State

KEPT = 2
"""The newest may be damaged: then there is the one before."""

_PROGRESS, _DIGEST = "progress", "sha256"

log = logging.getLogger(__name__)


class DamagedError(InputError):
    """A checkpoint is not what was written."""


def path_of(folder: Path, progress: Progress) -> Path:
    """The file of a state; the order of names is that of the training."""
    return folder / f"epoch-{progress.epochs_done:06d}-step-{progress.steps_done:07d}.npz"


def files(folder: Path) -> list[Path]:
    """The checkpoints in a folder, the newest last."""
    return sorted(folder.glob("epoch-*.npz"))


def write(folder: Path, state: State) -> Path:
    """Writes a checkpoint whole, so that it outlives a power failure, then removes all but the last two.

    Returns:
        The file.

    Raises:
        OSError: it can't be written, for example because the disk is full; then the others are as they were.
    """
    path = path_of(folder, state.progress)
    texts = {_PROGRESS: np.array(json.dumps(state.progress.to_dict())), _DIGEST: np.array(_digest(state))}
    content: dict[str, Any] = {**state.arrays, **texts}
    with commands.whole_file(path) as beside:
        with beside.open("wb") as file:
            np.savez(file, **content)
        sync(beside)
    sync(folder)
    for old in files(folder)[:-KEPT]:
        old.unlink()
    return path


def read(path: Path) -> State:
    """Reads a checkpoint and checks every bit of its content.

    Raises:
        DamagedError: the file is cut or changed.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays: dict[str, NDArray[Any]] = dict(stored)
        digest, progress = (str(arrays.pop(name)) for name in (_DIGEST, _PROGRESS))
        state = State(Progress(**json.loads(progress)), arrays)
    except Exception as error:  # a damaged file makes zipfile, zlib and NumPy raise nearly anything
        sentence = str(error).partition("\n")[0] or type(error).__name__
        raise DamagedError(f"{path} is not a whole checkpoint: {sentence:.200}") from error
    if _digest(state) != digest:
        raise DamagedError(f"{path} is not what was written: its sha256 differs")
    return state


def newest(folder: Path) -> State | None:
    """The newest checkpoint that is whole; None where there is none at all.

    Damaged ones that are newer are named in a warning and renamed, so that they are never counted among those kept.

    Raises:
        InputError: there are checkpoints, but none is whole.
    """
    damaged: list[str] = []
    for path in reversed(files(folder)):
        try:
            state = read(path)
        except DamagedError as error:
            damaged.append(str(error))
            continue
        for sentence, other in zip(damaged, reversed(files(folder)), strict=False):
            log.warning("%s; going on from the one before, %s", sentence, path)
            with suppress(FileNotFoundError):  # another process of the same training was faster
                other.rename(other.with_name(f"{other.name}.damaged"))
        return state
    if damaged:
        raise InputError(f"no checkpoint to go on from: {'; '.join(damaged)}")
    return None


def sync(path: Path) -> None:
    """Waits until a file's content, or a folder's list of files, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(state: State) -> str:
    """Of the names, kinds, shapes and bytes of all arrays, and of the progress."""
    digest = hashlib.sha256(json.dumps(state.progress.to_dict(), sort_keys=True).encode())
    for name, array in sorted(state.arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
