"""`python -m train.release MODEL.keras --name NAME --data LSP --card CARD.md`: makes a trained network one of the package.

Converts it, scores every file and every network cut from it, with and without flip test, times them, draws its failures, fills
the tables of the card, and puts network and TFLite files into `lapx_tf/weights`. The same command again goes on where it was
stopped. A file in int8 that scores worse than its float32 by more than half a point is not released.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lapx_tf import commands
from lapx_tf.errors import InputError
from lapx_tf.pretrained import FOLDER as PACKAGE
from lapx_tf.pretrained import KERAS, add_model_argument
from lapx_tf.spec import sha256_of
from train.release import card, figures, history
from train.release.files import Made, install, make, pack
from train.steps import step


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train.release", description=__doc__)
    add_model_argument(parser, KERAS)
    parser.add_argument("--name", required=True, help="of the network in the package, such as lapx_lsp")
    parser.add_argument("--data", type=Path, required=True, metavar="LSP", help="its val is scored")
    parser.add_argument("--card", type=Path, required=True, metavar="CARD.md", help="whose tables are filled")
    parser.add_argument("--licence", required=True, metavar="TEXT", help="of the network, for the files")
    parser.add_argument(
        "--logs",
        type=Path,
        nargs="+",
        default=[],
        metavar="LOG.csv",
        help="of the runs that led to it, the first one first; a copy of the card's own stands for the runs before",
    )
    parser.add_argument(
        "--int8-mixed",
        action="store_true",
        help="int8 leaves attention and the last layers in float, where it needs that",
    )
    parser.add_argument("--workdir", type=Path, default=Path("runs/release"), metavar="DIR")
    return parser


def release(arguments: argparse.Namespace) -> None:
    """The whole chain; what each command gave is read back from the JSON that it wrote.

    Raises:
        InputError: a log would be overwritten with itself and more, each time that the command is run.
    """
    beside = arguments.card.parent / arguments.card.stem
    if (beside / history.LOG).resolve() in {log.resolve() for log in arguments.logs}:
        raise InputError(
            f"{beside / history.LOG} is where the joined log goes; give --logs a copy of it, somewhere else"
        )
    model = commands.existing_file(arguments.model)
    folder = arguments.workdir / f"{arguments.name}-{sha256_of(model)[:8]}"
    keras = pack(model, folder / f"{arguments.name}.keras")
    files = make(keras, arguments.data, arguments.licence, arguments.int8_mixed)
    for made in files:
        evaluate(made, arguments.data)
    times = folder / "latency.json"
    if not times.is_file():
        timed = [made.file for made in files if made.kind != KERAS]
        step("-m", "lapx_tf.runtime.cli", "benchmark", *timed, "--threads", "1", "--json", times)
    found = figures.collect(arguments.name, files, times)
    figures.check(found)
    history.write(keras, arguments.logs, beside)
    pictures(keras, arguments.data, beside)
    card.write(arguments.card, found)
    install(arguments.name, files, PACKAGE)


def evaluate(made: Made, data: Path) -> None:
    """Scores a file without and with flip test, once."""
    for options, json in ([], made.plain), (["--flip-test"], made.flipped):
        if not json.is_file():
            step(
                *("-m", "train.evaluate", made.file, "--dataset", "lsp", "--data", data, *options),
                *("--no-report", "--json", json),
            )


def pictures(model: Path, data: Path, folder: Path) -> None:
    """What the model finds worst, drawn for the card."""
    out = folder / "failures.jpg"
    step("-m", "train.sheet", model, "--data", data, "--worst", "--count", "12", "--flip-test", "--out", out)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), release, argv)


if __name__ == "__main__":
    sys.exit(main())
