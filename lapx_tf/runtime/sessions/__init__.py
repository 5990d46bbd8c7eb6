"""Sessions: a model that turns crops into heat maps or joints, whatever runtime computes them.

`open_session("pose.tflite")` is the way in. Whoever has another runtime writes a class with `spec` and `run` (see `Session`).
"""

from pathlib import Path

from lapx_tf.commands import existing_file
from lapx_tf.pretrained import FLOAT16, find
from lapx_tf.runtime.engines import RUNTIMES, engine_for
from lapx_tf.runtime.sessions.base import FileSession, Session, dequantize, quantize
from lapx_tf.runtime.sessions.checks import check_spec
from lapx_tf.spec import read_spec

__all__ = ["RUNTIMES", "FileSession", "Session", "dequantize", "open_session", "quantize"]


def open_session(path: str | Path, threads: int = 1, runtime: str | None = None) -> FileSession:
    """Opens a converted model.

    Args:
        path: a `.tflite` or `.onnx` file, with the JSON that `python -m convert` writes beside it; or the name of a trained
            network, such as `lapx_small_lsp:int8`.
        threads: how many threads the runtime may use.
        runtime: one of `RUNTIMES`; None for the first one that is installed and runs files of this ending.

    Raises:
        InputError: see `engine_for` and `read_spec`; the runtime is not installed; or the file is not what its JSON describes.
    """
    model = existing_file(find(path, FLOAT16))
    engine = engine_for(model, runtime)
    spec = read_spec(model)
    check_spec(model, spec)
    return FileSession(engine(model, threads), spec)
