"""The `lapx` command: predict, benchmark and info of converted models."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from lapx_tf import commands
from lapx_tf.commands import Parser
from lapx_tf.pretrained import FLOAT16, add_model_argument
from lapx_tf.runtime import cli_benchmark
from lapx_tf.runtime.cli_benchmark import add_arguments as add_benchmark
from lapx_tf.runtime.cli_predict_arguments import add_arguments as add_predict
from lapx_tf.stopping import signals
from lapx_tf.version import __version__

MOST_PIXELS = 2**27
"""Of a picture: 134 million are more than a telephone's camera of 108 megapixels gives."""


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit code (see `commands.run`)."""
    parser = _parser()
    with signals() as stop:
        parser.set_defaults(stop=stop)
        return stop.exit_code(commands.run(parser, lambda options: options.run(options), argv))


def _parser() -> Parser:
    parser = Parser(prog="lapx", description="Human pose estimation with converted LAPX models.")
    parser.add_argument("--version", action="version", version=f"lapx-tf {__version__}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_predict(subparsers)
    _add_benchmark(subparsers)
    _add_info(subparsers)
    return parser


def _add(subparsers: "argparse._SubParsersAction", name: str, text: str, run: Callable) -> argparse.ArgumentParser:
    parser = subparsers.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _add_predict(subparsers: "argparse._SubParsersAction") -> None:
    text = "Find the joints of the people in pictures or a video; write them as JSON and drawn."
    add_predict(_add(subparsers, "predict", text, _predict))


def _add_benchmark(subparsers: "argparse._SubParsersAction") -> None:
    add_benchmark(_add(subparsers, "benchmark", cli_benchmark.TEXT, cli_benchmark.run))


def _add_info(subparsers: "argparse._SubParsersAction") -> None:
    parser = _add(subparsers, "info", "Show what a converted model is and what goes in and comes out.", _info)
    add_model_argument(parser, FLOAT16)


# Each command imports its own part, so that `lapx --help` and `lapx info` don't wait for OpenCV.
def _predict(options: argparse.Namespace) -> None:
    # OpenCV reads it when it is imported. A picture takes 6 bytes of memory a pixel while it is read.
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))
    from lapx_tf.runtime.cli_predict import predict
    from lapx_tf.runtime.cli_video import predict_video, refuse_for_pictures
    from lapx_tf.runtime.video.source import is_video

    if is_video(options.source):
        predict_video(options)
    else:
        refuse_for_pictures(options)
        predict(options)


def _info(options: argparse.Namespace) -> None:
    from lapx_tf.runtime.cli_info import info

    info(options.model)


if __name__ == "__main__":
    sys.exit(main())
