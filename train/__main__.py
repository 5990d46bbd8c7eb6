"""`python -m train RECIPE --data DIR --workdir DIR`: trains a LAPX network."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lapx_tf import commands
from lapx_tf.data import sources
from lapx_tf.data.left_right import without_suspicious
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.silence import quiet
from lapx_tf.spec import sha256_of
from train import recipe as recipes
from train.recipe import Recipe
from train.workdir import BEST, LAST, prepare


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train", description="Trains a LAPX network.")
    parser.add_argument("recipe", help=f"one of {', '.join(recipes.names())}")
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="data sets (LSP, LSPET, MPII, COCO, a COCO-style file of your own joints; raw or prepared), told by their "
        "files; without it, synthetic people",
    )
    parser.add_argument("--workdir", type=Path, required=True, metavar="DIR", help="where everything of the run goes")
    parser.add_argument("--epochs", type=commands.positive, help="instead of the recipe's")
    parser.add_argument("--batch-size", type=commands.positive, help="instead of the recipe's")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="a .keras network to start from, where it fits")
    parser.add_argument(
        "--drop-suspicious", action="store_true", help="leave out persons whose left and right are probably swapped"
    )
    parser.add_argument(
        "--unreadable-limit", type=commands.natural, default=100, metavar="N",
        help="pictures that can't be read and may be skipped, each with a warning (default 100)",
    )  # fmt: skip
    parser.add_argument(
        "--evaluate-every", type=commands.positive, metavar="N", help="epochs from one full evaluation to the next"
    )
    parser.add_argument("--seed", type=commands.natural, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the last whole epoch in --workdir")
    return parser


def resolve(arguments: argparse.Namespace) -> Recipe:
    """The recipe with what the command line overrides."""
    recipe = recipes.find(arguments.recipe)
    overrides = {key: getattr(arguments, key) for key in ("epochs", "batch_size")}
    return replace(recipe, **{key: value for key, value in overrides.items() if value is not None})


def train(arguments: argparse.Namespace) -> None:
    """Trains, from the start or from the last checkpoint."""
    recipe = resolve(arguments)
    print("reading the people" if arguments.data else "making synthetic people, half a minute", flush=True)
    people, held_out = read_people(arguments.data, recipe, arguments.drop_suspicious)
    # Not the folders: they may move, and the notes travel with a model that is given away.
    settings = {
        "recipe": recipe.to_dict(),
        "dataset": people.dataset,
        "persons": len(people),
        "seed": arguments.seed,
        "weights": arguments.weights and sha256_of(commands.existing_file(arguments.weights)),
    }
    prepare(arguments.workdir, settings, resume=arguments.resume)

    with quiet():  # here, after the arguments are known to be good: this takes seconds
        import keras

        from lapx_tf.data.loader import Loader
        from lapx_tf.models import storage
        from train.fit import fit
        from train.network import build, start_from
        from train.optimizer import compile_for

    keras.utils.set_random_seed(arguments.seed)
    last = arguments.workdir / LAST
    if last.is_file():
        model = storage.load(last, compiled=True)
    else:
        model = build(recipe, people)
        if arguments.weights:
            print(f"{start_from(model, arguments.weights)} of {len(model.weights)} arrays from {arguments.weights}")
        model.training_notes |= settings | {"epochs_done": 0}
        compile_for(model, recipe)
    notes = model.training_notes
    print(f"{recipe.name}: {model.count_params():,} weights, {len(people)} persons of {people.dataset}, "
          f"{len(held_out)} held out, epoch {notes['epochs_done'] + 1} to {recipe.epochs}; "
          f"the first step builds the graph, which takes half a minute a stack", flush=True)  # fmt: skip
    limit = arguments.unreadable_limit
    loaders = (
        Loader(people, recipe.size, recipe.batch_size, recipe.augmentation, arguments.seed, limit),
        Loader(held_out, recipe.size, recipe.batch_size, None, unreadable_limit=limit),
    )
    verbose = "auto" if sys.stdout.isatty() else 2
    try:
        fit(model, recipe, *loaders, arguments.workdir, arguments.evaluate_every, verbose)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"stopped; the same command with --resume goes on after epoch {notes['epochs_done']}"
        ) from None
    print(f"best PCK {notes['best_score']:.4f} after epoch {notes['best_epoch']}: {arguments.workdir / BEST}")


def read_people(paths: Sequence[Path], recipe: Recipe, drop_suspicious: bool = False) -> tuple[People, People]:
    """The people to train on and those held out, of whom none is dropped.

    Raises:
        InputError: a data set can't be used, or there are too few people.
    """
    people, held_out = (sources.load_all(paths, split) for split in ("train", "val"))
    if drop_suspicious:
        count, people = len(people), without_suspicious(people)
        print(f"left and right are probably swapped in {count - len(people)} of {count} persons, who are left out")
    if len(people) < recipe.batch_size:
        raise InputError(f"{len(people)} persons do not fill one batch of {recipe.batch_size}")
    return people, held_out


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), train, argv)


if __name__ == "__main__":
    sys.exit(main())
