"""The `lapx` command: predict, benchmark and info of converted models."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lapx_tf import commands
from lapx_tf.commands import Parser, natural, positive
from lapx_tf.version import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit code (see `commands.run`)."""
    return commands.run(_parser(), lambda options: options.run(options), argv)


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
    text = "Find the joints of the person in each picture; write them as JSON and drawn into a PNG."
    parser = _add(subparsers, "predict", text, _predict)
    parser.add_argument("model", type=Path, metavar="MODEL", help="a .tflite or .onnx file with its .json beside it")
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a picture, or a folder of pictures")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for PICTURE.pose.png and .json")
    parser.add_argument("--threads", type=positive, default=1, metavar="N", help="of the runtime (default: 1)")
    parser.add_argument("--flip-test", action="store_true", help="average with the mirrored picture: better, slower")


def _add_benchmark(subparsers: "argparse._SubParsersAction") -> None:
    text = "Measure latency, memory and size; every model and thread count in processes of its own."
    parser = _add(subparsers, "benchmark", text, _benchmark)
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="a .tflite or .onnx file")
    parser.add_argument("--threads", type=_positives, default=[1], metavar="N,N", help="such as 1,2 (default: 1)")
    parser.add_argument("--runs", type=positive, default=60, metavar="N", help="timed runs each (default: 60)")
    parser.add_argument("--warmup", type=natural, default=5, metavar="N", help="untimed runs before (default: 5)")
    parser.add_argument("--rounds", type=positive, default=3, metavar="N", help="turns of each (default: 3)")
    parser.add_argument("--profile", action="store_true", help="the slowest ten operations of each model, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")


def _add_info(subparsers: "argparse._SubParsersAction") -> None:
    parser = _add(subparsers, "info", "Show what a converted model is and what goes in and comes out.", _info)
    parser.add_argument("model", type=Path, metavar="MODEL", help="a .tflite or .onnx file with its .json beside it")


# Each command imports its own part, so that `lapx --help` and `lapx info` don't wait for OpenCV.
def _predict(options: argparse.Namespace) -> None:
    from lapx_tf.runtime.cli_predict import predict

    predict(options.model, options.source, options.out, options.threads, options.flip_test)


def _benchmark(options: argparse.Namespace) -> None:
    from lapx_tf.runtime.cli_benchmark import benchmark

    turns = (options.runs, options.warmup, options.rounds)
    benchmark(options.models, options.threads, *turns, options.json, options.profile)


def _info(options: argparse.Namespace) -> None:
    from lapx_tf.runtime.cli_info import info

    info(options.model)


def _positives(text: str) -> list[int]:
    return list(dict.fromkeys(positive(part.strip()) for part in text.split(",")))


if __name__ == "__main__":
    sys.exit(main())
