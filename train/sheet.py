"""`python -m train.sheet [MODEL] --out PNG`: a sheet of people with the joints that a model finds, or the true ones."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands, geometry, images
from lapx_tf.data import sources
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.evaluation import measures
from lapx_tf.evaluation.pck import distances, torso_sizes
from lapx_tf.evaluation.predictions import predict
from lapx_tf.evaluation.report import details_of
from lapx_tf.pretrained import KERAS, add_model_argument
from lapx_tf.runtime.drawing import contact_sheet, draw_pose
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.skeletons import LSP_14, Skeleton
from train.evaluate import MODEL, check_joints, open_any
from train.pictures import picture_file, write_picture

TILE = (256, 256)


def tiles(people: People, joints: NDArray[np.float32], skeleton: Skeleton) -> list[NDArray[np.uint8]]:
    """The people's crops with joints [N, K, 3] (x, y, score) of a skeleton, pixels of the image, drawn on them."""
    drawn = []
    for person, of_person in zip(people.persons, joints, strict=True):
        to_tile = geometry.crop_from_image(person.box, TILE)
        crop = images.warp(person.read(), to_tile, TILE).round().astype(np.uint8)
        drawn.append(draw_pose(crop, geometry.transform(to_tile, of_person), skeleton, min_score=0.01))
    return drawn


def scores(people: People, predicted: NDArray[np.float32]) -> list[str]:
    """For each person how many of its joints count as correct (PCK@0.2), where it has the joints of LSP."""
    if not set(LSP_14.joints) <= set(people.skeleton.joints):
        return names(people)
    columns = people.skeleton.indices_of(LSP_14.joints)
    reference = torso_sizes(people.joints, people.skeleton)
    distance = distances(predicted[:, columns], people.joints[:, columns], reference)
    return [
        f"{person.name}: {(of_person <= 0.2).sum()} of {np.isfinite(of_person).sum()} joints"
        for person, of_person in zip(people.persons, distance, strict=True)
    ]


def names(people: People) -> list[str]:
    """What the people are called."""
    return [person.name for person in people.persons]


def evenly(people: People, count: int) -> People:
    """Some of the people, spread over all, the same ones each time: not a choice of the best."""
    chosen = np.linspace(0, len(people) - 1, min(count, len(people))).astype(int)
    return People(people.dataset, people.skeleton, [people.persons[i] for i in chosen])


def worst(estimator: PoseEstimator, people: People, count: int) -> People:
    """Those of whom the model finds the smallest share of joints.

    Raises:
        InputError: the model's joints are not those of the data set, or these can't be scored.
    """
    measures.key_of(people)
    check_joints(estimator.session, people)
    cases = details_of(predict(estimator, people), people, estimator.session.spec.input_size).cases
    return replace(people, persons=[case.person for case in cases[:count]])


def part_of_sheet(
    people: People, count: int, arguments: argparse.Namespace
) -> tuple[list[NDArray[np.uint8]], list[str]]:
    """The tiles of one data set, and their captions."""
    if arguments.model is None:
        people = evenly(people, count)
        return tiles(people, people.joints, people.skeleton), names(people)
    estimator = PoseEstimator(open_any(arguments.model, threads=2), flip_test=arguments.flip_test)
    people = worst(estimator, people, count) if arguments.worst else evenly(people, count)
    joints = predict(estimator, people)
    skeleton = estimator.session.spec.skeleton
    same = skeleton.joints == people.skeleton.joints
    return tiles(people, joints, skeleton), scores(people, joints) if same else names(people)


def draw(arguments: argparse.Namespace) -> None:
    """Predicts, draws and writes the sheet."""
    if (arguments.worst or arguments.flip_test) and arguments.model is None:
        raise InputError("--worst and --flip-test are of what a model finds: they need a MODEL")
    parts = [sources.load(path, arguments.split) for path in arguments.data] or [sources.synthetic(arguments.split)]
    drawn: list[NDArray[np.uint8]] = []
    captions: list[str] = []
    for index, people in enumerate(parts):
        share = arguments.count // len(parts) + (index < arguments.count % len(parts))
        of_part = part_of_sheet(people, share, arguments)
        drawn += of_part[0]
        captions += of_part[1]
    write_picture(arguments.out, contact_sheet(drawn, arguments.columns, TILE, captions))


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train.sheet", description=__doc__)
    add_model_argument(parser, KERAS, nargs="?", help=f"{MODEL}; without it, the true joints")
    parser.add_argument(
        "--data", type=Path, nargs="+", default=[], metavar="DIR",
        help="data sets, of any joints; as many people of each; without it, synthetic people",
    )  # fmt: skip
    parser.add_argument("--split", choices=("train", "val", "all"), default="val", help="default: val")
    parser.add_argument("--worst", action="store_true", help="those it finds worst, in place of some spread over all")
    parser.add_argument("--flip-test", action="store_true", help="average with the mirrored crop")
    parser.add_argument("--count", type=commands.positive, default=24, help="people on the sheet (default 24)")
    parser.add_argument("--columns", type=commands.positive, default=6)
    parser.add_argument("--out", type=picture_file, required=True, metavar="PNG", help="or a .jpg")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), draw, argv)


if __name__ == "__main__":
    sys.exit(main())
