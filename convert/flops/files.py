"""The files that are measured: made once, those of each network in a process of its own, as far as they are missing."""

import hashlib
import json
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from convert import flatbuffer, islands, jobs, onnx, onnx_precision, random_weights, tflite, tflite_quantize
from convert import graph as graphs
from convert.calibration import load_crops
from convert.flops import forms, networks
from convert.gates import suite
from convert.gates.result import Results
from convert.graph.macs import macs
from convert.reference import Reference
from convert.request import DEFAULT_OPSET
from lapx_tf import commands, geometry, models
from lapx_tf.errors import GateError, InputError
from lapx_tf.runtime.benchmark.counting import KEY
from lapx_tf.silence import quiet
from lapx_tf.skeletons import MPII_16
from lapx_tf.spec import ModelSpec, TensorSpec, read_spec, sha256_of, sidecar_of

SAMPLES = 16
"""Crops to calibrate int8 with: the time does not depend on the ranges."""

AGREEMENT = 1e-4
"""Largest difference from Keras in float32, as a part of the heat maps' range; ten times what trained networks are held to."""

_RECIPE = "recipe"
_CODE = (
    graphs,
    models,
    flatbuffer,
    islands,
    onnx,
    onnx_precision,
    tflite,
    tflite_quantize,
    forms,
    networks,
    random_weights,
)
_TOOLS = ("keras", "tf2onnx", "onnx")


@dataclass(frozen=True)
class File:
    """A file to measure.

    Attributes:
        key: of its network.
        size: (height, width) of its input.
        kind: `tflite` or `onnx`.
        precision: `float32` or `int8`.
    """

    key: str
    size: tuple[int, int]
    kind: str
    precision: str

    @property
    def name(self) -> str:
        """Of the file."""
        height, width = self.size
        return f"{self.key}_{height}x{width}_{self.precision}.{self.kind}"

    def in_words(self) -> str:
        """For progress."""
        height, width = self.size
        return f"{networks.network(self.key).label} at {height}x{width}"


@dataclass(frozen=True)
class Facts:
    """What is known of a network without running it.

    Attributes:
        macs: multiply-accumulates of its convolutions and matrix products, as Keras computes them: the same for all of its
            files, whatever a rewrite spares or adds.
        parameters: that are trained.
    """

    macs: int
    parameters: int


def make(files: Sequence[File], folder: Path, on_start: Callable[[str], None], on_end: Callable[[], None]) -> None:
    """Makes what is missing of files, or was made by another state of the code.

    Args:
        files: to make.
        folder: for them and their JSONs.
        on_start: is called with what begins, in words.
        on_end: is called after each network and size, and at once for those that are complete.

    Raises:
        GateError: a file does not agree with Keras, or is not what such a file should be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    groups = [
        tuple(one for one in files if (one.key, one.size) == group)
        for group in dict.fromkeys((one.key, one.size) for one in files)
    ]
    missing = [tuple(one for one in group if not _is_there(folder / one.name)) for group in groups]

    def ended(_: object, answer: object) -> None:
        if isinstance(answer, Exception):
            raise answer
        on_end()

    for group in missing:
        if not group:
            on_end()
    jobs.run(_Work(folder), [one for one in missing if one], 1, None, lambda one: on_start(one[0].in_words()), ended)


def facts_of(file: Path) -> Facts:
    """Of the network that a file was made of."""
    return Facts(**read_spec(file).conversion[KEY])


def _is_there(file: Path) -> bool:
    try:
        return file.is_file() and read_spec(file).conversion.get(_RECIPE) == recipe()
    except InputError:
        return False


@cache
def recipe() -> str:
    """Changes with the networks, with the code that converts them and with the versions of what it uses."""
    found = hashlib.sha256()
    for module in _CODE:
        path = Path(str(module.__file__))
        for source in sorted(path.parent.rglob("*.py")) if path.stem == "__init__" else [path]:
            found.update(source.read_bytes())
    found.update(json.dumps([*map(version, _TOOLS), keras.backend.backend()]).encode())
    return found.hexdigest()


@dataclass(frozen=True)
class _Work:
    """Makes the files of one network at one size, in the other process."""

    folder: Path

    def __call__(self, group: tuple[File, ...]) -> None:
        with quiet():
            key, size = group[0].key, group[0].size
            model = networks.network(key).made(size)
            graph = forms.keras_graph(model, size)
            reference = _reference(model, graph, key, size)
            facts = {"macs": macs(graph), "parameters": reference.parameters}
            for file in group:
                self._make(file, model, reference, facts)

    def _make(self, file: File, model: keras.Model, reference: Reference, facts: dict[str, int]) -> None:
        # Beside the results, so that to rename is enough to put a file in place.
        with tempfile.TemporaryDirectory(prefix=".flops-", dir=self.folder) as made:
            path = Path(made) / file.name
            _write(file, model, reference, path)
            source, output = (tflite if file.kind == "tflite" else onnx).tensors(path)
            spec = replace(
                reference.spec,
                file=file.name,
                sha256=sha256_of(path),
                precision=file.precision,
                input=source,
                output=output,
                conversion={KEY: facts, _RECIPE: recipe()},
            )
            commands.write_json(sidecar_of(path), spec.to_dict())
            _require(file, suite.check(path, reference))
            path.replace(self.folder / file.name)
            sidecar_of(path).replace(sidecar_of(self.folder / file.name))


def _require(file: File, results: Results) -> None:
    """Raises a GateError where a file is not what it should be.

    In int8 the numbers of an untrained network as deep as these say nothing: its noise grows from layer to layer.
    """
    suite.require({"artifact": results.get("artifact", results["numbers"])})
    found = results["numbers"].measured
    if file.precision == "float32" and not found["max_difference"] <= AGREEMENT * found["heatmap_range"]:
        raise GateError(
            f"{file.name} differs from Keras by {found['max_difference']:.2g}, accepted is {AGREEMENT:g} of the heat maps'"
            f" range of {found['heatmap_range']:.3g}"
        )


def _write(file: File, model: keras.Model, reference: Reference, path: Path) -> None:
    crops = reference.crops.calibration
    if file.kind == "tflite":
        function = forms.function_of(model, file.size, "cpu", file.precision == "int8")
        tflite.write(function, path, file.precision, crops)
    else:
        function = forms.function_of(model, file.size, "onnx", False)
        onnx.write(function, path, file.precision, DEFAULT_OPSET, "nhwc", crops, {})


def _reference(model: keras.Model, graph: Any, key: str, size: tuple[int, int]) -> Reference:
    """Keras' answers for crops of synthetic people; `graph` is that of `forms.keras_graph`."""
    crops = load_crops(None, size, SAMPLES)
    output = TensorSpec("heatmaps", (1, *geometry.heatmap_size(size), len(MPII_16.joints)))
    spec = ModelSpec(key, "", "float32", TensorSpec("image", (1, *size, 3)), output, MPII_16)
    heatmaps = np.concatenate([graph(tf.constant(crop[None])).numpy() for crop in crops.check])
    parameters = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    return Reference(spec, parameters, crops, heatmaps)
