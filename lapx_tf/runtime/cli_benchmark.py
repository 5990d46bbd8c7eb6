"""The arguments of `lapx benchmark`."""

import argparse
from pathlib import Path

from lapx_tf.commands import natural, positive
from lapx_tf.pretrained import FLOAT16, add_model_argument

TEXT = "Measure latency, work, memory and size; every model, runtime and thread count in processes of its own."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds them to the parser of the command."""
    add_model_argument(parser, FLOAT16, "models", nargs="+")
    parser.add_argument("--threads", type=_positives, default=[1], metavar="N,N", help="such as 1,2 (default: 1)")
    parser.add_argument(
        "--runtime", type=_names, metavar="NAME,NAME", help="such as litert,onnxruntime (default: the first)"
    )
    parser.add_argument("--runs", type=positive, default=60, metavar="N", help="timed runs each (default: 60)")
    parser.add_argument("--warmup", type=natural, default=5, metavar="N", help="untimed runs before (default: 5)")
    parser.add_argument("--rounds", type=positive, default=5, metavar="N", help="turns of each (default: 5)")
    parser.add_argument("--image", type=Path, metavar="FILE", help="to take from its file to joints (default: noise)")
    parser.add_argument("--profile", action="store_true", help="the slowest ten operations of each model, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report to look at")
    parser.add_argument("--compare", type=Path, metavar="BASELINE", help="the --json of an earlier run")
    parser.add_argument("--share", action="store_true", help="print Markdown to paste into an issue")
    parser.add_argument("--device", metavar="adb[:SERIAL]", help="measure on an Android device")
    parser.add_argument(
        "--benchmark-model", type=Path, metavar="FILE", help="TensorFlow Lite's program for that device"
    )


def run(options: argparse.Namespace) -> None:
    """Runs the command."""
    # Here, so that `lapx --help` does not wait for NumPy and OpenCV.
    from lapx_tf.runtime.benchmark.command import Asked, benchmark
    from lapx_tf.runtime.benchmark.turns import Turns

    asked = Asked(
        models=options.models,
        threads=options.threads,
        runtimes=options.runtime,
        turns=Turns(options.runs, options.warmup, options.rounds),
        picture=options.image,
        json_file=options.json,
        html_file=options.html,
        baseline=options.compare,
        share=options.share,
        profiled=options.profile,
        device=options.device,
        program=options.benchmark_model,
    )
    benchmark(asked)


def _positives(text: str) -> list[int]:
    return list(dict.fromkeys(positive(part.strip()) for part in text.split(",")))


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",")))
