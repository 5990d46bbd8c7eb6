"""`python -m tests.android.golden --out DIR`: what the Python package answers, for the Kotlin tests to hold against.

DIR gets a JSON file for each subject (crops, normalisation, quantisation, decoding, smoothing, following, path) and, for
`path`, exported models and photographs. Photographs are written as PNG, because two decoders of JPEG give two pictures.
"""

import base64
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands, geometry, images, pixels
from lapx_tf.codecs.decode import decode
from lapx_tf.geometry import Box
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.following import next_box
from lapx_tf.runtime.poses import Pose
from lapx_tf.runtime.sessions.base import dequantize, quantize
from lapx_tf.runtime.smoothing import OneEuro, Smoothing
from lapx_tf.skeletons import COCO_17, LSP_14
from lapx_tf.spec import Quantization, TensorSpec
from tests.android.models import exported_models
from tests.android.photographs import photographs

Case = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = commands.Parser(description="Writes what the Python package answers, for the tests in Kotlin.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="is emptied")
    return commands.run(parser, lambda arguments: write(arguments.out), argv)


def write(folder: Path) -> None:
    """Writes the whole folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subjects = {
        "crops": crops,
        "normalisation": normalisation,
        "quantisation": quantisation,
        "decoding": decoding,
        "smoothing": smoothing,
        "following": following,
    }
    for name, cases in subjects.items():
        (folder / f"{name}.json").write_text(json.dumps(list(cases())), "utf-8")
    (folder / "path.json").write_text(json.dumps(list(path(folder))), "utf-8")


def crops() -> Iterator[Case]:
    """Boxes inside and over the border, enlarged, shrunk to less than half (whole factors and others), beside the picture."""
    rng = np.random.default_rng(0)
    sizes = {"whole factor": (96, 128), "no whole factor": (101, 87), "thirds": (96, 144)}
    boxes = {
        "enlarged": (0.4, 0.5, 0.15),
        "about as it is": (0.5, 0.5, 0.4),
        "shrunk to a half": (0.5, 0.5, 1.0),
        "shrunk more, over the border": (0.1, 0.8, 1.7),
        "beside": (-0.9, 0.5, 0.4),
    }
    for (picture_name, size), (box_name, (x, y, side)) in ((s, b) for s in sizes.items() for b in boxes.items()):
        picture = rng.integers(0, 256, (*size, 3), np.uint8)
        box = Box(x * size[1], y * size[0], side * size[1], side * size[1])
        crop_size = (48, 32) if size[0] % 2 else (32, 64) if box_name == "shrunk to a half" else (48, 48)
        crop = images.warp(picture, geometry.crop_from_image(box, crop_size), crop_size)
        yield {
            "name": f"{box_name}, {picture_name}",
            "picture_size": size,
            "picture": _base64(picture),
            "box": astuple(box),
            "crop_size": crop_size,
            "crop": crop.ravel().tolist(),
        }


def normalisation() -> Iterator[Case]:
    """Pixels from 0 to 255, whole ones and others, with two sets of statistics."""
    rng = np.random.default_rng(1)
    rgb = np.concatenate([np.arange(256), rng.uniform(0, 255, 44)]).astype(np.float32).reshape(-1, 3)
    for mean, std in ((pixels.MEAN, pixels.STD), ((0.5, 0.5, 0.5), (0.25, 0.5, 1.0))):
        normalized = pixels.normalize(rgb, mean, std)
        yield {"mean": mean, "std": std, "rgb": rgb.ravel().tolist(), "normalized": normalized.ravel().tolist()}


def quantisation() -> Iterator[Case]:
    """Values inside and outside of what int8 holds, and halves, which are rounded to even."""
    rng = np.random.default_rng(2)
    for scale, zero_point in ((0.0186, -14), (0.5, 3), (0.00390625, -128)):
        tensor = TensorSpec("any", (1,), "int8", Quantization(scale, zero_point))
        halves = (np.arange(-20, 20) + 0.5) * scale
        values = np.concatenate([halves, rng.normal(0, 100 * scale, 200)]).astype(np.float32)
        stored = quantize(values, tensor)
        yield {
            "scale": scale,
            "zero_point": zero_point,
            "values": values.tolist(),
            "stored": _base64(stored),
            "dequantized": dequantize(stored, tensor).tolist(),
        }


def decoding() -> Iterator[Case]:
    """Noise, coarse noise (several equal maxima and neighbours), a peak in each corner, and a map one pixel wide."""
    rng = np.random.default_rng(3)
    corners = np.zeros((6, 5, 4))
    corners[[0, 0, -1, -1], [0, -1, 0, -1], range(4)] = 1
    maps = {
        "noise": rng.normal(size=(12, 9, 16)),
        "ties": rng.integers(0, 4, (8, 8, 16)),
        "corners": corners,
        "narrow": rng.normal(size=(7, 1, 3)),
    }
    for name, values in maps.items():
        heatmaps = values.astype(np.float32)
        yield {
            "name": name,
            "size": heatmaps.shape[:2],
            "maps": heatmaps.ravel().tolist(),
            "joints": decode(heatmaps[None])[0].tolist(),
        }


def smoothing() -> Iterator[Case]:
    """A walk of two numbers at uneven times."""
    rng = np.random.default_rng(4)
    for constants, unit in (((1.0, 10.0, 1.0), 50.0), ((0.5, 0.0, 2.0), 1.0)):
        one_euro, seconds, steps = OneEuro(Smoothing(*constants)), 0.0, []
        for values in rng.normal(0, 1, (40, 2)).cumsum(axis=0):
            seconds += float(rng.uniform(0.01, 0.1))
            smoothed = one_euro(values, seconds, unit)
            steps.append({"seconds": seconds, "values": values.tolist(), "smoothed": smoothed.tolist()})
        yield {"constants": constants, "unit": unit, "steps": steps}


def following() -> Iterator[Case]:
    """People of every size and place in a picture, some of whose joints were not found."""
    rng = np.random.default_rng(5)
    size = (480, 640)
    for skeleton in (LSP_14, COCO_17):
        for _ in range(20):
            center, extent = rng.uniform((100, 100), (540, 380)), rng.uniform(20, 300)
            places = center + rng.uniform(-0.5, 0.5, (len(skeleton.joints), 2)) * extent
            scores = rng.uniform(0, 1, (len(skeleton.joints), 1)) ** 2
            joints = np.hstack([places, scores]).astype(np.float32)
            box = next_box(Pose(joints, skeleton, geometry.box_of_image(size)), size)
            yield {
                "names": skeleton.joints,
                "size": size,
                "joints": joints.tolist(),
                "box": None if box is None else astuple(box),
            }


def path(folder: Path) -> Iterator[Case]:
    """Joints on photographs, of each model, with a box and without."""
    pictures = {f"{name}.png": picture for name, picture in photographs().items()}
    for name, picture in pictures.items():
        cv2.imwrite(str(folder / name), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    for model in exported_models(folder):
        estimator = PoseEstimator(model)
        for name, picture in pictures.items():
            height, width = picture.shape[:2]
            for box in (None, Box(0.45 * width, 0.6 * height, 0.9 * height, 0.9 * height)):
                pose = estimator(picture) if box is None else estimator.pose_in(picture, box)
                yield {
                    "model": model.name,
                    "picture": name,
                    "box": None if box is None else astuple(box),
                    "joints": pose.joints.tolist(),
                }


def _base64(numbers: NDArray) -> str:
    return base64.b64encode(numbers.tobytes()).decode("ascii")


if __name__ == "__main__":
    sys.exit(main())
