"""Sessions: a model that turns crops into heat maps or joints, whatever runtime computes them.

`open_session("pose.tflite")` is the way in. Whoever has another runtime writes a class with `spec` and `run` (see `Session`).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lapx_tf.commands import existing_file
from lapx_tf.errors import InputError
from lapx_tf.spec import ModelSpec, Quantization, TensorSpec, read_spec

Array = NDArray[np.float32]

_UNKNOWN = -1  # a side that the file leaves open, such as the batch


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


def open_session(path: str | Path, threads: int = 1) -> "LiteRtSession | OnnxSession":
    """Opens a converted model; the ending of the file chooses the runtime.

    Args:
        path: a `.tflite` or `.onnx` file, with the JSON that `python -m convert` writes beside it.
        threads: how many threads the runtime may use.

    Raises:
        InputError: the file is missing, of another kind, damaged, or not what its JSON describes.
    """
    if threads < 1:
        raise InputError(f"threads must be 1 or more, got {threads}")
    model = existing_file(path)
    if model.suffix == ".keras":
        raise InputError(f"{model} is a Keras model; convert it for the device first: python -m convert {model}")
    kind = _KINDS.get(model.suffix)
    if kind is None:
        raise InputError(f"{model} has not the ending of a converted model; accepted are {', '.join(_KINDS)}")
    return kind(model, threads)


def quantize(values: Array, tensor: TensorSpec) -> NDArray:
    """Real values as a tensor stores them: rounded half to even and clipped; floats are only cast."""
    if tensor.dtype.startswith("float"):
        return values.astype(tensor.dtype, copy=False)
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


class _FileSession(ABC):
    """A session of a file whose batch is one: crops go through one after the other.

    A session is not to be used by two threads at once.
    """

    runtime: str  # name of the Python package that computes

    def __init__(self, model: Path, threads: int) -> None:
        self.spec = read_spec(model)
        self.threads = threads
        _check_spec(model, self.spec)

    @abstractmethod
    def _infer(self, stored: NDArray) -> NDArray:
        """One crop through the model, both sides as the file stores them."""

    def run(self, crops: Array) -> Array:
        """See `Session.run`."""
        spec = self.spec
        if crops.ndim != 4 or crops.shape[1:] != (*spec.input_size, 3):
            raise ValueError(f"crops must be [B, {_sides((*spec.input_size, 3))}], got {list(crops.shape)}")
        answers = np.empty((len(crops), *spec.output.shape[1:]), np.float32)
        for index, crop in enumerate(crops if spec.layout == "NHWC" else crops.transpose(0, 3, 1, 2)):
            stored = self._infer(quantize(np.ascontiguousarray(crop[None]), spec.input))
            if stored.shape != spec.output.shape:
                raise InputError(
                    f"{spec.file} gave {spec.kind} of the shape {list(stored.shape)},"
                    f" its JSON says {list(spec.output.shape)}"
                )
            answers[index] = dequantize(stored, spec.output)[0]
        return answers


class LiteRtSession(_FileSession):
    """A `.tflite` file in LiteRT (ai-edge-litert), on the CPU."""

    runtime = "ai-edge-litert"

    def __init__(self, model: Path, threads: int = 1) -> None:
        super().__init__(model, threads)
        from ai_edge_litert.interpreter import Interpreter

        try:
            self._interpreter = Interpreter(model_path=str(model), num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise _unloadable(model, "LiteRT", error) from error
        self._input = _index_in(self._interpreter.get_input_details(), model, "input", self.spec.input)
        self._output = _index_in(self._interpreter.get_output_details(), model, "output", self.spec.output)

    def _infer(self, stored: NDArray) -> NDArray:
        self._interpreter.set_tensor(self._input, stored)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)


class OnnxSession(_FileSession):
    """An `.onnx` file in ONNX Runtime, on the CPU. Needs `pip install lapx-tf[onnx]`."""

    runtime = "onnxruntime"

    def __init__(self, model: Path, threads: int = 1) -> None:
        super().__init__(model, threads)
        try:
            import onnxruntime
            from onnxruntime.capi import (
                onnxruntime_pybind11_state as state,  # pyright: ignore[reportAttributeAccessIssue]
            )
        except ImportError as error:
            raise InputError(f"{model} needs ONNX Runtime: pip install lapx-tf[onnx]") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors; the warnings are about the optimiser's own affairs
        # ONNX Runtime's errors have no common base below Exception.
        errors = (state.Fail, state.InvalidProtobuf, state.InvalidGraph, state.InvalidArgument, state.NotImplemented,
                  state.RuntimeException, state.NoModel, state.EPFail, ValueError, RuntimeError)  # fmt: skip
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except errors as error:
            raise _unloadable(model, "ONNX Runtime", error) from error
        _find(model, "input", self.spec.input, [_of_onnx(found) for found in self._session.get_inputs()])
        _find(model, "output", self.spec.output, [_of_onnx(found) for found in self._session.get_outputs()])

    def _infer(self, stored: NDArray) -> NDArray:
        return np.asarray(self._session.run([self.spec.output.name], {self.spec.input.name: stored})[0])


_KINDS: dict[str, type[LiteRtSession | OnnxSession]] = {".tflite": LiteRtSession, ".onnx": OnnxSession}


def _unloadable(model: Path, runtime: str, error: Exception) -> InputError:
    first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return InputError(f"{model} can't be loaded by {runtime}: {first_line}")


def _index_in(details: Sequence[dict[str, Any]], model: Path, side: str, described: TensorSpec) -> int:
    """LiteRT's index of the tensor that the JSON describes."""
    found = details[_find(model, side, described, [_of_litert(tensor) for tensor in details])]
    return int(found["index"])


