"""`python -m train.report WORKDIR`: what became of a run, in one HTML file. Training makes it at its end."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lapx_tf import commands
from lapx_tf.data import sources
from lapx_tf.errors import InputError
from lapx_tf.silence import quiet
from train.report.writing import find, write

if TYPE_CHECKING:  # Keras takes seconds to import, and wrong arguments are told without
    from train.report.found import Found
    from train.report.run_files import Run


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m train.report",
        description="Writes report.html into the folder of a run, running, stopped or finished: curves, the persons held out "
        "on whom its best network does best and worst, the recipe, the machine.",
    )
    parser.add_argument("workdir", type=Path, help="of `python -m train`")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="data sets; by default those of the training, where they were",
    )
    choice.add_argument("--no-predictions", action="store_true", help="do not run the network")
    return parser


def report(arguments: argparse.Namespace) -> None:
    """Reads the run, predicts, writes."""
    commands.existing_folder(arguments.workdir)
    with quiet():
        from train.report import run_files

    run = run_files.read(arguments.workdir)
    found = "No predictions are drawn: --no-predictions." if arguments.no_predictions else _find(arguments, run)
    print(write(arguments.workdir, found))


def _find(arguments: argparse.Namespace, run: "Run") -> "Found | str":
    """What the best network finds; a data set that is no longer where it was is no error unless it was asked for."""
    paths = arguments.data or run.data
    try:
        if not paths and run.settings["dataset"] != "synthetic":
            raise InputError("the folder does not say where the data is")
        people = sources.load_all(paths, "val")
    except InputError as error:
        if arguments.data:
            raise
        return f"No predictions are drawn: {error}; --data names the folders of the data sets."
    return find(arguments.workdir, people)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), report, argv)


if __name__ == "__main__":
    sys.exit(main())
