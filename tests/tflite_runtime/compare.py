"""`python -m tests.tflite_runtime.compare DIR`: runs what `expect` put into DIR in tflite-runtime, and compares the answers.

It runs in an environment that has tflite-runtime and NumPy 1, and neither TensorFlow nor pytest.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lapx_tf import commands
from lapx_tf.errors import GateError, InputError
from lapx_tf.runtime.sessions import open_session

SIGNAL_TO_NOISE = {"float32": 100, "float16": 100, "int16x8": 60, "int8": 12, "dynamic": 20}
"""Decibels between the two runtimes, by precision: the variance of the answers over the mean squared difference. Kernels of
quantised files round differently: both are about as far from Keras as from each other."""


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = commands.Parser(description="Runs .tflite files in tflite-runtime.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="of tests.tflite_runtime.expect")
    return commands.run(parser, _compare, argv)


def _compare(arguments: argparse.Namespace) -> None:
    files = sorted(commands.existing_folder(arguments.folder).glob("*.tflite"))
    if not files:
        raise InputError(f"no .tflite file in {arguments.folder}")
    failures = 0
    for file in files:
        try:
            line = f"passed {file.name}: {_agreement(file)}"
        except (InputError, GateError) as error:
            line, failures = f"FAILED {file.name}: {error}", failures + 1
        print(line, flush=True)  # noqa: T201
    print(f"{len(files) - failures} passed, {failures} failed")  # noqa: T201
    if failures:
        raise GateError("tflite-runtime does not give what ai-edge-litert gives")


def _agreement(file: Path) -> str:
    """How near tflite-runtime comes to the stored answers to the stored crops.

    Raises:
        InputError: it can't run the file.
        GateError: it gives something else.
    """
    stored = np.load(file.with_suffix(".npz"))
    session = open_session(file, runtime="tflite-runtime")
    spec = session.spec
    found, expected = session.run(spec.prepare(stored["crops"])), stored["answers"]
    # Of joints, the scores: where two places of a map are equal but for rounding, either may be the maximum.
    values = slice(2 if spec.kind == "keypoints" else 0, None)
    error = (found - expected)[..., values]
    decibels = 10 * np.log10(expected[..., values].var() / max(np.mean(error**2), 1e-30))
    bound = SIGNAL_TO_NOISE[spec.precision]
    if not decibels >= bound:
        raise GateError(f"{decibels:.0f} dB, at least {bound} are needed")
    return f"{decibels:.0f} dB, at most {np.abs(error).max():.2g} from ai-edge-litert"


if __name__ == "__main__":
    sys.exit(main())
