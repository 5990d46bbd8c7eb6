"""`python -m convert.import_torch CHECKPOINT --out model.keras`: a checkpoint of the reference (PyTorch) as a Keras model."""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from convert.checkpoints import State, read_state
from convert.torch_names import Architecture, Reference, Shape, infer, references
from lapx_tf import commands
from lapx_tf.errors import InputError
from lapx_tf.silence import quiet
from lapx_tf.skeletons import COCO_17, MPII_16
from lapx_tf.spec import sha256_of

if TYPE_CHECKING:
    from lapx_tf.models.lapx import LAPX

IGNORED = "num_batches_tracked"
"""A counter that PyTorch's batch normalisation keeps and that no output depends on."""


def import_checkpoint(path: Path, size: tuple[int, int] = (256, 256)) -> "LAPX":
    """The network of a checkpoint.

    Args:
        path: `.safetensors`, `.npz` or `.pth`, see `checkpoints`.
        size: (height, width) of the input; no weight depends on it.

    Raises:
        InputError: the file can't be read, or its names and shapes are not those of a LAPX network.
    """
    from lapx_tf.models.lapx import weights_by_path

    state = {name: value for name, value in read_state(path).items() if name.rpartition(".")[2] != IGNORED}
    found = infer({name: value.shape for name, value in state.items()})
    if found is None:
        raise InputError(
            f"{path} is no LAPX checkpoint: among its {len(state)} weights are no hg.*, res.*, fc.*, score.*"
        )
    model = _build(found, path, size)
    weights = weights_by_path(model)
    shapes = {ours: tuple(weight.shape) for ours, weight in weights.items()}
    by_path = references(shapes, found.stacks, found.depth)
    problems = compare(by_path, state)
    if problems:
        raise InputError(f"{path} does not fit the network it seems to be ({describe(found)}): {'; '.join(problems)}")
    for ours, theirs in by_path.items():
        value = state[theirs.name].reshape(theirs.shapes[0]).transpose(theirs.axes)
        weights[ours].assign(value.reshape(shapes[ours]).astype(np.float32))
    for layer in model.nonlocal_layers().values():
        layer.released.assign(1.0)  # a finished network: gamma is a weight like any other
    return model


def compare(by_path: Mapping[str, Reference], state: State) -> list[str]:
    """All that keeps a checkpoint from fitting, a sentence each: missing, unknown, of a wrong shape, not finite."""
    expected = {reference.name: reference for reference in by_path.values()}
    present = [(expected[name], state[name]) for name in expected if name in state]
    wrong = [
        f"{reference.name} (is {_sides(value.shape)}, must be {_sides(reference.shapes[0])})"
        for reference, value in present
        if value.shape not in reference.shapes
    ]
    bad = [
        reference.name
        for reference, value in present
        if value.dtype.kind not in "fiu" or not np.isfinite(value.astype(np.float32)).all()
    ]
    groups = {
        "missing": [name for name in expected if name not in state],
        "unknown": [name for name in state if name not in expected],
        "of a wrong shape": wrong,
        "not finite numbers": bad,
    }
    return [f"{len(names)} {kind}: {', '.join(names)}" for kind, names in groups.items() if names]


def _build(found: Architecture, path: Path, size: tuple[int, int]) -> "LAPX":
    from lapx_tf.models.lapx import LAPX

    try:
        return LAPX(
            width=found.width,
            stacks=found.stacks,
            depth=found.depth,
            nonlocal_stacks=found.nonlocal_stacks,
            joints=found.joints,
            input_shape=(*size, 3),
            skeleton={16: MPII_16, 17: COCO_17}.get(found.joints),
            training_notes={"imported_from": {"file": path.name, "sha256": sha256_of(path)}},
            name="lapx",
        )
    except ValueError as error:
        raise InputError(f"{path} gives no LAPX network ({describe(found)}): {error}") from error


def describe(found: Architecture) -> str:
    """The network in words."""
    nonlocal_stacks = ", ".join(map(str, found.nonlocal_stacks)) or "none"
    return (
        f"width {found.width}, {found.stacks} stacks, NonLocal in {nonlocal_stacks}, depth {found.depth},"
        f" {found.joints} joints"
    )


def _sides(shape: Shape) -> str:
    return "x".join(map(str, shape)) or "a scalar"


def input_size(text: str) -> tuple[int, int]:
    """(height, width) from `HxW`."""
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"must be HxW like 256x192, got {text!r}")
    return int(match[1]), int(match[2])


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m convert.import_torch", description="Makes a Keras model of a LAPX checkpoint from PyTorch."
    )
    parser.add_argument(
        "checkpoint", type=Path, metavar="CHECKPOINT", help=".safetensors, .npz (keys state/...) or .pth"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the Keras model to write, model.keras")
    parser.add_argument(
        "--input-size", type=input_size, default=(256, 256), metavar="HxW", help="of the network (default 256x256)"
    )
    return parser


def _import(arguments: argparse.Namespace) -> None:
    if arguments.out.suffix != ".keras":
        raise InputError(f"--out must end in .keras, got {arguments.out}")
    commands.existing_file(arguments.checkpoint)
    with quiet():
        # Here, because importing Keras takes seconds and TensorFlow chats.
        from lapx_tf.models import storage

        model = import_checkpoint(arguments.checkpoint, arguments.input_size)
        storage.save(model, arguments.out)
    config = model.get_config()
    found = Architecture(**{key: config[key] for key in ("width", "stacks", "depth", "nonlocal_stacks", "joints")})
    print(f"{arguments.out}: {describe(found)}, {model.count_params():,} parameters")  # noqa: T201


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), _import, argv)


if __name__ == "__main__":
    sys.exit(main())
