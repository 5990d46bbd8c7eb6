"""State dicts from files, as NumPy arrays. No code of a file is ever run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.errors import InputError

State = dict[str, NDArray[Any]]

PREFIX = "state/"
"""In an `.npz`, what precedes the names of weights; other entries are not looked at."""


def read_state(path: Path) -> State:
    """The weights of a checkpoint by their names, without the `module.` of `DataParallel`.

    Raises:
        InputError: no such file, not one of the three kinds, damaged, or holding more than arrays.
    """
    readers = {".safetensors": _read_safetensors, ".npz": _read_npz, ".pth": _read_torch, ".pt": _read_torch}
    reader = readers.get(commands.existing_file(path).suffix)
    if reader is None:
        raise InputError(f"a checkpoint ends in {', '.join(readers)}, got {path}")
    state = reader(path)
    if not state:
        raise InputError(f"{path} holds no weights")
    return {name.removeprefix("module."): value for name, value in state.items()}


def _read_npz(path: Path) -> State:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name.removeprefix(PREFIX): stored[name] for name in stored.files if name.startswith(PREFIX)}
    except Exception as error:  # zip, zlib and NumPy each raise their own; objects a ValueError
        raise InputError(f"{path} is not an .npz file of plain arrays: {error}") from error


def _read_safetensors(path: Path) -> State:
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError as error:
        raise InputError(f"{path} needs the package safetensors: pip install lapx-tf[convert]") from error
    try:
        return load_file(path)
    except (SafetensorError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not a .safetensors file that can be read: {error}") from error


def _read_torch(path: Path) -> State:
    try:
        import torch  # type: ignore[import-not-found]
    except ImportError as error:
        raise InputError(
            f"{path} needs PyTorch to be read: pip install torch, or save the state dict as .safetensors or .npz"
        ) from error
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes torch raise nearly anything
        # Not torch's own words: they advise to load the file with its code.
        raise InputError(
            f"{path} is damaged or not a PyTorch file of plain weights ({type(error).__name__}); save the state dict alone"
        ) from error
    weights = stored.get("state_dict", stored) if isinstance(stored, Mapping) else None
    if not isinstance(weights, Mapping):
        raise InputError(f"{path} holds no state dict but a {type(stored).__name__}")
    other = [name for name, value in weights.items() if not isinstance(value, torch.Tensor)]
    if other:
        raise InputError(f"{path} is no state dict: {other[0]!r} is no tensor")
    # float32 at once: NumPy has no bfloat16.
    return {str(name): value.detach().float().numpy() for name, value in weights.items()}
