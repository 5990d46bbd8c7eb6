"""The trained networks that come with the package, by name: `lapx_small_lsp`, or `lapx_small_lsp:int8` for one of its files.

`lapx_tf/weights/index.json` says which files there are and what their sha256 is. `python -m train.release` writes them.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from lapx_tf.errors import InputError
from lapx_tf.spec import sha256_of

FOLDER = Path(__file__).parent / "weights"
INDEX = "index.json"

KERAS, FLOAT16, INT8 = "keras", "float16", "int8"
KINDS = (KERAS, FLOAT16, INT8)
"""Of files: the network for training and conversion, and two TFLite files for the device."""


def index(folder: Path = FOLDER) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """For each network and each kind the `file`, in `folder`, and its `sha256`."""
    return json.loads((folder / INDEX).read_text("utf-8"))


def names() -> list[str]:
    """The networks that there are."""
    return sorted(index())


def file_of(name: str, kind: str = KERAS, folder: Path = FOLDER) -> Path:
    """A file of a trained network.

    Args:
        name: of the network, one of `names()`.
        kind: one of `KINDS`.
        folder: where the networks lie.

    Raises:
        InputError: there is no such network or kind, or the file is not the one that was released.
    """
    networks = index(folder)
    if name not in networks:
        raise InputError(f"no trained network {name!r}; there are {', '.join(sorted(networks))}")
    if kind not in networks[name]:
        raise InputError(f"{name} has no file {kind!r}; there are {', '.join(networks[name])}")
    entry = networks[name][kind]
    path = folder / entry["file"]
    if not path.is_file():
        raise InputError(f"{path}, a file of {name}, is missing: install lapx-tf again")
    if (found := sha256_of(path)) != entry["sha256"]:
        raise InputError(f"{path} is not the file that was released: sha256 {found}, not {entry['sha256']}")
    return path


def find(model: str | Path, kind: str) -> Path:
    """The file that a user means: the one at that path, or that of a trained network.

    Args:
        model: a path; or NAME or NAME:KIND, where there is no such file.
        kind: for NAME alone.

    Raises:
        InputError: see `file_of`; or it is neither a path nor the name of a network.
    """
    path, (name, _, asked) = Path(model), str(model).partition(":")
    if path.is_file():
        return path
    if name in names():
        return file_of(name, asked or kind)
    if path.exists() or path.suffix or len(path.parts) > 1:
        return path  # meant as a path: whoever opens it says what is wrong with it
    raise InputError(f"no such file or trained network: {model}; the networks are {', '.join(names())}")


class TakesArguments(Protocol):
    """A parser, or a group of one."""

    def add_argument(self, *names: str, **options: Any) -> Any:
        """See argparse."""


def add_model_argument(parser: TakesArguments, kind: str, name: str = "model", **options: Any) -> None:
    """Adds an argument MODEL: a file, or a trained network of which `kind` is taken where none is named.

    Args:
        parser: of the command, or a group of it.
        kind: one of `KINDS`.
        name: of the argument.
        options: of `add_argument`, in place of those here.
    """
    files = "a .keras file" if kind == KERAS else "a .tflite or .onnx file with its .json beside it"
    help_text = f"{files}, or the name of a trained network"
    parser.add_argument(name, **{"type": _parser_of(kind), "metavar": "MODEL", "help": help_text, **options})


def _parser_of(kind: str) -> Callable[[str], Path]:
    def parse(text: str) -> Path:
        try:
            return find(text, kind)
        except InputError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parse
