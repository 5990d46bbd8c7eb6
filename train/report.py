"""`python -m train.report WORKDIR`: what became of a run, in one HTML file. Training makes it at its end."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lapx_tf import commands
from lapx_tf.data import sources
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.silence import quiet

if TYPE_CHECKING:  # Keras takes seconds to import, and wrong arguments are told without
    from train.report_found import Found
    from train.report_run import Run

REPORT = "report.html"

STOPPED = "No predictions are drawn, because the run was stopped; `python -m train.report` with its folder draws them."


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
        from train import report_run

    run = report_run.read(arguments.workdir)
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
    return _found(arguments.workdir, people)


def _found(workdir: Path, people: People) -> "Found | str":
    with quiet():
        from train.report_found import find

    return find(workdir, people)


def write(workdir: Path, found: "Found | str") -> Path:
    """Writes the report, whole or not at all.

    Args:
        workdir: of the run.
        found: by its best network; or why there is nothing, one sentence.

    Returns:
        The file.

    Raises:
        InputError: there is no run.
    """
    from train import report_run
    from train.report_page import page

    with commands.whole_file(workdir / REPORT) as beside:
        # A file's name can hold bytes that are no UTF-8.
        beside.write_text(page(report_run.read(workdir), found), "utf-8", errors="replace")
    return workdir / REPORT


@contextmanager
def at_end(workdir: Path, people: People, wanted: bool = True) -> Iterator[None]:
    """Writes the report when the training inside is done; when it stops, without predictions, which would take a while.

    Nothing is written before the first epoch has ended. That a report can't be written does no harm to the training.

    Args:
        workdir: of the run.
        people: those held out.
        wanted: else nothing is done.
    """
    from train import report_run

    done = False
    try:
        yield
        done = True
    finally:
        if wanted and len(report_run.read(workdir).epochs):
            try:
                write(workdir, _found(workdir, people) if done else STOPPED)
            except OSError as error:
                sys.stderr.write(f"no report: {error}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), report, argv)


if __name__ == "__main__":
    sys.exit(main())
