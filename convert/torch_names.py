"""Which weight of the reference implementation (PyTorch) is which weight of ours, and how its axes lie there."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

Shape = tuple[int, ...]

_BLOCK = {
    "norm1": "bn1",
    "pointwise1": "pw_conv1",
    "norm2": "bn2",
    "depthwise": "dw_conv",
    "norm3": "bn3",
    "pointwise2": "pw_conv2",
    "projection": "downsample.0",
}
_CHANNEL = {"conv": "conv"}
_CBAM = {"channel/conv": "channel_attention.conv", "spatial": "spatial_conv"}
_NONLOCAL = {"theta": "theta", "phi": "phi", "g": "g", "out": "out_proj"}
_LEAVES = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


@dataclass(frozen=True)
class Reference:
    """A weight in the reference's checkpoint.

    Attributes:
        name: its name there.
        shapes: the shapes it may have there, the usual one first; all hold the same values in the same order.
        axes: order of the usual shape's axes that, after a reshape to ours, gives our weight.
    """

    name: str
    shapes: tuple[Shape, ...]
    axes: tuple[int, ...]


def references(shapes: Mapping[str, Shape], stacks: int, depth: int) -> dict[str, Reference]:
    """The reference's weights by the path of ours.

    `released`, the phase of the gamma warm-up, has no counterpart and is left out.

    Args:
        shapes: of our weights, by path (see `models.lapx.weights_by_path`).
        stacks: number of hourglasses.
        depth: of an hourglass.
    """
    modules = _modules(stacks, depth)
    found = {}
    for path, shape in shapes.items():
        module, leaf = path.rsplit("/", 1)
        if leaf != "released":
            found[path] = _reference(modules[module], module, leaf, shape)
    return found


def _reference(theirs: str, module: str, leaf: str, shape: Shape) -> Reference:
    if leaf == "gate":
        return Reference(f"{theirs}.alpha", ((1, *shape, 1, 1),), (1, 0, 2, 3))
    if shape == ():
        return Reference(f"{theirs}.gamma", ((1,), ()), (0,))
    name = f"{theirs}.{_LEAVES[leaf]}"
    if leaf != "kernel":
        return Reference(name, (shape,), (0,))
    # Ours are spatial axes, inputs, outputs; theirs are outputs, inputs, spatial axes.
    spatial, (inputs, outputs) = shape[:-2], shape[-2:]
    axes = tuple(range(2, 2 + len(spatial)))
    if module.endswith("/depthwise"):
        return Reference(name, ((inputs, outputs, *spatial),), (*axes, 0, 1))
    usual = (outputs, inputs, *spatial)
    # A 1x1 convolution of the attention may as well be a linear layer.
    linear = ((outputs, inputs),) if "/position/" in module else ()
    return Reference(name, (usual, *linear), (*axes, 1, 0))


def _modules(stacks: int, depth: int) -> dict[str, str]:
    """The reference's modules by the path of ours."""
    modules = {"stem/conv": "conv1", "stem/norm": "bn1"}
    modules |= _inside("stem/attention", "stem_attention", _CBAM)
    for i in (1, 2, 3):
        modules |= _block(f"stem/block{i}", f"layer{i}.0")
    for i in range(stacks):
        modules |= _hourglass(f"stack{i + 1}/hourglass", f"hg.{i}", depth)
        modules |= _block(f"stack{i + 1}/block", f"res.{i}.0")
        modules |= _inside(f"stack{i + 1}/attention", f"backbone_attention.{i}", _CBAM)
        ends = {
            "conv": f"fc.{i}.conv",
            "norm": f"fc.{i}.bn",
            "heatmaps": f"score.{i}",
            "merge_features": f"fc_.{i}.conv",
            "merge_heatmaps": f"score_.{i}",
        }
        modules |= {f"stack{i + 1}/{ours}": theirs for ours, theirs in ends.items()}
    return modules


def _hourglass(ours: str, theirs: str, depth: int) -> dict[str, str]:
    modules = _block(f"{ours}/bottom", f"{theirs}.hg.0.3.0")
    for level in range(depth):
        for j, role in enumerate(("skip", "down", "up")):
            modules |= _block(f"{ours}/{role}{level}", f"{theirs}.hg.{level}.{j}.0")
    # Both kinds of attention; a network uses one of them.
    modules |= _inside(f"{ours}/attention", f"{theirs}.attention", _CHANNEL)
    modules |= _inside(f"{ours}/attention", f"{theirs}.attention", {"channel/conv": "channel_attention.conv"})
    position = f"{theirs}.attention.position_attention"
    return (
        modules | {f"{ours}/attention/position": position} | _inside(f"{ours}/attention/position", position, _NONLOCAL)
    )


def _block(ours: str, theirs: str) -> dict[str, str]:
    # The block itself carries the gate.
    return {ours: theirs} | _inside(ours, theirs, _BLOCK)


def _inside(ours: str, theirs: str, names: Mapping[str, str]) -> dict[str, str]:
    return {f"{ours}/{a}": f"{theirs}.{b}" for a, b in names.items()}


@dataclass(frozen=True)
class Architecture:
    """What can be seen of a network in the names and shapes of its weights; `nonlocal_stacks` count from 1."""

    width: int
    stacks: int
    depth: int
    nonlocal_stacks: tuple[int, ...]
    joints: int


def infer(shapes: Mapping[str, Shape]) -> Architecture | None:
    """The network that a checkpoint was taken from, or None where it is no LAPX network.

    Width and joints are what most of the weights say that show them, so that one of a wrong shape can be named as such.
    """
    parts = {name: tuple(name.split(".")) for name in shapes}
    levels = {(int(p[1]), int(p[3])) for p in parts.values() if _is_level(p)}
    stacks, depth = _run({stack for stack, _ in levels}), _run({level for _, level in levels})
    widths = Counter(shape[0] for name, shape in shapes.items() if _shows_width(parts[name]) and shape)
    joints = Counter(shape[0] for name, shape in shapes.items() if parts[name][0] == "score" and shape)
    if not (stacks and depth and widths and joints):
        return None
    attended = {int(p[1]) + 1 for p in parts.values() if p[0] == "hg" and p[2:4] == ("attention", "position_attention")}
    nonlocal_stacks = tuple(sorted(attended & set(range(1, stacks + 1))))
    return Architecture(widths.most_common(1)[0][0], stacks, depth, nonlocal_stacks, joints.most_common(1)[0][0])


def _is_level(parts: tuple[str, ...]) -> bool:
    return len(parts) > 4 and parts[0] == "hg" and parts[2] == "hg" and parts[1].isdigit() and parts[3].isdigit()


def _shows_width(parts: tuple[str, ...]) -> bool:
    return parts[0] == "fc" or (parts[0] in ("hg", "res") and parts[-2:-1] == ("pw_conv2",))


def _run(numbers: set[int]) -> int:
    """How many of 0, 1, 2, ... are there without a gap: a stray `hg.9` is an unknown name, not ten stacks."""
    count = 0
    while count in numbers:
        count += 1
    return count