def _of_litert(details: dict[str, Any]) -> TensorSpec:
    scale, zero_point = details["quantization"]
    return TensorSpec(
        name=details["name"],
        shape=tuple(int(side) for side in details["shape"]),
        dtype=np.dtype(details["dtype"]).name,
        quantization=Quantization(float(scale), int(zero_point)) if scale else None,
    )


def _of_onnx(argument: Any) -> TensorSpec:
    # The graph's own quantisation is inside it; a spec's quantisation of the ends can't be compared with anything.
    shape = tuple(side if isinstance(side, int) else _UNKNOWN for side in argument.shape)
    dtype = argument.type.removeprefix("tensor(").removesuffix(")")
    return TensorSpec(argument.name, shape, "float32" if dtype == "float" else dtype)


def _find(model: Path, side: str, described: TensorSpec, found: Sequence[TensorSpec]) -> int:
    """Index of the tensor that the JSON describes.

    Raises:
        InputError: there is none of this name, or it has another shape, dtype or quantisation.
    """
    names = [tensor.name for tensor in found]
    if described.name not in names:
        raise InputError(f"{model} has no {side} called {described.name!r} as its JSON says; it has {names}")
    index = names.index(described.name)
    tensor = found[index]
    pairs = zip(tensor.shape, described.shape, strict=False)
    fits = len(tensor.shape) == len(described.shape) and all(a in (_UNKNOWN, b) for a, b in pairs)
    if not fits or tensor.dtype != described.dtype:
        raise InputError(
            f"the {side} of {model} is {tensor.dtype} [{_sides(tensor.shape)}],"
            f" but its JSON says {described.dtype} [{_sides(described.shape)}]"
        )
    if tensor.quantization and not _same_quantization(tensor.quantization, described.quantization):
        raise InputError(f"the {side} of {model} has {tensor.quantization}, but its JSON says {described.quantization}")
    return index


def _same_quantization(found: Quantization, described: Quantization | None) -> bool:
    return (
        described is not None
        and found.zero_point == described.zero_point
        # The file holds float32, the JSON decimal digits.
        and bool(np.isclose(found.scale, described.scale, rtol=1e-5, atol=0.0))
    )


def _check_spec(model: Path, spec: ModelSpec) -> None:
    """Raises an InputError where the JSON contradicts itself."""
    wanted = [1, -1, -1, 3] if spec.layout == "NHWC" else [1, 3, -1, -1]
    if len(spec.input.shape) != 4 or any(b not in (-1, a) for a, b in zip(spec.input.shape, wanted, strict=True)):
        sides = _sides(wanted)
        raise InputError(f"the JSON of {model} must have an input of the shape [{sides}], got {spec.input.shape}")
    positive = (*spec.std, spec.stride, spec.padding)
    if len(spec.mean) != 3 or len(spec.std) != 3 or not all(0 < value < np.inf for value in positive):
        raise InputError(f"the JSON of {model} must have 3 means, 3 positive stds, a positive stride and padding")
    height, width = spec.input_size
    joints = len(spec.skeleton.joints)
    expected = (1, joints, 3) if spec.kind == "keypoints" else (1, height // spec.stride, width // spec.stride, joints)
    if spec.output.shape != expected:
        raise InputError(
            f"the JSON of {model} says that the output is [{_sides(spec.output.shape)}], but {spec.kind} with a stride of"
            f" {spec.stride} and the joints of {spec.skeleton.name} are [{_sides(expected)}]"
        )
    for tensor in (spec.input, spec.output):
        raw = tensor is spec.input and spec.pixel_values == "raw" and tensor.dtype == "uint8"
        if not tensor.dtype.startswith("float") and tensor.quantization is None and not raw:
            raise InputError(f"the JSON of {model} gives no quantization for {tensor.name!r}, which is {tensor.dtype}")


def _sides(shape: Sequence[int]) -> str:
    return ", ".join("any" if side == _UNKNOWN else str(side) for side in shape)
