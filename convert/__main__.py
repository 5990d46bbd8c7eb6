"""`python -m convert MODEL.keras --to tflite --out DIR`: converts a network and checks the result against Keras."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from convert.environment import require_tensorflow
from convert.graph.options import GraphOptions
from convert.request import ALL, DEFAULT_OPSET, OPSETS, PRECISIONS, Request, parse_size, variants_of
from lapx_tf import commands
from lapx_tf.data.sources import NAMES
from lapx_tf.pretrained import KERAS, add_model_argument
from lapx_tf.silence import quiet

_PRECISIONS = tuple(dict.fromkeys(one for offered in PRECISIONS.values() for one in offered))


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m convert",
        description="Converts a LAPX network for the device, checks each file against Keras and writes a JSON beside it.",
    )
    add_model_argument(parser, KERAS)
    parser.add_argument("--to", nargs="+", choices=tuple(PRECISIONS), required=True, help="kinds of files")
    parser.add_argument(
        "--precision", nargs="+", choices=(*_PRECISIONS, ALL), default=["float32"],
        help="a file of each kind in each precision; all: every one that the kind is offered in (default float32)",
    )  # fmt: skip
    _add_graph_options(parser)
    parser.add_argument("--layout", choices=("nhwc", "nchw"), default="nhwc", help="of the input of ONNX files")
    parser.add_argument("--opset", type=int, choices=OPSETS, help=f"of ONNX files (default {DEFAULT_OPSET})")
    parser.add_argument("--keep-float", nargs="+", default=[], metavar="LAYER", help="that int8 TFLite leaves in float")
    parser.add_argument(
        "--calibration", type=Path, metavar="PATH",
        help="a data set or a folder of pictures to take crops from; without it, synthetic people",
    )  # fmt: skip
    parser.add_argument(
        "--samples", type=commands.positive, default=128, metavar="N", help="crops to calibrate int8 with (default 128)"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="a data set: no file may score worse than Keras on its val"
    )
    parser.add_argument("--dataset", choices=NAMES, help="what it must be; synthetic needs no --data")
    parser.add_argument("--licence", metavar="TEXT", help="of the network, for the files")
    parser.add_argument(
        "--jobs", type=commands.positive, default=1, metavar="N", help="files at the same time (default 1)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument("--verbose", action="store_true", help="let TensorFlow and the converters talk")
    return parser


def _add_graph_options(parser: commands.Parser) -> None:
    parser.add_argument(
        "--input", choices=("normalized", "uint8"), default="normalized", help="uint8: raw RGB, normalised inside"
    )
    parser.add_argument(
        "--output", choices=("heatmaps", "keypoints"), default="heatmaps", help="keypoints: x, y, score, decoded inside"
    )
    parser.add_argument("--flip-test", action="store_true", help="average with the mirrored crop inside")
    parser.add_argument("--stacks", type=commands.positive, metavar="K", help="cut the network after stack K")
    parser.add_argument("--size", metavar="HxW", help="of the crop; default: the network's own")
    parser.add_argument(
        "--target", choices=("cpu", "gpu"), default="cpu", help="gpu: of TFLite files, no tensor above 4-D"
    )


def _request(arguments: argparse.Namespace) -> Request:
    """The request; raises an InputError where it makes no sense."""
    graph = GraphOptions(
        pixel_values=arguments.input,
        output=arguments.output,
        flip_test=arguments.flip_test,
        stacks=arguments.stacks,
        size=parse_size(arguments.size) if arguments.size else None,
        target=arguments.target,
    )
    variants = variants_of(
        arguments.to, arguments.precision, graph, arguments.layout, arguments.opset, arguments.keep_float
    )
    names = ("model", "out", "calibration", "samples", "data", "dataset", "jobs", "licence", "verbose")
    return Request(variants=variants, **{name: getattr(arguments, name) for name in names})


def _convert(arguments: argparse.Namespace) -> None:
    request = _request(arguments)
    require_tensorflow(os.environ.get("KERAS_BACKEND") or "tensorflow")
    with quiet(not request.verbose):
        # Here, because importing TensorFlow takes seconds and chats.
        from convert.batch import convert
    console, columns = Console(), (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        convert(request, progress)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), _convert, argv)


if __name__ == "__main__":
    sys.exit(main())
