"""The files that `convert.bench` and `convert.gains` time, and what is known of them before they run."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from rich.progress import Progress

from convert import batch, jobs, tflite
from convert.calibration import load_crops
from convert.graph import inference_function
from convert.graph.macs import macs
from convert.graph.options import GraphOptions
from convert.random_weights import move_off_identity
from convert.request import Request, Variant, variants_of
from lapx_tf import commands, presets
from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX
from lapx_tf.silence import quiet
from lapx_tf.skeletons import MPII_16
from lapx_tf.spec import sha256_of, sidecar_of

SAMPLES = 16
"""Crops to calibrate int8 with: the time does not depend on the ranges."""

PLAIN = ("float32", "int8")
_CODE = (Path(__file__).parent, Path(presets.__file__).parent)
_TOOLS = ("tensorflow-cpu", "tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime")

Job = TypeVar("Job")
Answer = TypeVar("Answer")

Known = dict[str, dict[str, Any]]
"""What is known of files, by their names: the fields of `File` but for its path."""


@dataclass(frozen=True)
class File:
    """A file to time.

    Attributes:
        path: with its JSON beside it.
        label: what it is, in words.
        precision: of the file.
        macs: multiply-accumulates that its graph asks for.
    """

    path: Path
    label: str
    precision: str
    macs: int


def write_network(path: Path) -> None:
    """LAPX with random weights."""
    model = presets.lapx(skeleton=MPII_16)
    move_off_identity(model)
    storage.save(model, path)


def groups(model: LAPX) -> list[tuple[Variant, ...]]:
    """What is converted of a network: each precision of each format, cut networks, and the form for GPUs."""
    whole = GraphOptions()
    attention = [f"stack{stack}/hourglass/attention/position" for stack in model.nonlocal_layers()]
    cut = [replace(whole, stacks=stacks) for stacks in range(1, len(model.stacks))]
    return [
        variants_of(("tflite",), ("float32", "float16", "dynamic", "int8"), whole),
        *([variants_of(("tflite",), ("int8",), whole, keep_float=attention)] if attention else []),
        variants_of(("onnx",), ("float32", "float16", "int8"), whole),
        *(variants_of(("tflite",), ("float32", "int8"), graph) for graph in cut),
        variants_of(("tflite",), ("float32",), replace(whole, target="gpu")),
    ]


def label_of(variant: Variant) -> str:
    """A variant in words."""
    kind = {"tflite": "TFLite", "onnx": "ONNX"}[variant.to]
    marks = {
        "attention over positions in float": bool(variant.keep_float),
        f"cut after stack {variant.graph.stacks}": variant.graph.stacks is not None,
        "form for GPUs": variant.graph.target == "gpu",
    }
    return ", ".join([f"{kind} {variant.precision}", *(mark for mark, present in marks.items() if present)])


def made(network: Path, folder: Path, progress: Progress) -> list[File]:
    """The files of a network, made where they are not there or of another state of the code; the plain conversions first.

    Args:
        network: a `.keras` file.
        folder: for the files, and for what is known of them.
        progress: shows what is under way.

    Raises:
        GateError: a file fails a check.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record, fingerprint = folder / "files.json", fingerprint_of(network)
    known: dict[str, Any] = json.loads(record.read_text("utf-8")) if record.is_file() else {}
    if known.get("fingerprint") != fingerprint:
        known = {"fingerprint": fingerprint, "files": {}}
    with quiet():
        model = storage.load(network)
    for make in [partial(_plain, network), *(partial(_converted, network, group) for group in groups(model))]:
        known["files"] |= make(folder, model, known["files"], progress)
        commands.write_json(record, known)
    return [File(folder / name, **about) for name, about in known["files"].items()]


def fingerprint_of(network: Path) -> str:
    """Changes with the network, the code of the conversion and the versions of what it uses."""
    found = hashlib.sha256(sha256_of(network).encode())
    for file in (file for folder in _CODE for file in sorted(folder.rglob("*.py"))):
        if not file.name.startswith(("bench.", "bench_report", "gains")):  # what only measures
            found.update(file.read_bytes())
    for tool in _TOOLS:
        found.update(f"{tool} {_version(tool)}".encode())
    return found.hexdigest()


