"""Pose models that are ready to run: one crop at a time, as the JSON beside the file says, through any engine."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.engines import Engine
from lapx_tf.runtime.sessions.checks import check_quantization, find, sides
from lapx_tf.spec import ModelSpec, Quantization, TensorSpec

Array = NDArray[np.float32]


class Session(Protocol):
    """A model that is ready to run."""

    @property
    def spec(self) -> ModelSpec:
        """What goes in and what comes out."""
        ...

    def run(self, crops: Array) -> Array:
        """The model's answer for crops.

        Args:
            crops: float32 [B, H, W, 3], RGB, as `spec.prepare` gives them; H and W are `spec.input_size`.

        Returns:
            float32 [B, ...]: heat maps or joints, as `spec.kind` says.
        """
        ...


def quantize(values: Array, tensor: TensorSpec) -> NDArray:
    """Real values as a tensor stores them: rounded half to even and clipped; floats are only cast."""
    if tensor.dtype.startswith("float"):
        return values.astype(tensor.dtype, copy=False)
    # A tensor of raw pixels may come without: it stores what it means.
    limits, quantization = np.iinfo(tensor.dtype), tensor.quantization or Quantization(1.0, 0)
    # float32 as in TensorFlow: float64 would round other values up.
    stored = np.rint(values / np.float32(quantization.scale)) + quantization.zero_point
    return np.clip(stored, limits.min, limits.max).astype(tensor.dtype)


def dequantize(stored: NDArray, tensor: TensorSpec) -> Array:
    """The inverse of `quantize`, up to the rounding."""
    values = stored.astype(np.float32, copy=False)
    if tensor.quantization is None:
        return values
    return (values - tensor.quantization.zero_point) * np.float32(tensor.quantization.scale)


class FileSession:
    """A session of a file whose batch is one: crops go through one after the other.

    A session is not to be used by two threads at once.

    Args:
        engine: the file in a runtime.
        spec: what the JSON beside it says, free of contradictions (see `check_spec`).

    Attributes:
        runtime: the Python package that computes, by the name it is installed by.

    Raises:
        InputError: the file is not what its JSON describes.
    """

    def __init__(self, engine: Engine, spec: ModelSpec) -> None:
        self.spec, self.model, self.threads, self.runtime = spec, engine.model, engine.threads, engine.runtime
        self._engine = engine
        if len(engine.inputs) != 1:
            raise InputError(f"{self.model} has {len(engine.inputs)} inputs, a pose model has one")
        self._place("input", spec.input, engine.inputs)
        self._output = self._place("output", spec.output, engine.outputs)

    def _place(self, side: str, described: TensorSpec, found: Sequence[TensorSpec]) -> int:
        """The index of the tensor that the JSON describes, among those that the file has."""
        place = find(self.model, side, described, found)
        if self._engine.knows_quantization:
            check_quantization(self.model, side, described, found[place])
        return place

    def run(self, crops: Array) -> Array:
        """See `Session.run`."""
        spec = self.spec
        if crops.ndim != 4 or crops.shape[1:] != (*spec.input_size, 3):
            raise ValueError(f"crops must be [B, {sides((*spec.input_size, 3))}], got {list(crops.shape)}")
        answers = np.empty((len(crops), *spec.output.shape[1:]), np.float32)
        for index, crop in enumerate(crops if spec.layout == "NHWC" else crops.transpose(0, 3, 1, 2)):
            answers[index] = dequantize(self._answer(crop), spec.output)[0]
        return answers

    def _answer(self, crop: Array) -> NDArray:
        """The output as the file stores it, for one crop in the file's layout."""
        spec = self.spec
        (stored,) = self._engine.run([quantize(np.ascontiguousarray(crop[None]), spec.input)], [self._output])
        if stored.shape != spec.output.shape:
            raise InputError(
                f"{self.model} gave {spec.kind} of the shape {list(stored.shape)},"
                f" its JSON says {list(spec.output.shape)}"
            )
        return stored
