"""Engines: what computes a `.tflite` or `.onnx` file, whatever the file is for.

`open_engine("any.tflite")` is the way in. `lapx_tf.runtime.sessions` adds what the JSON of a pose model says.
"""

from collections.abc import Sequence
from pathlib import Path

from lapx_tf.commands import existing_file
from lapx_tf.errors import InputError
from lapx_tf.runtime.engines.base import UNKNOWN, Engine
from lapx_tf.runtime.engines.litert import LiteRt, TfliteRuntime
from lapx_tf.runtime.engines.onnx import OnnxRuntime

__all__ = ["RUNTIMES", "UNKNOWN", "Engine", "LiteRt", "OnnxRuntime", "TfliteRuntime", "engine_for", "open_engine"]

_ENGINES: dict[str, Sequence[type[Engine]]] = {
    ".tflite": (LiteRt, TfliteRuntime),
    ".onnx": (OnnxRuntime,),
}
"""What runs a file of each ending, the preferred one first."""

_SHORT = {"litert": LiteRt.runtime}

RUNTIMES = (*(engine.runtime for engines in _ENGINES.values() for engine in engines), *_SHORT)
"""The names that `open_engine` knows the runtimes by: those of their Python packages, and a short one."""


def engine_for(model: Path, runtime: str | None = None) -> type[Engine]:
    """What is to run a file, installed or not: an engine says by itself what it lacks.

    Args:
        model: a `.tflite` or `.onnx` file.
        runtime: one of `RUNTIMES`; None for the first one that is installed and runs files of this ending.

    Raises:
        InputError: the file has another ending, or the runtime is unknown or runs no files of this ending.
    """
    if runtime is not None and runtime not in RUNTIMES:
        raise InputError(f"there is no runtime {runtime!r}; accepted are {', '.join(RUNTIMES)}")
    if model.suffix == ".keras":
        raise InputError(f"{model} is a Keras model; convert it for the device first: python -m convert {model}")
    engines = _ENGINES.get(model.suffix)
    if engines is None:
        raise InputError(f"{model} has not the ending of a converted model; accepted are {', '.join(_ENGINES)}")
    if runtime is None:
        return next((engine for engine in engines if engine.is_installed()), engines[0])
    named = {engine.runtime: engine for engine in engines}
    name = _SHORT.get(runtime, runtime)
    if name not in named:
        raise InputError(f"{runtime} does not run {model.suffix} files; accepted are {', '.join(named)}")
    return named[name]


def open_engine(path: str | Path, threads: int = 1, runtime: str | None = None) -> Engine:
    """Opens a model.

    Args:
        path: a `.tflite` or `.onnx` file.
        threads: how many threads the runtime may use.
        runtime: see `engine_for`.

    Raises:
        InputError: the file is missing, of another kind or damaged; or the runtime is not what `engine_for` accepts, or is
            not installed.
    """
    model = existing_file(path)
    return engine_for(model, runtime)(model, threads)
