"""`python -m tests.tflite_runtime.expect --out DIR [FILE ...]`: what LiteRT answers, for `compare` to hold against.

For each `.tflite` file, DIR gets a copy with its JSON, and `.npz` with crops and answers. Without files, a tiny network is
converted in every precision, and once with everything inside: bytes in, joints out, flip test.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from convert.__main__ import main as convert
from lapx_tf import commands
from lapx_tf.errors import InputError
from lapx_tf.runtime.sessions import open_session
from lapx_tf.silence import quiet
from lapx_tf.skeletons import MPII_16
from lapx_tf.spec import sidecar_of

with quiet():  # Keras brings TensorFlow, which chats
    from convert.calibration import load_crops
    from lapx_tf.models import storage
    from lapx_tf.models.lapx import LAPX
    from tests.helpers import TINY, randomize

CROPS = 3

CONVERSIONS = (
    ("--precision", "all"),
    ("--precision", "float32", "int8", "--input", "uint8", "--output", "keypoints", "--flip-test"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = commands.Parser(description="Runs .tflite files in ai-edge-litert.")
    parser.add_argument(
        "files", type=Path, nargs="*", metavar="FILE", help="with the JSON beside it; default: tiny ones"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="is emptied")
    return commands.run(parser, _expect, argv)


def _expect(arguments: argparse.Namespace) -> None:
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    with TemporaryDirectory() as folder:
        for index, file in enumerate(arguments.files or _tiny_files(Path(folder))):
            _run(file, arguments.out / f"{index:02}_{file.name}")


def _tiny_files(folder: Path) -> list[Path]:
    """Files of a network with weights that are random in every place."""
    model, network = folder / "tiny.keras", randomize(LAPX(**TINY | {"stacks": 1}, skeleton=MPII_16, name="tiny"))
    for weight in network.weights:
        if weight.path.endswith("spatial/kernel"):
            weight.assign(10 * weight)  # so that the attention weighs in the answer
    storage.save(network, model)
    for options in CONVERSIONS:
        if convert([str(model), "--to", "tflite", *options, "--out", str(folder)]) != 0:
            raise InputError(f"the tiny network can't be converted with {' '.join(options)}")
    return sorted(folder.glob("*.tflite"))


def _run(file: Path, copy: Path) -> None:
    """Runs a file and puts down a copy of it, its JSON, the crops and the answers."""
    session = open_session(file, runtime="ai-edge-litert")
    crops = load_crops(None, session.spec.input_size, CROPS).calibration_pixels[:CROPS]
    answers = session.run(session.spec.prepare(crops))
    shutil.copy(file, copy)
    shutil.copy(sidecar_of(file), sidecar_of(copy))
    np.savez_compressed(copy.with_suffix(".npz"), crops=crops, answers=answers)


if __name__ == "__main__":
    sys.exit(main())
