"""Keras models on disk, and `KerasSession`, which runs one behind the interface of the on-device sessions."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands, geometry
from lapx_tf.errors import InputError
from lapx_tf.models.lapx import LAPX
from lapx_tf.skeletons import Skeleton
from lapx_tf.spec import ModelSpec, TensorSpec, sha256_of


def save(model: keras.Model, path: Path) -> None:
    """Writes a `.keras` file whole or not at all."""
    with commands.whole_file(path) as beside:
        model.save(beside)


def load(path: str | Path, *, compiled: bool = False) -> LAPX:
    """Reads a `.keras` file in safe mode: no code of the file is run.

    Args:
        path: the file.
        compiled: restore the optimizer, the loss and the metrics too.

    Raises:
        InputError: no such file, it holds no LAPX network, or one that a newer version of this package wrote.
    """
    path = commands.existing_file(path)
    if path.suffix != ".keras":
        raise InputError(f"a Keras model ends in .keras, got {path}")
    try:
        model: Any = keras.models.load_model(path, compile=compiled, safe_mode=True)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except Exception as error:
        raise InputError(f"{path} is not a whole Keras model: {_first_line(error)}") from error
    if not isinstance(model, LAPX):
        raise InputError(f"{path} holds a {type(model).__name__}, a LAPX network is needed")
    return model


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def keras_spec(model: LAPX, path: Path) -> ModelSpec:
    """What the sidecar JSON of a converted model says, for a Keras model in a file.

    Raises:
        InputError: the model's input size is free, so that there is no crop size to take.
    """
    height, width = model.image_size
    if height is None or width is None:
        raise InputError(f"{path} takes any input size; build it with a fixed `input_shape` to run or convert it")
    rows, columns = geometry.heatmap_size((height, width))
    return ModelSpec(
        file=path.name,
        sha256=sha256_of(path) if path.is_file() else "",
        precision="float32",
        input=TensorSpec("image", (1, height, width, 3)),
        output=TensorSpec("heatmaps", (1, rows, columns, model.joints)),
        skeleton=model.skeleton or Skeleton("unnamed", tuple(f"joint_{i}" for i in range(model.joints))),
        training=model.training_notes,
    )


class KerasSession:
    """Runs a Keras model; the interface of `lapx_tf.runtime.sessions.Session`.

    Args:
        model: the network.
        path: its file, named in the spec (it need not exist).
    """

    def __init__(self, model: LAPX, path: Path = Path("model.keras")) -> None:
        self.model, self.spec = model, keras_spec(model, path)

    def run(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        """Heat maps float32 [B, h, w, K] of normalised crops float32 [B, H, W, 3]."""
        return np.asarray(self.model.predict_on_batch(crops), np.float32)
