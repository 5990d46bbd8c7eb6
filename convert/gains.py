"""`python -m convert.gains MODEL.keras`: what each exact rewrite of the graph gains, alone and on top of all others.

TensorFlow Lite files of the network with none of the rewrites, with each alone, with all that suit the precision, and with all
but each, against the plain conversion of Keras' graph. What is no rewrite but the way the graph is written is in all of them
but the plain one: batch normalisations in the convolutions before them, and in int8 the ELUs in integers.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from convert.environment import require_tensorflow
from convert.graph.options import FOR_FLOAT, FOR_INT8, Rewrite
from lapx_tf import commands
from lapx_tf.pretrained import KERAS, add_model_argument
from lapx_tf.runtime.benchmark import Configuration, cpu_name, measure
from lapx_tf.silence import quiet

if TYPE_CHECKING:  # TensorFlow takes seconds to import and chats
    from convert.gains_files import Row

SUITED = {"float32": FOR_FLOAT, "int8": FOR_INT8}
_HEADER = ("rewrites", "GMAC", "operations", "parts", "beside", "MB", "CPU ms", "ms", "x plain")


def choices(precision: str) -> dict[str, frozenset[Rewrite]]:
    """The sets of rewrites to compare, by what they are in words."""
    suited = SUITED[precision]
    return {
        "none": frozenset[Rewrite](),
        **{f"only {one.value}": frozenset({one}) for one in Rewrite},
        "all that suit": suited,
        **{f"all but {one.value}": suited - {one} for one in Rewrite if one in suited},
        **{f"all and {one.value}": suited | {one} for one in Rewrite if one not in suited},
    }


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m convert.gains", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_model_argument(parser, KERAS)
    parser.add_argument("--precision", choices=tuple(SUITED), default="float32", help="of the files (default float32)")
    parser.add_argument("--runs", type=commands.positive, default=50, metavar="N", help="of each (default 50)")
    parser.add_argument(
        "--warmup", type=commands.natural, default=3, metavar="N", help="untimed runs before (default 3)"
    )
    parser.add_argument("--rounds", type=commands.positive, default=5, metavar="N", help="turns of each (default 5)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write what was found")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write the table as a document")
    return parser


def _gains(arguments: argparse.Namespace) -> None:
    require_tensorflow(os.environ.get("KERAS_BACKEND") or "tensorflow")
    commands.existing_file(arguments.model)
    # No refresh in the background while something is timed: it would take time from it.
    with Progress(console=Console(stderr=True), auto_refresh=False) as progress, TemporaryDirectory() as folder:
        rows = _measured(arguments, Path(folder), progress)
    if arguments.json:
        commands.write_json(arguments.json, {"cpu": cpu_name(), "rows": [asdict(row) for row in rows]})
    title = f"{arguments.model.name}, {arguments.precision}, batch 1, one thread on {cpu_name()}"
    if arguments.markdown:
        with commands.whole_file(arguments.markdown) as beside:
            beside.write_text(_markdown(title, rows), "utf-8")
    console = Console()
    (console if console.is_terminal else Console(width=140)).print(_table(title, rows))


def _measured(arguments: argparse.Namespace, folder: Path, progress: Progress) -> "list[Row]":
    with quiet():
        # Here, because importing TensorFlow takes seconds and chats.
        from convert import gains_files

    sets = choices(arguments.precision)
    written = gains_files.write(
        arguments.model, folder, arguments.precision, sets, _bar(progress, "files", len(sets) + 1)
    )
    on_process = _bar(progress, "times", len(written) * arguments.rounds)
    configurations = [Configuration(one.file, 1) for one in written]
    measured = measure(configurations, arguments.runs, arguments.warmup, arguments.rounds, on_process)
    return [gains_files.row(one, of, measured[0]) for one, of in zip(written, measured, strict=True)]


def _bar(progress: Progress, name: str, total: int) -> Callable[[], None]:
    task = progress.add_task(name, total=total)

    def advance() -> None:
        progress.advance(task)
        progress.refresh()

    return advance


def _table(title: str, rows: "Sequence[Row]") -> Table:
    table = Table(title=title)
    for name in _HEADER:
        table.add_column(name, justify="left" if name == _HEADER[0] else "right")
    for row in rows:
        table.add_row(*row.cells())
    return table


def _markdown(title: str, rows: "Sequence[Row]") -> str:
    lines = [_HEADER, ["---"] * len(_HEADER), *(row.cells() for row in rows)]
    return "\n".join([f"{title}:", "", *(f"| {' | '.join(cells)} |" for cells in lines)]) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), _gains, argv)


if __name__ == "__main__":
    sys.exit(main())
