"""`python -m train.inspect --dataset lsp --data DIR --out PNG`: a data set as training sees it, and what is wrong with it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from lapx_tf import commands
from lapx_tf.data.sources import NAMES, load_named
from lapx_tf.errors import InputError
from lapx_tf.silence import quiet
from train import recipe as recipes
from train.inspect.counts import find_problems, show, summary
from train.inspect.sheet import choose, sheet
from train.pictures import picture_file, write_picture

MAX_ROWS = 100
"""People on a sheet. A row is 288 pixels high; viewers, and JPEG, have their limits."""


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m train.inspect",
        description="Draws people of a data set as training sees them, counts, and lists what is wrong with the data.",
    )
    parser.add_argument("--dataset", choices=NAMES, required=True)
    parser.add_argument("--data", type=Path, metavar="DIR", help="its folder (synthetic people need none)")
    parser.add_argument("--split", choices=("train", "val", "all"), default="train")
    parser.add_argument("--out", type=picture_file, required=True, metavar="PNG", help="the sheet; or a .jpg")
    parser.add_argument("--json", type=Path, metavar="OUT", help="where the counts and the whole list go")
    parser.add_argument("--count", type=commands.positive, default=8, help="people on the sheet")
    parser.add_argument("--seed", type=commands.natural, default=0, help="of the choice and the augmentation")
    parser.add_argument("--recipe", default="lsp_256", help=f"its augmentation: {', '.join(recipes.names())}")
    parser.add_argument("--no-images", action="store_true", help="do not read all images to check them")
    return parser


def inspect(arguments: argparse.Namespace) -> None:
    """Checks, lists, then draws: the list is there even where no image can be drawn."""
    recipe = recipes.find(arguments.recipe)
    if arguments.count > MAX_ROWS:
        raise InputError(f"--count must be at most {MAX_ROWS}, got {arguments.count}")
    people = load_named(arguments.dataset, arguments.data, arguments.split)
    findings = find_problems(people, images=not arguments.no_images)
    counts = summary(people, findings)
    console = Console()
    console.print(show(counts, findings))
    if arguments.json:
        commands.write_json(arguments.json, counts | {"split": arguments.split, "images_read": not arguments.no_images})
    shown = choose(people, arguments.count, arguments.seed)
    with quiet():
        picture = sheet(shown, recipe, arguments.seed)
    write_picture(arguments.out, picture)
    written = [arguments.out, *([arguments.json] if arguments.json else [])]
    console.print(f"written: {', '.join(map(str, written))}", markup=False, highlight=False, soft_wrap=True)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), inspect, argv)


if __name__ == "__main__":
    sys.exit(main())
