"""`python -m convert.flops --out DIR`: LAPX, Lite-HRNet-18 and the plain hourglass in time, work and memory.

    python -m convert.flops --out DIR [--threads 1 2] [--runs N] [--rounds N] [--size 256x256] [--fill docs/flops.md]

Converts what is missing in DIR/files, times every file in LiteRT and ONNX Runtime, one process a file, number of threads and
round, the rounds in turns, and measures memory. DIR then has `flops.json`, `flops.md`, `ram.md` and `flops.png`. What was
converted is not converted again; `--report-only` writes the tables and the plot of the last run without measuring.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from convert.environment import require_tensorflow
from convert.request import parse_size
from lapx_tf import commands
from lapx_tf.runtime.benchmark import Turns
from lapx_tf.runtime.benchmark.machine import this_machine
from lapx_tf.silence import quiet

with quiet():  # these bring TensorFlow, which takes seconds and chats
    from convert.flops import document, files, ram, tables, times
    from convert.flops.networks import LAPX_KEY, NETWORKS

SIZES = ((256, 192), (384, 288))
"""Of the input, that LAPX and Lite-HRNet-18 are timed at, too."""

KINDS = (("tflite", "float32"), ("tflite", "int8"), ("onnx", "float32"), ("onnx", "int8"))
RAM_ROUNDS = 3


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m convert.flops", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for files, tables and the plot")
    parser.add_argument(
        "--threads",
        type=commands.positive,
        nargs="+",
        default=[1, 2],
        metavar="N",
        help="of the runtimes (default 1 2)",
    )
    parser.add_argument("--runs", type=commands.positive, default=60, metavar="N", help="of each (default 60)")
    parser.add_argument("--warmup", type=commands.natural, default=3, metavar="N", help="untimed, before (default 3)")
    parser.add_argument("--rounds", type=commands.positive, default=5, metavar="N", help="turns of each (default 5)")
    parser.add_argument("--size", default="256x256", metavar="HxW", help="of the input (default 256x256)")
    parser.add_argument("--fill", type=Path, metavar="DOCUMENT", help="put tables and plot into a document, too")
    parser.add_argument("--report-only", action="store_true", help="of the last run in DIR; measure nothing")
    return parser


def _flops(arguments: argparse.Namespace) -> None:
    if arguments.fill:
        commands.existing_file(arguments.fill)
    if arguments.report_only:
        found = document.read(arguments.out)
    else:
        require_tensorflow(os.environ.get("KERAS_BACKEND") or "tensorflow")
        found = _found(arguments)
    document.write(found, arguments.out)
    if arguments.fill:
        document.fill(arguments.fill, found, arguments.out)


def _found(arguments: argparse.Namespace) -> document.Found:
    size, folder = parse_size(arguments.size), arguments.out / "files"
    timed = [files.File(one.key, size, *kind) for one in NETWORKS for kind in KINDS]
    timed += [files.File(key, other, *kind) for key in (LAPX_KEY, tables.LITE) for other in SIZES for kind in KINDS[:2]]
    timed = list(dict.fromkeys(timed))
    keys = [one.key for one in NETWORKS]
    filed = list(dict.fromkeys([*timed, *(ram.file_of(key, side) for key in keys for side in ram.SIZES)]))
    turns = Turns(arguments.runs, arguments.warmup, arguments.rounds)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    # No refresh in the background while something is timed: it would take time from it.
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as progress:
        groups = len({(one.key, one.size) for one in filed})
        on_start, on_end = _bar(progress, "files", groups)
        files.make(filed, folder, on_start, on_end)
        _, advance = _bar(progress, "times", len(timed) * len(arguments.threads) * turns.rounds)
        rows = times.measured(timed, folder, arguments.threads, turns, advance)
        _, advance = _bar(progress, "memory", len(keys) * len(ram.settings()) * RAM_ROUNDS)
        memory = ram.measured(keys, folder, RAM_ROUNDS, advance)
    return document.Found(_conditions(turns), size, rows, memory)


def _bar(progress: Progress, name: str, total: int) -> tuple[Callable[[str], None], Callable[[], None]]:
    """A bar; returns what tells the thing that is under way, and what counts it."""
    task = progress.add_task(name, total=total)

    def show(what: str) -> None:
        progress.update(task, description=f"{name}: {what}")
        progress.refresh()

    def advance() -> None:
        progress.advance(task)
        progress.refresh()

    return show, advance


def _conditions(turns: Turns) -> str:
    machine = this_machine()
    packages = ", ".join(f"{name} {machine.packages[name]}" for name in ("ai-edge-litert", "onnxruntime"))
    return (
        f"Batch 1 on {machine.name} ({machine.cores} cores, Python {machine.python}, {packages}), {date.today()}:"
        f" {turns.runs} runs of each in {turns.rounds} alternating rounds, one process a file, number of threads and round;"
        f" at the end the load average was {os.getloadavg()[0]:.1f}."
    )


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), _flops, argv)


if __name__ == "__main__":
    sys.exit(main())