def _version(tool: str) -> str:
    try:
        return version(tool)
    except ModuleNotFoundError:  # tensorflow goes by one of two names
        return "none"


def _plain(network: Path, folder: Path, model: LAPX, known: Known, _: Progress) -> Known:
    """The plain conversions and what is known of them, as far as they are not known yet."""
    names = {f"{network.stem}_plain_{precision}.tflite": precision for precision in PLAIN}
    missing = {name: precision for name, precision in names.items() if name not in known}
    in_processes(partial(_write_plain, network, folder), list(missing.items()))
    with quiet():
        count = macs(keras_function(model)) if missing else 0
    return {name: _about(f"plain TFLite {precision}", precision, count) for name, precision in missing.items()}


def _converted(
    network: Path, variants: tuple[Variant, ...], folder: Path, model: LAPX, known: Known, progress: Progress
) -> Known:
    """The files of a group and what is known of them, as far as they are not known yet."""
    missing = tuple(variant for variant in variants if variant.file_name(network.stem) not in known)
    if not missing:
        return {}
    batch.convert(Request(network, missing, folder, samples=SAMPLES), progress)
    with quiet():
        counts = {graph: macs(inference_function(model, graph)) for graph in {variant.graph for variant in missing}}
    return {one.file_name(network.stem): _about(label_of(one), one.precision, counts[one.graph]) for one in missing}


def _about(label: str, precision: str, count: int) -> dict[str, Any]:
    """A `File` without its path, as JSON keeps it."""
    return {"label": label, "precision": precision, "macs": count}


def in_processes(
    work: Callable[[Job], Answer], items: Iterable[Job], on_done: Callable[[], None] = lambda: None
) -> list[Answer]:
    """Does something with each item in a process of its own, for TensorFlow's converter leaks; returns the answers.

    Raises:
        InputError, GateError, OSError: what one of them raises.
    """
    answers: dict[Job, Answer] = {}

    def on_end(item: Job, answer: Answer | Exception) -> None:
        if isinstance(answer, Exception):
            raise answer
        answers[item] = answer
        on_done()

    items = list(items)
    jobs.run(work, items, 1, None, lambda _: None, on_end)
    return [answers[item] for item in items]


def keras_function(model: LAPX) -> Any:
    """The network as Keras builds its graph, for one image: what the converters start from if nothing is rewritten."""
    image = tf.TensorSpec((1, *model.image_size, 3), tf.float32, "image")
    return tf.function(lambda image: model(image, training=False)).get_concrete_function(image)


def _write_plain(network: Path, folder: Path, of: tuple[str, str]) -> None:
    name, precision = of
    with quiet():
        model = storage.load(network)
        write_plain(model, folder / name, precision, calibration_of(model))


def calibration_of(model: LAPX) -> NDArray[np.float32]:
    """Crops of synthetic people, float32 [N, H, W, 3]."""
    return load_crops(None, storage.keras_spec(model, Path("network")).input_size, SAMPLES).calibration


def write_plain(model: LAPX, file: Path, precision: str, crops: NDArray[np.float32]) -> None:
    """What TensorFlow's converter makes of Keras' graph by itself, as its documentation shows, with a JSON beside it."""
    converter = tf.lite.TFLiteConverter.from_concrete_functions([keras_function(model)], model)
    converter.experimental_lower_to_saved_model = False  # which would leave the weights as variables
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if precision == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([crop[None]] for crop in crops)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    file.write_bytes(converter.convert())
    describe(model, file, precision)


def describe(model: LAPX, file: Path, precision: str) -> None:
    """Writes the JSON that a session needs of a TensorFlow Lite file of heat maps."""
    source, output = tflite.tensors(file)
    spec = replace(
        storage.keras_spec(model, file),
        file=file.name,
        sha256=sha256_of(file),
        precision=precision,
        input=source,
        output=output,
    )
    commands.write_json(sidecar_of(file), spec.to_dict())
