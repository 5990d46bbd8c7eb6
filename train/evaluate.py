"""`python -m train.evaluate MODEL --dataset lsp --data DIR --split val --json OUT`: the score of any model of ours.

MODEL is a `.keras`, `.tflite` or `.onnx` file. All of them see the same crops, cut by the code that runs on the device.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from lapx_tf import commands
from lapx_tf.data.people import People
from lapx_tf.data.sources import NAMES, load_named
from lapx_tf.errors import InputError
from lapx_tf.evaluation.pck import lsp_pck
from lapx_tf.evaluation.predictions import predict
from lapx_tf.runtime.predictor import PosePredictor
from lapx_tf.runtime.sessions import Session, open_session
from lapx_tf.silence import quiet
from lapx_tf.spec import sidecar_of


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train.evaluate", description="Scores a model on a data set.")
    parser.add_argument("model", type=Path, help="a .keras, .tflite or .onnx file")
    parser.add_argument("--dataset", choices=NAMES, required=True)
    parser.add_argument("--data", type=Path, metavar="DIR", help="its folder (synthetic people need none)")
    parser.add_argument(
        "--split", choices=("train", "val", "all"), default="val", help="LSP: images 1-1000, the rest, all"
    )
    parser.add_argument("--flip-test", action="store_true", help="average with the mirrored crop")
    parser.add_argument("--threads", type=commands.positive, default=2, help="of the runtime (TFLite, ONNX)")
    parser.add_argument("--json", type=Path, required=True, metavar="OUT", help="where the scores go")
    return parser


def open_any(model: Path, threads: int) -> Session:
    """A session of a model in any of the three formats."""
    if model.suffix != ".keras":
        return open_session(model, threads)
    with quiet():
        from lapx_tf.models.storage import KerasSession, load

        return KerasSession(load(model), model)


def evaluate(session: Session, people: People, flip_test: bool) -> dict[str, Any]:
    """The scores and the conditions, as they go into the JSON.

    Raises:
        InputError: the model has other joints than the data set.
    """
    if session.spec.skeleton.joints != people.skeleton.joints:
        raise InputError(
            f"the model finds the joints of {session.spec.skeleton.name}, the data set has those of {people.skeleton.name}"
        )
    predictor = PosePredictor(session, flip_test=flip_test)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("evaluate", total=len(people))
        predicted = predict(predictor, people, on_batch=lambda done: progress.advance(task, done))
    return lsp_pck(predicted, people) | {
        "images": len(people),
        "dataset": people.dataset,
        "joints": "14 of LSP, person-centric",
        "reference": "right hip - left shoulder",
        "crop": f"square around the labelled joints x {session.spec.padding}",
        "input_size": list(session.spec.input_size),
        "flip_test": flip_test,
        "model": session.spec.file,
        "sha256": session.spec.sha256,
        "precision": session.spec.precision,
        "lapx_tf": version("lapx-tf"),
    }


def score(arguments: argparse.Namespace) -> None:
    """Evaluates and writes the JSON."""
    if arguments.json.resolve() == sidecar_of(arguments.model).resolve():
        raise InputError(f"{arguments.json} describes the model; name another file for the scores")
    people = load_named(arguments.dataset, arguments.data, arguments.split)
    session = open_any(commands.existing_file(arguments.model), arguments.threads)
    result = evaluate(session, people, arguments.flip_test) | {"split": arguments.split}
    commands.write_json(arguments.json, result)
    print(f"PCK@0.2 {result['PCK@0.2']:.2f} on {result['images']} images of {people.dataset} {arguments.split}"
          f"{', flip test' if arguments.flip_test else ''}: {arguments.json}")  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), score, argv)


if __name__ == "__main__":
    sys.exit(main())
