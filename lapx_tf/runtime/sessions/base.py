"""What all sessions share: one crop at a time, as the JSON beside the file says, through a runtime that may be missing."""

import importlib
import importlib.util
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.sessions.checks import check_spec, sides
from lapx_tf.spec import ModelSpec, Quantization, TensorSpec, read_spec

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


class FileSession(ABC):
    """A session of a file whose batch is one: crops go through one after the other.

    A session is not to be used by two threads at once.

    Args:
        model: the file, with its JSON beside it.
        threads: how many threads the runtime may use.

    Raises:
        InputError: the file is not what its JSON describes, the JSON contradicts itself, or the runtime is not installed.
    """

    runtime: ClassVar[str]
    """The Python package that computes, by the name it is installed by."""

    module: ClassVar[str]
    """What that package is imported as."""

    remedy: ClassVar[str]
    """How one gets it."""

    errors: tuple[type[Exception], ...] = (ValueError, RuntimeError)
    """What the runtime raises where it can't load or run a model."""

    def __init__(self, model: Path, threads: int = 1) -> None:
        self.spec = read_spec(model)
        self.model, self.threads = model, threads
        check_spec(model, self.spec)

    @classmethod
    def is_installed(cls) -> bool:
        """Whether the runtime is there; it is not imported."""
        return importlib.util.find_spec(cls.module) is not None

    @abstractmethod
    def _infer(self, stored: NDArray) -> NDArray:
        """One crop through the model, both sides as the file stores them."""

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
        try:
            stored = self._infer(quantize(np.ascontiguousarray(crop[None]), spec.input))
        except self.errors as error:
            raise self._failure("run", error) from error
        if stored.shape != spec.output.shape:
            raise InputError(
                f"{self.model} gave {spec.kind} of the shape {list(stored.shape)},"
                f" its JSON says {list(spec.output.shape)}"
            )
        return stored

    def _import(self, name: str) -> Any:
        """A module of the runtime.

        Raises:
            InputError: it is not installed, or does not work with what else is.
        """
        if not self.is_installed():
            raise InputError(f"{self.model} needs {self.runtime}: {self.remedy}")
        try:
            return importlib.import_module(name)
        except ImportError as error:
            raise InputError(f"{self.runtime} can't be imported: {_first_line(error)}") from error

    def _failure(self, done: str, error: Exception) -> InputError:
        return InputError(f"{self.model} can't be {done} by {self.runtime}: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
