"""Writing the report of a run: at its end, or when asked for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lapx_tf import commands
from lapx_tf.data.people import People
from lapx_tf.silence import quiet

if TYPE_CHECKING:  # Keras takes seconds to import, and wrong arguments are told without
    from train.report.found import Found

REPORT = "report.html"

STOPPED = "No predictions are drawn, because the run was stopped; `python -m train.report` with its folder draws them."


def find(workdir: Path, people: People) -> "Found | str":
    """What the best network of a run finds of the persons held out, or why there is nothing, one sentence."""
    with quiet():
        from train.report import found

    return found.find(workdir, people)


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
    from train.report import run_files
    from train.report.page import page

    with commands.whole_file(workdir / REPORT) as beside:
        # A file's name can hold bytes that are no UTF-8.
        beside.write_text(page(run_files.read(workdir), found), "utf-8", errors="replace")
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
    from train.report import run_files

    done = False
    try:
        yield
        done = True
    finally:
        if wanted and len(run_files.read(workdir).epochs):
            try:
                write(workdir, find(workdir, people) if done else STOPPED)
            except OSError as error:
                sys.stderr.write(f"no report: {error}\n")
