"""`python -m train RECIPE --data DIR --workdir DIR`: trains a LAPX network."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.errors import InputError
from train import recipe as recipes
from train.recipe import Recipe


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = argparse.ArgumentParser(prog="python -m train", description="Trains a LAPX network.")
    parser.add_argument("recipe", help=f"one of {', '.join(recipes.names())}")
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR",
        help="folders of data sets (LSP, LSPET), told by their files; without it, synthetic people",
    )
    parser.add_argument("--workdir", type=Path, required=True, metavar="DIR", help="where everything of the run goes")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's")
    parser.add_argument("--batch-size", type=int, help="instead of the recipe's")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the last whole epoch in --workdir")
    return parser


def resolve(arguments: argparse.Namespace) -> Recipe:
    """The recipe with what the command line overrides."""
    recipe = recipes.find(arguments.recipe)
    overrides = {key: getattr(arguments, key) for key in ("epochs", "batch_size")}
    for key, value in overrides.items():
        if value is not None and value < 1:
            raise InputError(f"--{key.replace('_', '-')} must be at least 1, got {value}")
    if arguments.seed < 0:
        raise InputError(f"--seed can't be negative, got {arguments.seed}")
    return replace(recipe, **{key: value for key, value in overrides.items() if value is not None})


def train(arguments: argparse.Namespace) -> None:
    """Trains, from the start or from the last checkpoint."""
    recipe = resolve(arguments)
    settings = {
        "recipe": recipe.to_dict(),
        "data": [str(folder) for folder in arguments.data],
        "seed": arguments.seed,
    }
    prepare_workdir(arguments.workdir, settings, resume=arguments.resume)

    import keras  # after the arguments are known to be good: this takes seconds

    from lapx_tf.data import sources
    from lapx_tf.data.pipeline import Loader
    from lapx_tf.models import storage
    from train.checkpoint import LAST
    from train.fit import build, compile_for, fit

    keras.utils.set_random_seed(arguments.seed)
    people, held_out = (sources.load_all(arguments.data, split) for split in ("train", "val"))
    if len(people) < recipe.batch_size:
        raise InputError(f"{len(people)} persons do not fill one batch of {recipe.batch_size}")
    training = Loader(people, recipe.size, recipe.batch_size, recipe.augmentation, arguments.seed)
    validation = Loader(held_out, recipe.size, recipe.batch_size, None)

    if (arguments.workdir / LAST).is_file():
        model = storage.load(arguments.workdir / LAST, compiled=True)
    else:
        model = build(recipe, people)
        model.training_notes |= settings | {"dataset": people.dataset, "persons": len(people), "epochs_done": 0}
        compile_for(model, recipe)
    done = model.training_notes["epochs_done"]
    print(f"{recipe.name}: {model.count_params():,} weights, {len(people)} persons of {people.dataset}, "
          f"{len(held_out)} held out, epoch {done + 1} to {recipe.epochs}", flush=True)  # fmt: skip
    fit(model, recipe, training, validation, arguments.workdir, done, verbose="auto" if sys.stdout.isatty() else 2)
    print(f"best PCK {model.training_notes['best_score']:.4f} after epoch {model.training_notes['best_epoch']}: "
          f"{arguments.workdir / 'best.keras'}")  # fmt: skip


def prepare_workdir(workdir: Path, settings: dict[str, Any], *, resume: bool) -> None:
    """Makes the folder and writes down the settings, or checks that they are those of the run to resume.

    Raises:
        InputError: there is a run and `resume` was not asked for, or there is none to resume, or it had other settings.
    """
    written = workdir / "recipe.json"
    if resume:
        stored = json.loads(commands.existing_file(written).read_text("utf-8"))
        if stored != json.loads(json.dumps(settings)):
            changed = [key for key in settings if stored.get(key) != json.loads(json.dumps(settings))[key]]
            raise InputError(f"the run in {workdir} had other settings ({', '.join(changed)}), see {written}")
        return
    if written.exists():
        raise InputError(f"{workdir} holds a run; go on with --resume, or name another --workdir")
    commands.write_json(written, settings)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    arguments = parser().parse_args(argv)
    return commands.run(lambda: train(arguments))


if __name__ == "__main__":
    sys.exit(main())
