"""Sessions: a model that turns crops into heat maps or joints, whatever runtime computes them.

`open_session("pose.tflite")` is the way in. Whoever has another runtime writes a class with `spec` and `run` (see `Session`).
"""

from collections.abc import Sequence
from pathlib import Path

from lapx_tf.commands import existing_file
from lapx_tf.errors import InputError
from lapx_tf.runtime.sessions.base import FileSession, Session, dequantize, quantize
from lapx_tf.runtime.sessions.litert import LiteRtSession, TfliteRuntimeSession
from lapx_tf.runtime.sessions.onnx import OnnxSession

__all__ = [
    "RUNTIMES",
    "FileSession",
    "LiteRtSession",
    "OnnxSession",
    "Session",
    "TfliteRuntimeSession",
    "dequantize",
    "open_session",
    "quantize",
]

_SESSIONS: dict[str, Sequence[type[FileSession]]] = {
    ".tflite": (LiteRtSession, TfliteRuntimeSession),
    ".onnx": (OnnxSession,),
}
"""What runs a file of each ending, the preferred runtime first."""

RUNTIMES = tuple(session.runtime for sessions in _SESSIONS.values() for session in sessions)
"""The names that `open_session` knows the runtimes by: those of their Python packages."""


def open_session(path: str | Path, threads: int = 1, runtime: str | None = None) -> FileSession:
    """Opens a converted model.

    Args:
        path: a `.tflite` or `.onnx` file, with the JSON that `python -m convert` writes beside it.
        threads: how many threads the runtime may use.
        runtime: one of `RUNTIMES`; None for the first one that is installed and runs files of this ending.

    Raises:
        InputError: the file is missing, of another kind, damaged, or not what its JSON describes; or the runtime is unknown,
            not installed, or runs no files of this ending.
    """
    if threads < 1:
        raise InputError(f"threads must be 1 or more, got {threads}")
    if runtime is not None and runtime not in RUNTIMES:
        raise InputError(f"there is no runtime {runtime!r}; accepted are {', '.join(RUNTIMES)}")
    model = existing_file(path)
    return _session_for(model, runtime)(model, threads)


def _session_for(model: Path, runtime: str | None) -> type[FileSession]:
    """What is to run a file, installed or not: a session says by itself what it lacks."""
    if model.suffix == ".keras":
        raise InputError(f"{model} is a Keras model; convert it for the device first: python -m convert {model}")
    sessions = _SESSIONS.get(model.suffix)
    if sessions is None:
        raise InputError(f"{model} has not the ending of a converted model; accepted are {', '.join(_SESSIONS)}")
    if runtime is None:
        return next((session for session in sessions if session.is_installed()), sessions[0])
    named = {session.runtime: session for session in sessions}
    if runtime not in named:
        raise InputError(f"{runtime} does not run {model.suffix} files; accepted are {', '.join(named)}")
    return named[runtime]
