"""One conversion from end to end: convert, check, and only then put the file and its JSON in place."""

import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from convert import onnx, tflite
from convert.gates import suite
from convert.gates.result import Results
from convert.graph import inference_function
from convert.reference import Reference
from convert.request import CALIBRATED, Request, Variant
from lapx_tf import commands
from lapx_tf.models.lapx import LAPX
from lapx_tf.runtime.benchmark import counting
from lapx_tf.silence import quiet
from lapx_tf.spec import ModelSpec, sha256_of, sidecar_of
from lapx_tf.version import __version__

_TOOLS = {"tflite": ("ai-edge-litert",), "onnx": ("tf2onnx", "onnx", "onnxruntime")}


@dataclass(frozen=True)
class Made:
    """A file that passed its gates.

    Attributes:
        file: where it lies, with its JSON beside it.
        results: what the gates found.
        seconds: that making and checking it took.
    """

    file: Path
    results: Results
    seconds: float


def export(request: Request, variant: Variant, model: LAPX, reference: Reference, folder: Path) -> Made:
    """Makes one file and checks it.

    Args:
        request: what the command was asked.
        variant: which of its files to make.
        model: the whole network.
        reference: Keras' answers.
        folder: to write into; what is in it when an error is raised is of no use.

    Raises:
        InputError: the network can't be converted so.
        GateError: the result is not what it should be.
    """
    start, file = time.monotonic(), folder / variant.file_name(request.model.stem)
    with quiet(not request.verbose):
        _write(request, variant, model, reference, file)
        spec = _spec(request, variant, reference, file)
        commands.write_json(sidecar_of(file), spec.to_dict())
        results = suite.check(file, reference)
    suite.require(results)
    check = {gate: result.to_dict() for gate, result in results.items()}
    commands.write_json(sidecar_of(file), replace(spec, conversion=spec.conversion | {"check": check}).to_dict())
    return Made(file, results, time.monotonic() - start)


def _write(request: Request, variant: Variant, model: LAPX, reference: Reference, file: Path) -> None:
    function = inference_function(model, variant.graph)
    raw = variant.graph.pixel_values != "normalized"
    crops = reference.crops
    calibration = crops.calibration_pixels.astype("float32") if raw else crops.calibration
    about = _about(request, variant, reference)
    if variant.to == "tflite":
        tflite.write(function, file, variant.precision, calibration, about=about, keep_float=variant.keep_float)
    else:
        onnx.write(function, file, variant.precision, variant.opset, variant.layout, calibration, about)


def _spec(request: Request, variant: Variant, reference: Reference, file: Path) -> ModelSpec:
    """What the JSON says, but for what the checks find."""
    source, output = (tflite if variant.to == "tflite" else onnx).tensors(file)
    graph = variant.graph
    return replace(
        reference.spec,
        file=file.name,
        sha256=sha256_of(file),
        precision=variant.precision,
        input=source,
        output=output,
        layout=variant.layout.upper(),
        pixel_values="normalized" if graph.pixel_values == "normalized" else "raw",
        kind=graph.output,
        flip_test=graph.flip_test,
        conversion=_history(request, variant, reference, file),
    )


def _history(request: Request, variant: Variant, reference: Reference, file: Path) -> dict[str, Any]:
    tools = {"lapx-tf": __version__, "tensorflow": tf.__version__, "keras": keras.__version__}
    crops, counts = reference.crops, counting.counted(file)
    calibrated = {"source": crops.source, "crops": len(crops.calibration_pixels)}
    return {
        "from": {"file": reference.spec.file, "sha256": reference.spec.sha256},
        "licence": request.licence,
        "tools": tools | {name: version(name) for name in _TOOLS[variant.to]},
        "options": variant.options(),
        "calibration": calibrated if variant.precision in CALIBRATED else None,
        counting.KEY: counts and asdict(counts),
    }


def _about(request: Request, variant: Variant, reference: Reference) -> dict[str, str]:
    """What the file says about itself, in words."""
    skeleton, source = reference.spec.skeleton, reference.spec
    gives = "joints (x, y, score) in pixels of the crop" if variant.graph.output == "keypoints" else "heat maps"
    return {
        "description": f"LAPX human pose estimation: {gives} of the {len(skeleton.joints)} joints of {skeleton.name}",
        "licence": request.licence or "not stated",
        "provenance": f"{source.file}, sha256 {source.sha256}, converted by lapx-tf {__version__}",
    }
