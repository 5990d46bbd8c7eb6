"""One conversion from end to end: convert, check, and only then put the file and its JSON in place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from convert import onnx, tflite, verify
from convert.calibration import Crops, load_crops
from convert.environment import require_tensorflow
from lapx_tf import commands
from lapx_tf.errors import GateError, InputError
from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX
from lapx_tf.runtime.sessions import open_session
from lapx_tf.silence import quiet
from lapx_tf.spec import ModelSpec, sha256_of, sidecar_of
from lapx_tf.version import __version__

Say = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What to convert into what.

    Attributes:
        model: the `.keras` file.
        to: `tflite` or `onnx`.
        precision: `float32` or `int8`.
        calibration: folder with a data set or with pictures; None for synthetic people.
        samples: number of crops for the ranges of int8.
        opset: version of ONNX' operations.
        out: folder for the result.
    """

    model: Path
    to: str
    precision: str
    calibration: Path | None
    samples: int
    opset: int
    out: Path

    @property
    def target(self) -> Path:
        """The file to write."""
        name = f"{self.model.stem}_{self.precision}.tflite" if self.to == "tflite" else f"{self.model.stem}.onnx"
        return self.out / name

    def check(self) -> None:
        """Raises an InputError where the request makes no sense."""
        if self.to == "onnx" and self.precision != "float32":
            raise InputError(f"ONNX files are offered in float32 only, got --precision {self.precision}")


def convert(request: Request, say: Say, verbose: bool = False) -> None:
    """Converts and checks a model; nothing is left behind unless all went well.

    Args:
        request: what to do.
        say: takes lines for the user.
        verbose: let the tools talk too.

    Raises:
        InputError: the model or the pictures can't be used.
        GateError: the result does not agree with Keras, or holds operations that plain runtimes don't have.
    """
    request.check()
    require_tensorflow(keras.config.backend())
    with quiet(not verbose):
        model = storage.load(request.model)
        spec = storage.keras_spec(model, request.model)
    say(f"{request.model}: {model.count_params():,} parameters, input {spec.input_size[0]}x{spec.input_size[1]}")
    crops = load_crops(request.calibration, spec.input_size, request.samples)
    say(f"crops: {crops.source}, {len(crops.calibration)} to calibrate with and {len(crops.check)} to check with")
    with _in_place(request.target) as (file, sidecar), quiet(not verbose):
        _write(request, model, file, crops)
        finished = _checked(request, model, spec, file, crops)
        commands.write_json(sidecar, finished.to_dict())
    say(_summary(finished.conversion["check"]))
    say(f"{request.target}: {request.target.stat().st_size:,} bytes, and {sidecar_of(request.target).name}")


@contextmanager
def _in_place(target: Path) -> Iterator[tuple[Path, Path]]:
    """Paths to write a model and its JSON to; both are renamed at the end, or neither is kept."""
    # The model is entered last, so renamed first: should the machine stop in between, the JSON's sha256 shows it.
    with commands.whole_file(sidecar_of(target)) as sidecar, commands.whole_file(target) as file:
        try:
            yield file, sidecar
        finally:
            sidecar_of(file).unlink(missing_ok=True)


def _write(request: Request, model: LAPX, file: Path, crops: Crops) -> None:
    if request.to == "tflite":
        tflite.write(model, file, request.precision, crops.calibration)
    else:
        onnx.write(model, file, request.opset)


def _checked(request: Request, model: LAPX, spec: ModelSpec, file: Path, crops: Crops) -> ModelSpec:
    """Opens the written file as a user would, compares it with Keras and returns what its JSON says."""
    kind = tflite if request.to == "tflite" else onnx
    operators = kind.operators(file)
    source, output = kind.tensors(file)
    spec = replace(spec, file=request.target.name, sha256=sha256_of(file), precision=request.precision)
    spec = replace(spec, input=source, output=output)
    commands.write_json(sidecar_of(file), spec.to_dict())
    expected = storage.KerasSession(model, request.model).run(crops.check)
    found = verify.compare(expected, _run(file, crops.check))
    bounds = (verify.check_int8 if request.precision == "int8" else verify.check_float32)(found)
    check = {"source": crops.source, **asdict(found), "bounds": bounds}
    return replace(spec, conversion=_history(request, crops) | {"check": check, "operators": dict(operators)})


def _run(file: Path, crops: NDArray[np.float32]) -> NDArray[np.float32]:
    """Heat maps from the written file. What it can't do here is the conversion's fault, not the user's."""
    try:
        return open_session(file).run(crops)
    except (InputError, ValueError, RuntimeError) as error:
        raise GateError(f"the converted file does not run: {error}") from error


def _history(request: Request, crops: Crops) -> dict[str, Any]:
    tools = {"lapx-tf": __version__, "tensorflow": tf.__version__, "keras": keras.__version__}
    names = ("ai-edge-litert",) if request.to == "tflite" else ("tf2onnx", "onnx", "onnxruntime")
    calibrated = {"source": crops.source, "crops": len(crops.calibration)} if request.precision == "int8" else None
    return {
        "from": {"file": request.model.name, "sha256": sha256_of(request.model)},
        "tools": tools | {name: version(name) for name in names},
        "opset": request.opset if request.to == "onnx" else None,
        "calibration": calibrated,
    }


def _summary(check: dict[str, Any]) -> str:
    line = (
        f"agrees with Keras on {check['crops']} crops: largest difference {check['max_difference']:.2g} of a range of"
        f" {check['heatmap_range']:.3g}, signal to noise {check['signal_to_noise_db']:.1f} dB"
    )
    if check["median_distance"] is None:
        return line
    return (
        f"{line}, {check['decided']} clear joints of {check['joints']} moved by {check['median_distance']:.2f} pixels of the"
        f" crop in the median, {check['p95_distance']:.2f} at the 95th percentile"
    )
