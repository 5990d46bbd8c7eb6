"""A model's JSON must not contradict itself, and must say of the file what the file says of itself."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from lapx_tf.errors import InputError
from lapx_tf.runtime.engines import UNKNOWN
from lapx_tf.spec import ModelSpec, Quantization, TensorSpec

FLOATS = ("float32", "float16")
INTEGERS = ("int8", "uint8", "int16")


def check_spec(model: Path, spec: ModelSpec) -> None:
    """Raises an InputError where the JSON of a model contradicts itself."""
    complaint = next(_complaints(spec), None)
    if complaint is not None:
        raise InputError(f"the JSON of {model} {complaint}")


def find(model: Path, side: str, described: TensorSpec, found: Sequence[TensorSpec]) -> int:
    """The index of the tensor that the JSON describes.

    Args:
        model: the file.
        side: `input` or `output`.
        described: what the JSON says.
        found: what the file has on this side.

    Raises:
        InputError: there is none of this name, or it has another shape or dtype.
    """
    names = [tensor.name for tensor in found]
    if described.name not in names:
        raise InputError(f"{model} has no {side} called {described.name!r} as its JSON says; it has {names}")
    index = names.index(described.name)
    tensor = found[index]
    pairs = zip(tensor.shape, described.shape, strict=False)
    fits = len(tensor.shape) == len(described.shape) and all(a in (UNKNOWN, b) for a, b in pairs)
    if not fits or tensor.dtype != described.dtype:
        raise InputError(
            f"the {side} of {model} is {tensor.dtype} [{sides(tensor.shape)}],"
            f" but its JSON says {described.dtype} [{sides(described.shape)}]"
        )
    return index


def check_quantization(model: Path, side: str, described: TensorSpec, found: TensorSpec) -> None:
    """Raises an InputError where the JSON takes a tensor's stored numbers for other real values than the file does."""
    if not _same(described.quantization, found.quantization):
        raise InputError(
            f"the {side} of {model} has {found.quantization or 'no quantization'},"
            f" but its JSON says {described.quantization or 'none'}"
        )


def sides(shape: Sequence[int]) -> str:
    """A shape in words."""
    return ", ".join("any" if side == UNKNOWN else str(side) for side in shape)


def _same(one: Quantization | None, other: Quantization | None) -> bool:
    if one is None or other is None:
        return one is other
    # The file holds float32, the JSON decimal digits.
    return one.zero_point == other.zero_point and math.isclose(one.scale, other.scale, rel_tol=1e-5)


def _complaints(spec: ModelSpec) -> Iterator[str]:
    """What is wrong, each after "the JSON of a model"; a later complaint relies on the earlier ones not being there."""
    layout = (1, UNKNOWN, UNKNOWN, 3) if spec.layout == "NHWC" else (1, 3, UNKNOWN, UNKNOWN)
    shape = spec.input.shape
    if len(shape) != 4 or any(side < 1 or b not in (UNKNOWN, side) for side, b in zip(shape, layout, strict=True)):
        yield f"must have an input of the shape [{sides(layout)}], got {list(shape)}"
    if not _are_sound_numbers(spec):
        yield "must have 3 finite means, 3 positive stds, a positive stride and padding"
    expected = _output_shape(spec)
    if spec.output.shape != expected:
        yield (
            f"says that the output is [{sides(spec.output.shape)}], but {spec.kind} with a stride of {spec.stride} and"
            f" the joints of {spec.skeleton.name} are [{sides(expected)}]"
        )
    yield from _about_tensor(spec.input, spec.pixel_values == "raw")
    yield from _about_tensor(spec.output, False)


def _are_sound_numbers(spec: ModelSpec) -> bool:
    positive = (*spec.std, spec.stride, spec.padding)
    finite = all(math.isfinite(value) for value in (*spec.mean, *positive))
    return len(spec.mean) == len(spec.std) == 3 and finite and min(positive) > 0


def _output_shape(spec: ModelSpec) -> tuple[int, ...]:
    """What the rest of the JSON makes of the output's shape."""
    (height, width), joints = spec.input_size, len(spec.skeleton.joints)
    return (1, joints, 3) if spec.kind == "keypoints" else (1, height // spec.stride, width // spec.stride, joints)


def _about_tensor(tensor: TensorSpec, raw: bool) -> Iterator[str]:
    """Complaints about how a tensor stores its values; `raw`: these are pixels, which a uint8 can hold as they are."""
    stored = tensor.quantization
    if tensor.dtype not in FLOATS + INTEGERS:
        yield f"says that {tensor.name!r} is {tensor.dtype!r}; accepted are {', '.join(FLOATS + INTEGERS)}"
    elif tensor.dtype in FLOATS:
        if stored is not None:
            yield f"gives a quantization for {tensor.name!r}, which is {tensor.dtype}"
    elif stored is None:
        if not (raw and tensor.dtype == "uint8"):
            yield f"gives no quantization for {tensor.name!r}, which is {tensor.dtype}"
    elif not (0 < stored.scale < math.inf and _holds(tensor.dtype, stored.zero_point)):
        yield (
            f"gives {stored} for {tensor.name!r}; the scale must be positive and the zero point a value of {tensor.dtype}"
        )


def _holds(dtype: str, value: int) -> bool:
    limits = np.iinfo(dtype)
    return bool(limits.min <= value <= limits.max)
