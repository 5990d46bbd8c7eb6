"""`python -m convert.bench`: how fast the files of a network are, against the plain conversion and against ONNX Runtime.

    python -m convert.bench [--model FILE.keras] [--workdir DIR] [--threads 1,2] [--runs N] [--rounds N] [--markdown OUT]

Without a model it is the full LAPX at 256x256 with random weights: the time does not depend on what they say. Each file and
number of threads has a process of its own in each round, and the rounds alternate between them, with a short run of nothing but
convolutions among them, which is the ceiling. The files are kept in the folder and made again when the code of the conversion
has changed.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from convert.environment import require_tensorflow
from lapx_tf import commands
from lapx_tf.pretrained import KERAS, add_model_argument
from lapx_tf.runtime.benchmark import Turns
from lapx_tf.silence import quiet


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m convert.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_model_argument(parser, KERAS, "--model", help="a .keras file or a trained network; without it, the full LAPX")
    parser.add_argument(
        "--workdir",
        type=Path,
        default=Path("runs/bench"),
        metavar="DIR",
        help="for the files and bench.json (runs/bench)",
    )
    parser.add_argument(
        "--threads",
        type=commands.positive,
        nargs="+",
        default=[1, 2],
        metavar="N",
        help="of the runtimes (default 1 2)",
    )
    parser.add_argument("--runs", type=commands.positive, default=60, metavar="N", help="of each (default 60)")
    parser.add_argument(
        "--warmup", type=commands.natural, default=3, metavar="N", help="untimed runs before (default 3)"
    )
    parser.add_argument("--rounds", type=commands.positive, default=5, metavar="N", help="turns of each (default 5)")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write the tables as a document, too")
    return parser


def _bench(arguments: argparse.Namespace) -> None:
    require_tensorflow(os.environ.get("KERAS_BACKEND") or "tensorflow")
    console = Console()
    with quiet():
        # Here, because importing TensorFlow takes seconds and chats.
        from convert import bench_files, bench_report
        from convert.bench_measure import measure

    network: Path = arguments.model or arguments.workdir / "lapx.keras"
    if arguments.model is None and not network.is_file():
        with quiet():
            bench_files.write_network(network)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    # No refresh in the background while something is timed: it would take time from it.
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
        files = bench_files.made(commands.existing_file(network), arguments.workdir, progress)
        turns = Turns(arguments.runs, arguments.warmup, arguments.rounds)
        report = measure(files, arguments.threads, turns, progress)
    commands.write_json(arguments.workdir / "bench.json", report.to_dict())
    if arguments.markdown:
        with commands.whole_file(arguments.markdown) as beside:
            beside.write_text(bench_report.markdown(report), "utf-8")
    (console if console.is_terminal else Console(width=200)).print(bench_report.table(report))


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), _bench, argv)


if __name__ == "__main__":
    sys.exit(main())
