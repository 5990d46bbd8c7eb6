"""`python -m train.score mpii|coco|lsp --annotations PATH --predictions FILE --json OUT`: scores predictions of anybody."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.data import coco_json, lsp, mpii
from lapx_tf.data.people import People
from lapx_tf.data.records import read_json
from lapx_tf.data.sources import load_named
from lapx_tf.errors import InputError
from lapx_tf.evaluation import measures
from lapx_tf.evaluation.details import Details
from lapx_tf.evaluation.details_oks import of_results
from lapx_tf.evaluation.oks import average_precision
from lapx_tf.evaluation.report import details_of
from lapx_tf.skeletons import COCO_17, LSP_14, MPII_16
from lapx_tf.spec import sha256_of
from train import results
from train.submissions import read_joints

DESCRIPTION = """\
Scores predictions that anybody made, of the persons in the order of the annotations.

Coordinates are those of the annotations' own files:
  mpii  [2958, 16, 2 or more], MPII's joints of the val persons; the first pixel is 1, as in MPII's files
  lsp   [N, 14 or 16, 2 or more], LSP's joints or MPII's of the split's images; as in joints.mat
  coco  a list of results as pycocotools reads it: image_id, category_id, keypoints, score

FILE is an .h5, .npz or .mat file with an array `preds`, or a .json file: the list for coco, {"preds": [...]} for the others.
A predicted coordinate that is not a number is an error: it would be neither a hit nor a miss.
"""

Scored = tuple[People, measures.Scores, Callable[[], Details]]


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m train.score",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("dataset", choices=("mpii", "coco", "lsp"))
    parser.add_argument(
        "--annotations", type=Path, required=True, metavar="PATH",
        help="the folder of the data set; or detections_our_format.mat, COCO's JSON of one split",
    )  # fmt: skip
    parser.add_argument("--predictions", type=Path, required=True, metavar="FILE")
    parser.add_argument("--split", choices=("train", "val", "all"), default="val", help="of a folder")
    results.add_arguments(parser)
    return parser


def score(arguments: argparse.Namespace) -> None:
    """Scores and writes the results."""
    file = commands.existing_file(arguments.predictions)
    results.check_outputs(arguments, {file: "holds the predictions", arguments.annotations: "holds the annotations"})
    people, scores, details = (_score_coco if arguments.dataset == "coco" else _score_joints)(arguments)
    conditions = {
        "persons": len(people),
        "problems": len(people.problems),
        "dataset": people.dataset,
        "split": arguments.split,
        "annotations": arguments.annotations.name,
        **measures.conditions(people),
        "predictions": file.name,
        "sha256": sha256_of(file),
    }
    title = f"{file.name} on {len(people)} persons of {people.dataset} {arguments.split}"
    results.deliver(arguments, title, scores, conditions, details)


def _score_joints(arguments: argparse.Namespace) -> Scored:
    """MPII and LSP: one prediction a person."""
    file, folder = arguments.predictions, arguments.annotations
    folder = folder.parent if folder.name == "joints.mat" else folder
    people = results.people_to_score(arguments.dataset, folder, arguments.split)
    if arguments.dataset == "mpii":
        # The annotations' first pixel is 1, that of `People` 0.
        predicted = read_joints(file, len(people), (len(MPII_16.joints),))[..., :2] - mpii.FIRST_PIXEL
    else:
        predicted = _in_mpii_joints(read_joints(file, len(people), (len(LSP_14.joints), len(MPII_16.joints))))
    try:
        measures.check(predicted, people)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    return people, measures.measure(predicted, people), lambda: details_of(predicted, people)


def _in_mpii_joints(predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    """[N, 16, 2] (x, y) from [N, 14 or 16, 2 or more]."""
    if predicted.shape[1] == len(MPII_16.joints):
        return predicted[..., :2]
    labelled = np.ones((*predicted.shape[:2], 1))
    joints = np.concatenate([predicted[..., :2], labelled], axis=-1)
    return np.stack([lsp.to_mpii(of_one) for of_one in joints])[..., :2].astype(np.float64)


def _score_coco(arguments: argparse.Namespace) -> Scored:
    """COCO: a list of results, several or none an image."""
    people, file = _coco_people(arguments.annotations, arguments.split), arguments.predictions
    found = read_json(file)
    try:
        scores = average_precision(found, people.ground_truth or {}, people.skeleton.sigmas)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    return people, dict(scores), lambda: of_results(found, people)


def _coco_people(path: Path, split: str) -> People:
    """The people of a folder's split, or of one of COCO's annotation files, whose pictures may be in any folder beside it."""
    if path.is_dir():
        return load_named("coco", path, split)
    commands.existing_file(path)
    folders = [path.parent, *sorted(folder for folder in path.parent.iterdir() if folder.is_dir())]
    people = coco_json.read_people(path, folders)
    if people.skeleton.joints != COCO_17.joints:
        raise InputError(f"{path} has the joints {', '.join(people.skeleton.joints):.100}, not COCO's")
    return replace(people, dataset="coco", skeleton=COCO_17)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), score, argv)


if __name__ == "__main__":
    sys.exit(main())
