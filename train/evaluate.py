"""`python -m train.evaluate MODEL --dataset lsp --data DIR --split val --json OUT`: the score of any model of ours.

MODEL is a `.keras`, `.tflite` or `.onnx` file. All of them see the same crops, cut by the code that runs on the device.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress

from lapx_tf import commands
from lapx_tf.codecs.dark import DECODERS
from lapx_tf.data import coco
from lapx_tf.data.people import People
from lapx_tf.data.sources import NAMES
from lapx_tf.errors import InputError
from lapx_tf.evaluation import measures
from lapx_tf.evaluation.predictions import Predictions, predict_readable
from lapx_tf.evaluation.report import details_of
from lapx_tf.pretrained import KERAS, add_model_argument
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.sessions import Session, open_session
from lapx_tf.silence import quiet
from lapx_tf.spec import sidecar_of
from train import results

if TYPE_CHECKING:  # Keras takes seconds to import, and a converted model does without
    from lapx_tf import LAPX

MODEL = "a .keras, .tflite or .onnx file, or a trained network: NAME or NAME:int8"
DECODER = "quarter"
"""The paper's."""

AROUND_JOINTS = "square around the labelled joints x 1.25"
CROPS = {
    "lsp": AROUND_JOINTS,
    "lspet": AROUND_JOINTS,
    "mpii": "square of 1.25 x 200 x scale, centre moved down by 15 x scale",
    "coco": "annotated box x 1.25",
    "own": "annotated box x 1.25, without one the square around the labelled joints x 1.25",
    "synthetic": AROUND_JOINTS,
}
"""Where the crops of a data set come from."""


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train.evaluate", description="Scores a model on a data set.")
    add_model_argument(parser, KERAS, help=MODEL)
    parser.add_argument("--dataset", choices=NAMES, required=True)
    parser.add_argument("--data", type=Path, metavar="DIR", help="its folder (synthetic people need none)")
    parser.add_argument("--split", choices=("train", "val", "all"), default="val", help="default: val")
    parser.add_argument(
        "--detections", type=Path, metavar="FILE", help="boxes of a person detector, COCO's JSON of results"
    )
    parser.add_argument("--flip-test", action="store_true", help="average with the mirrored crop")
    parser.add_argument(
        "--flip-shift", type=commands.natural, metavar="PIXELS", default=0,
        help="of the mirrored heat map; 1 for a network that was trained elsewhere, with joints at x / 4",
    )  # fmt: skip
    parser.add_argument("--decoder", choices=tuple(DECODERS), help=f"from heat maps to joints; default: {DECODER}")
    parser.add_argument(
        "--unreadable-limit", type=commands.natural, default=0, metavar="N",
        help="pictures that can't be read and may be left out; default: none, as a published figure is of all people",
    )  # fmt: skip
    parser.add_argument("--threads", type=commands.positive, default=2, help="of the runtime (TFLite, ONNX)")
    results.add_arguments(parser)
    return parser


def open_any(model: Path, threads: int) -> Session:
    """A session of a model in any of the three formats."""
    if model.suffix != ".keras":
        return open_session(model, threads)
    with quiet():
        from lapx_tf.models.storage import KerasSession, load

        return KerasSession(load(model), model)


def evaluate(session: Session, people: People, flip_test: bool = False, unreadable_limit: int = 0) -> measures.Scores:
    """The scores of a model.

    Args:
        session: of the model.
        people: to find.
        flip_test: average with the mirrored crop.
        unreadable_limit: how many pictures may be left out because they can't be read.

    Raises:
        InputError: the model has other joints than the data set, or the people can't be scored or read.
    """
    check_joints(session, people)
    found = predict_readable(PoseEstimator(session, flip_test=flip_test), people, unreadable_limit)
    return measures.measure(found.joints, found.people, session.spec.input_size)


def scores_of(model: "LAPX", people: People, flip_test: bool = False, unreadable_limit: int = 0) -> dict[str, float]:
    """`evaluate` of a network in memory, for `callbacks.EvaluateEvery`: the scores without those of each joint.

    The crops are made anew, from the pictures: this sees what a device sees, not the batches of the training.
    """
    from lapx_tf.models.storage import KerasSession

    scores = evaluate(KerasSession(model), people, flip_test, unreadable_limit)
    return {key: score for key, score in scores.items() if isinstance(score, float)}


def score(arguments: argparse.Namespace) -> None:
    """Evaluates and writes the results."""
    model = commands.existing_file(arguments.model)
    inputs = {model: "is the model", sidecar_of(model): "describes the model"}
    results.check_outputs(
        arguments, inputs | {path: "is data" for path in (arguments.data, arguments.detections) if path}
    )
    people = _people(arguments)
    session = open_any(model, arguments.threads)
    check_joints(session, people)
    found = _predictions(_estimator(session, arguments), people, arguments.unreadable_limit)
    size = session.spec.input_size
    results.deliver(
        arguments,
        f"{model.name} on {len(found.people)} persons of {people.dataset} {arguments.split}"
        f"{', flip test' if arguments.flip_test else ''}",
        measures.measure(found.joints, found.people, size),
        _conditions(arguments, session, found),
        lambda: details_of(found.joints, found.people, size),
    )


def _people(arguments: argparse.Namespace) -> People:
    people = results.people_to_score(arguments.dataset, arguments.data, arguments.split)
    measures.key_of(people)  # before the network runs: people who can't be scored are refused
    return coco.with_detections(people, arguments.detections) if arguments.detections else people


def check_joints(session: Session, people: People) -> None:
    """Raises an InputError where the model finds other joints than the people have."""
    if session.spec.skeleton.joints != people.skeleton.joints:
        raise InputError(
            f"the model finds the joints of {session.spec.skeleton.name}, the data set has those of {people.skeleton.name}"
        )


def _estimator(session: Session, arguments: argparse.Namespace) -> PoseEstimator:
    if arguments.decoder and session.spec.kind == "keypoints":
        raise InputError(f"{session.spec.file} gives joints: its decoder is inside, and --decoder has to be left out")
    if arguments.flip_shift and not arguments.flip_test:
        raise InputError("--flip-shift is of the flip test: it needs --flip-test")
    decoder = DECODERS[arguments.decoder or DECODER]
    return PoseEstimator(session, flip_test=arguments.flip_test, decoder=decoder, flip_shift=arguments.flip_shift)


def _predictions(estimator: PoseEstimator, people: People, unreadable_limit: int) -> Predictions:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("evaluate", total=len(people))
        return predict_readable(estimator, people, unreadable_limit, on_batch=lambda done: progress.advance(task, done))


def _conditions(arguments: argparse.Namespace, session: Session, found: Predictions) -> dict[str, Any]:
    """What must be known beside a figure."""
    spec, people = session.spec, found.people
    detections = arguments.detections
    return {
        "images": len({person.image for person in people.persons}),
        "persons": len(people),
        "unreadable": len(found.unreadable),
        "problems": len(people.problems),
        "dataset": people.dataset,
        "split": arguments.split,
        **measures.conditions(people),
        "crop": f"boxes of {detections.name} x 1.25" if detections else CROPS[people.dataset],
        "input_size": list(spec.input_size),
        "flip_test": arguments.flip_test or spec.flip_test,
        "flip_shift": arguments.flip_shift,
        "decoder": "inside the model" if spec.kind == "keypoints" else arguments.decoder or DECODER,
        "model": spec.file,
        "sha256": spec.sha256,
        "precision": spec.precision,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), score, argv)


if __name__ == "__main__":
    sys.exit(main())
