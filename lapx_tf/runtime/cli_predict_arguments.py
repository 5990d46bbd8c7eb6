"""The arguments of `lapx predict`."""

import argparse
from pathlib import Path

from lapx_tf.commands import natural, positive
from lapx_tf.pretrained import FLOAT16, add_model_argument

FORMATS = ("json", "coco", "csv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what pictures and videos take."""
    add_model_argument(parser, FLOAT16)
    add = parser.add_argument
    add("source", metavar="SOURCE", help="pictures: a file or a folder; or a video: a file, a URL, camera:0")
    add(
        "--out",
        type=Path,
        metavar="PATH",
        help="folder for PICTURE.pose.png and the joints; a video's VIDEO.mp4 or .webm",
    )
    add("--json", type=Path, metavar="FILE", help="of a video: a line of JSON for each frame")
    add("--smooth", action="store_true", help="of a video: keep joints from trembling")
    add("--show", action="store_true", help="of a video: in a window, until q is pressed")
    add("--format", choices=FORMATS, default="json", help="json: PICTURE.pose.json each; coco, csv: one file for all")
    add("--detector", type=Path, metavar="FILE", help="a .tflite or .onnx person detector (SSD, YOLOX): several people")
    add("--person-class", type=natural, metavar="N", help="of the detector (default: 0)")
    add("--boxes", type=Path, metavar="FILE", help="JSON of people's boxes, as COCO has them: several people")
    add("--min-score", type=share, metavar="S", help="leave out boxes with a lower score (default: 0.5)")
    add("--runtime", metavar="NAME", help="litert, tflite-runtime or onnxruntime (default: what is installed)")
    add("--threads", type=positive, default=1, metavar="N", help="of the runtime (default: 1)")
    add("--flip-test", action="store_true", help="average with the mirrored picture: better, slower")


def share(text: str) -> float:
    """An argument that must be a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, got {text!r}")
    return value
