"""Predictions that anybody made, from a file: [N, K, 2 or more] numbers in HDF5, NumPy's .npz, MATLAB's .mat or JSON."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.data.records import read_json
from lapx_tf.errors import InputError

NAME = "preds"
"""Of the array in the file; with another name it must be the only one of a fitting shape."""


def read_joints(path: Path, count: int, joints: Sequence[int]) -> NDArray[np.float64]:
    """Reads the predicted joints of persons.

    No file can make this run code: nothing is unpickled.

    Args:
        path: a file of one of `READERS`.
        count: N, how many persons there must be.
        joints: the numbers of joints that are possible.

    Returns:
        float64 [N, K, 2 or more] as they are in the file, finite or not.

    Raises:
        InputError: the file can't be read or holds no such array.
    """
    commands.existing_file(path)
    if path.suffix not in READERS:
        raise InputError(f"predictions must end in {', '.join(READERS)}, got {path}")
    arrays = _arrays(path)
    fitting = [name for name, array in arrays.items() if _fits(array, count, joints)]
    if NAME in fitting:
        fitting = [NAME]
    if len(fitting) != 1:
        wanted = f"[{count}, {' or '.join(map(str, joints))}, 2 or more] numbers"
        held = ", ".join(f"{name} {list(array.shape)} {array.dtype}" for name, array in arrays.items()) or "no array"
        raise InputError(f"{path} must hold one array `{NAME}` of {wanted}; it holds {held:.200}")
    return np.asarray(arrays[fitting[0]], np.float64)


def _fits(array: NDArray, count: int, joints: Sequence[int]) -> bool:
    return (
        array.dtype.kind in "iuf"
        and array.ndim == 3
        and array.shape[0] == count
        and array.shape[1] in joints
        and array.shape[2] >= 2
    )


def _arrays(path: Path) -> Mapping[str, NDArray]:
    """What the file holds, by name."""
    try:
        return READERS[path.suffix](path)
    except InputError:
        raise
    except Exception as error:  # a damaged file makes these libraries raise nearly anything
        sentence = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(f"{path} is not a whole {path.suffix} file: {sentence:.200}") from error


def _from_hdf5(path: Path) -> dict[str, NDArray]:
    import h5py  # here, because only those who train have it

    with h5py.File(path, "r") as file:
        return {name: np.asarray(item) for name, item in file.items() if isinstance(item, h5py.Dataset)}


def _from_npz(path: Path) -> dict[str, NDArray]:
    with path.open("rb") as file:
        stored: Any = np.load(file, allow_pickle=False)
        if not isinstance(stored, np.lib.npyio.NpzFile):
            raise InputError(
                f"{path} is not an .npz file but a single array; save it with numpy.savez(file, {NAME}=...)"
            )
        return dict(stored)


def _from_matlab(path: Path) -> dict[str, NDArray]:
    import scipy.io  # likewise

    stored = scipy.io.loadmat(str(path))
    return {name: array for name, array in stored.items() if isinstance(array, np.ndarray)}


def _from_json(path: Path) -> dict[str, NDArray]:
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get(NAME), list):
        raise InputError(f'{path} must hold {{"{NAME}": [[[x, y], ...], ...]}}')
    try:
        return {NAME: np.asarray(content[NAME])}
    except ValueError as error:  # lists of different lengths
        raise InputError(f"{path}: the lists of `{NAME}` must be of the same lengths") from error


READERS: Mapping[str, Callable[[Path], Mapping[str, NDArray]]] = {
    ".h5": _from_hdf5,
    ".json": _from_json,
    ".npz": _from_npz,
    ".mat": _from_matlab,
}
"""The formats by the ending of the file's name."""
