"""Growing a trained network into a larger one of the family that begins with what the small one knows.

Wider: each new channel is a copy of an old one, and whatever reads the two shares its old weight between them at random; a
little noise besides, and their gradients differ, so that they part (Net2WiderNet, Chen et al., ICLR 2016). More stacks: the new
ones are copies of the last, and get its input. Deeper, for an input of twice the size: levels are put around the old ones,
which go on at the sizes that they know; they hand through, and add nothing yet.

The larger network gives nearly the heat maps of the small one: beside the noise, the copies change the channel attention's
neighbours and the spatial attention's mean.
"""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lapx_tf import LAPX
from lapx_tf.errors import InputError
from lapx_tf.models.lapx import weights_by_path

Array = NDArray[np.float32]

NOISE = 0.1
"""Standard deviation of what is added to the kernels of a wider network, in that of the kernel."""


def grow(model: LAPX, small: LAPX, seed: int = 0, noise: float = NOISE) -> None:
    """Gives a network the weights of a smaller one.

    Args:
        model: the larger network; its NonLocal modules, where the small one has none, stay as they are.
        small: of at most its width, stacks and depth, for the same number of joints.
        seed: of shares and noise.
        noise: see `NOISE`.

    Raises:
        InputError: the network is not larger, or has other joints.
    """
    _check(model, small)
    generator = np.random.default_rng(seed)
    values = {path: np.asarray(weight) for path, weight in weights_by_path(small).items()}
    for path, weight in weights_by_path(model).items():
        shape = tuple(weight.shape)
        value, source = _added(path, shape, small), _source(path, small, values)
        if value is None and source is not None:
            value = _widened(path, values[source], shape, generator, noise)
        if value is not None:
            weight.assign(value)


def _check(model: LAPX, small: LAPX) -> None:
    for what, new, old in (
        ("width", model.width, small.width),
        ("stacks", len(model.stacks), len(small.stacks)),
        ("depth", model.depth, small.depth),
    ):
        if new < old:
            raise InputError(f"a network grows: its {what} must be {old} or more, got {new}")
    if model.joints != small.joints:
        raise InputError(f"both networks must have the same joints, got {model.joints} and {small.joints}")


def _added(path: str, shape: tuple[int, ...], small: LAPX) -> Array | None:
    """What makes an added part silent, or hand its input through."""
    stack = re.match(r"stack(\d+)/merge_", path)
    if stack and int(stack[1]) >= len(small.stacks):
        return np.zeros(shape, np.float32)
    if _level(path) >= small.depth:
        if "/pointwise2/" in path:
            return np.zeros(shape, np.float32)
        if path.endswith("/gate"):
            return np.full(shape, "/skip" not in path, np.float32)
    return None


def _source(path: str, small: LAPX, values: Mapping[str, Array]) -> str | None:
    """The weight of the small network that one of the large begins with."""
    path = re.sub(r"^stack(\d+)", lambda found: f"stack{min(int(found[1]), len(small.stacks))}", path)
    # ECA is `attention` by itself, `attention/channel` in front of NonLocal.
    plain = path.replace("hourglass/attention/channel/", "hourglass/attention/")
    fronted = path.replace("hourglass/attention/conv", "hourglass/attention/channel/conv")
    return next((name for name in (path, plain, fronted) if name in values), None)


def _widened(path: str, value: Array, shape: tuple[int, ...], generator: np.random.Generator, noise: float) -> Array:
    """Copies channels until the shape is reached, and shares what reads them."""
    if value.shape == shape:
        return value
    old = value.shape
    for axis, size in enumerate(shape):
        value = np.take(value, np.arange(size) % old[axis], axis)
    if "/theta/" in path:  # the products of queries and keys sum over all copies
        copied = np.arange(shape[-1]) % old[-1]
        value = value / np.bincount(copied)[copied].astype(np.float32)
    if len(shape) < 4:
        return value
    if shape[2] > old[2] and not path.endswith("depthwise/kernel"):
        value = value * _shares(old[2], shape[2:], generator)
    return value + noise * value.std() * generator.standard_normal(shape)


def _shares(old: int, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """What each copy of an input channel counts: [inputs, outputs], sums of 1 over the copies of each of `old` channels."""
    raw, copied = generator.exponential(size=shape), np.arange(shape[0]) % old
    sums = np.zeros((old, shape[1]))
    np.add.at(sums, copied, raw)
    return (raw / sums[copied]).astype(np.float32)


def _level(path: str) -> int:
    """Of a part of the hourglass, 0 the deepest; -1 of all others."""
    found = re.search(r"/(?:skip|down|up)(\d+)/", path)
    return int(found[1]) if found else -1
