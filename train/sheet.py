"""`python -m train.sheet [MODEL] --out PNG`: a sheet of val people with the joints that a model finds, or the true ones."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands, geometry, images
from lapx_tf.data import sources
from lapx_tf.data.people import People
from lapx_tf.evaluation.pck import distances, torso_sizes
from lapx_tf.evaluation.predictions import predict
from lapx_tf.runtime.drawing import contact_sheet, draw_pose
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.skeletons import LSP_14
from train.evaluate import open_any
from train.pictures import picture_file, write_picture

TILE = (256, 256)


def sheet(people: People, joints: NDArray[np.float32], captions: Sequence[str], columns: int) -> NDArray[np.uint8]:
    """The people's crops with joints [N, K, 3] (x, y, score), pixels of the image, drawn on them."""
    tiles = []
    for person, of_person in zip(people.persons, joints, strict=True):
        to_tile = geometry.crop_from_image(person.box, TILE)
        crop = images.warp(person.read(), to_tile, TILE).round().astype(np.uint8)
        tiles.append(draw_pose(crop, geometry.transform(to_tile, of_person), people.skeleton, min_score=0.01))
    return contact_sheet(tiles, columns, TILE, captions)


def scores(people: People, predicted: NDArray[np.float32]) -> list[str]:
    """For each person how many of its joints count as correct (PCK@0.2), where it has the joints of LSP."""
    if not set(LSP_14.joints) <= set(people.skeleton.joints):
        return [person.name for person in people.persons]
    columns = people.skeleton.indices_of(LSP_14.joints)
    reference = torso_sizes(people.joints, people.skeleton)
    distance = distances(predicted[:, columns], people.joints[:, columns], reference)
    return [
        f"{person.name}: {(of_person <= 0.2).sum()} of {np.isfinite(of_person).sum()} joints"
        for person, of_person in zip(people.persons, distance, strict=True)
    ]


def evenly(people: People, count: int) -> People:
    """Some of the people, spread over all, the same ones each time: not a choice of the best."""
    chosen = np.linspace(0, len(people) - 1, min(count, len(people))).astype(int)
    return People(people.dataset, people.skeleton, [people.persons[i] for i in chosen])


def draw(arguments: argparse.Namespace) -> None:
    """Predicts, draws and writes the sheet."""
    people = evenly(sources.load_all(arguments.data, "val"), arguments.count)
    joints, captions = people.joints, [person.name for person in people.persons]
    if arguments.model:
        joints = predict(PoseEstimator(open_any(commands.existing_file(arguments.model), threads=2)), people)
        captions = scores(people, joints)
    picture = sheet(people, joints, captions, arguments.columns)
    write_picture(arguments.out, picture)


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train.sheet", description=__doc__)
    parser.add_argument(
        "model", type=Path, nargs="?", help="a .keras, .tflite or .onnx file; without it, the true joints"
    )
    parser.add_argument("--data", type=Path, nargs="+", default=[], metavar="DIR", help="without it, synthetic people")
    parser.add_argument("--count", type=commands.positive, default=24, help="people on the sheet, spread over all")
    parser.add_argument("--columns", type=commands.positive, default=6)
    parser.add_argument("--out", type=picture_file, required=True, metavar="PNG", help="or a .jpg")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), draw, argv)


if __name__ == "__main__":
    sys.exit(main())
