"""What the command line says of a recipe: which one, with which other values, and what there is to choose from."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from lapx_tf import commands
from train import recipe as recipes
from train.overrides import override
from train.recipe import Recipe


class ShowList(argparse.Action):
    """Prints the recipes, one a line, and ends the command, as `--help` does."""

    def __init__(self, option_strings: Sequence[str], dest: str, **kwargs: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **kwargs)

    def __call__(self, parser: argparse.ArgumentParser, *args: Any, **kwargs: Any) -> None:
        """See the class."""
        names = recipes.names()
        width = max(map(len, names))
        for name in names:
            print(f"{name:{width}}  {recipes.purpose(name)}")
        parser.exit()


def add_arguments(parser: commands.Parser) -> None:
    """The recipe and its values."""
    parser.add_argument("recipe", metavar="RECIPE", help=f"one of {', '.join(recipes.names())}")
    parser.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE",
        help="other values than the recipe's: learning_rate=5e-4 augmentation.rotation=30 size=256x192; --show has all keys",
    )  # fmt: skip
    parser.add_argument("--epochs", type=commands.positive, help="instead of the recipe's")
    parser.add_argument("--batch-size", type=commands.positive, help="instead of the recipe's")
    parser.add_argument("--list", action=ShowList, help="print the recipes and what they are for")
    parser.add_argument(
        "--show", action="store_true", help="print the recipe with these values as JSON, and train nothing"
    )


def resolve(arguments: argparse.Namespace) -> Recipe:
    """The recipe with what the command line sets.

    Raises:
        InputError: there is no such recipe, or a value is not accepted.
    """
    short = {key: getattr(arguments, key) for key in ("epochs", "batch_size")}
    settings = [*arguments.set, *(f"{key}={value}" for key, value in short.items() if value is not None)]
    return override(recipes.find(arguments.recipe), settings)


def show(recipe: Recipe) -> None:
    """Prints a recipe as JSON."""
    print(json.dumps(recipe.to_dict(), indent=2))
