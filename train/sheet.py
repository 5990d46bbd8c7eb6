"""`python -m train.sheet MODEL --out PNG`: a sheet of val people with the joints that a model finds, and its score on each."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands, geometry, images
from lapx_tf.data import sources
from lapx_tf.data.people import People
from lapx_tf.evaluation.pck import distances, torso_sizes
from lapx_tf.evaluation.predictions import predict
from lapx_tf.runtime.drawing import contact_sheet, draw_pose
from lapx_tf.runtime.predictor import PosePredictor
from lapx_tf.skeletons import LSP_14
from train.evaluate import open_any

TILE = (256, 256)


def sheet(predictor: PosePredictor, people: People, columns: int = 6) -> NDArray[np.uint8]:
    """Crops with the joints found, each with the share of its joints that count as correct (PCK@0.2)."""
    predicted = predict(predictor, people)
    columns_of_lsp = people.skeleton.indices_of(LSP_14.joints)
    reference = torso_sizes(people.joints, people.skeleton)
    distance = distances(predicted[:, columns_of_lsp], people.joints[:, columns_of_lsp], reference)
    tiles, captions = [], []
    for person, joints, of_person in zip(people.persons, predicted, distance, strict=True):
        to_tile = geometry.crop_from_image(person.box, TILE)
        crop = images.warp(person.read(), to_tile, TILE).round().astype(np.uint8)
        tiles.append(draw_pose(crop, geometry.transform(to_tile, joints), people.skeleton, min_score=0.0))
        captions.append(f"{person.name}: {(of_person <= 0.2).sum()} of {np.isfinite(of_person).sum()} joints")
    return contact_sheet(tiles, columns, TILE, captions)


def evenly(people: People, count: int) -> People:
    """Some of the people, spread over all, the same ones each time: not a choice of the best."""
    chosen = np.linspace(0, len(people) - 1, min(count, len(people))).astype(int)
    return People(people.dataset, people.skeleton, [people.persons[i] for i in chosen])


def draw(arguments: argparse.Namespace) -> None:
    """Predicts, draws and writes the sheet."""
    people = evenly(sources.load_all(arguments.data, "val"), arguments.count)
    predictor = PosePredictor(open_any(commands.existing_file(arguments.model), threads=2))
    encoded = cv2.imencode(".png", sheet(predictor, people)[..., ::-1])[1].tobytes()
    with commands.whole_file(arguments.out) as beside:
        beside.write_bytes(encoded)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = commands.Parser(prog="python -m train.sheet", description=__doc__)
    parser.add_argument("model", type=Path, help="a .keras, .tflite or .onnx file")
    parser.add_argument("--data", type=Path, nargs="+", default=[], metavar="DIR", help="without it, synthetic people")
    parser.add_argument("--count", type=commands.positive, default=24, help="people on the sheet")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG")
    return commands.run(parser, draw, argv)


if __name__ == "__main__":
    sys.exit(main())
