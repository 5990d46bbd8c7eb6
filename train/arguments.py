"""The arguments of `python -m train`."""

import argparse
from pathlib import Path

from lapx_tf import commands
from lapx_tf.pretrained import KERAS, add_model_argument
from train import recipe_arguments
from train.checkpoints.saving import Interval
from train.run import devices


def parser() -> commands.Parser:
    """All of them."""
    parser = commands.Parser(prog="python -m train", description="Trains a LAPX network.")
    recipe_arguments.add_arguments(parser)
    _add_what(parser)
    _add_how(parser)
    devices.add_arguments(parser)
    return parser


def _add_what(parser: argparse.ArgumentParser) -> None:
    """What is trained, on whom, and where it goes."""
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="data sets (LSP, LSPET, MPII, COCO, a COCO-style file of your own joints; raw or prepared), told by their "
        "files; without it, synthetic people",
    )
    parser.add_argument("--workdir", type=Path, metavar="DIR", help="where everything of the run goes")
    parser.add_argument(
        "--steps", type=commands.positive, metavar="N",
        help="a dry run: no more steps than these, in whole epochs, on pictures that are there, and no more batches held out",
    )  # fmt: skip
    begin = parser.add_mutually_exclusive_group()
    add_model_argument(
        begin, KERAS, "--weights", help="a .keras file or a trained network to start from, where it fits"
    )
    add_model_argument(begin, KERAS, "--grow", help="one to begin as, of at most the recipe's width, stacks and depth")
    parser.add_argument(
        "--drop-suspicious", action="store_true", help="leave out persons whose left and right are probably swapped"
    )
    parser.add_argument(
        "--unreadable-limit", type=commands.natural, default=100, metavar="N",
        help="pictures that can't be read and may be skipped, each with a warning (default 100)",
    )  # fmt: skip


def _add_how(parser: argparse.ArgumentParser) -> None:
    """How it is watched, stopped and repeated."""
    parser.add_argument(
        "--evaluate-every", type=commands.positive, metavar="N", help="epochs from one full evaluation to the next"
    )
    parser.add_argument(
        "--watch-attention", action="store_true",
        help="each epoch, the largest logit, the entropy and the share of each NonLocal module in the log",
    )  # fmt: skip
    parser.add_argument("--no-report", action="store_true", help="no report.html at the end")
    parser.add_argument("--seed", type=commands.natural, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --workdir")
    parser.add_argument(
        "--save-every", type=Interval.parse, default=Interval(), metavar="N",
        help="from one checkpoint to the next in an epoch, as steps (500) or minutes (10min, the default); there is also one "
        "at its end, before its validation and at a stop",
    )  # fmt: skip
    parser.add_argument(
        "--deterministic",
        action="store_true",
        help="operations that give the same bits each time, where others are faster",
    )
