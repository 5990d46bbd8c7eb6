"""`python -m convert MODEL.keras --to tflite --out DIR`: converts a network and checks the result against Keras."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from convert.environment import require_tensorflow
from lapx_tf import commands
from lapx_tf.silence import quiet


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m convert",
        description="Converts a LAPX network for the device, checks the result against Keras and writes a JSON beside it.",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the network, a .keras file")
    parser.add_argument("--to", choices=("tflite", "onnx"), required=True, help="kind of file")
    parser.add_argument(
        "--precision", choices=("float32", "int8"), default="float32", help="int8: TensorFlow Lite only"
    )
    parser.add_argument(
        "--calibration",
        type=Path,
        metavar="DIR",
        help="LSP, LSPET or a folder of pictures to take crops from; without it, synthetic people",
    )
    parser.add_argument(
        "--samples", type=commands.positive, default=128, metavar="N", help="crops to calibrate int8 with (default 128)"
    )
    parser.add_argument("--opset", type=int, choices=range(13, 19), default=17, help="of ONNX (default 17)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the result")
    parser.add_argument("--verbose", action="store_true", help="let TensorFlow and the converter talk")
    return parser


def _convert(arguments: argparse.Namespace) -> None:
    require_tensorflow(os.environ.get("KERAS_BACKEND") or "tensorflow")
    with quiet(not arguments.verbose):
        # Here, because importing TensorFlow takes seconds and chats.
        from convert.export import Request, convert
    options = {key: value for key, value in vars(arguments).items() if key != "verbose"}
    convert(Request(**options), lambda line: print(line, flush=True), arguments.verbose)  # noqa: T201


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), _convert, argv)


if __name__ == "__main__":
    sys.exit(main())
