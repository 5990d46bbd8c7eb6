"""`python -m train RECIPE --data DIR --workdir DIR`: trains a LAPX network."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lapx_tf import commands
from lapx_tf.data import sources
from lapx_tf.data.left_right import without_suspicious
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.silence import quiet
from lapx_tf.spec import sha256_of
from train import checkpoint_files, devices, dry_run, recipe_arguments, report
from train.endings import explained, resume_command
from train.recipe import Recipe
from train.saving import Interval, Saving
from train.state import Progress, State, put_network
from train.stopping import Stop, signals
from train.workdir import BEST, CHECKPOINTS, cut_log, prepare

if TYPE_CHECKING:
    from lapx_tf import LAPX


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train", description="Trains a LAPX network.")
    recipe_arguments.add_arguments(parser)
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="data sets (LSP, LSPET, MPII, COCO, a COCO-style file of your own joints; raw or prepared), told by their "
        "files; without it, synthetic people",
    )
    parser.add_argument("--workdir", type=Path, metavar="DIR", help="where everything of the run goes")
    parser.add_argument(
        "--steps", type=commands.positive, metavar="N",
        help="a dry run: no more steps than these, in whole epochs, on pictures that are there, and no more batches held out",
    )  # fmt: skip
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
    parser.add_argument("--no-report", action="store_true", help="no report.html at the end")
    parser.add_argument("--seed", type=commands.natural, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --workdir")
    parser.add_argument(
        "--save-every", type=Interval.parse, default=Interval(), metavar="N",
        help="from one checkpoint to the next in an epoch, as steps (500) or minutes (10min, the default); there is also one "
        "at its end, before its validation and at a stop",
    )  # fmt: skip
    parser.add_argument(
        "--deterministic",
        action="store_true",
        help="operations that give the same bits each time, where others are faster",
    )
    devices.add_arguments(parser)
    return parser


def train(arguments: argparse.Namespace, stop: Stop, again: str) -> None:
    """Trains, from the start or from the last checkpoint.

    Args:
        arguments: see `parser`.
        stop: asks for a stop.
        again: the command that goes on with this training.
    """
    recipe = recipe_arguments.resolve(arguments)
    if arguments.show:
        recipe_arguments.show(recipe)
        return
    if not arguments.workdir:
        raise InputError("--workdir DIR is needed: where everything of the run goes")
    print("reading the people" if arguments.data else "making synthetic people, half a minute", flush=True)
    people, held_out = read_people(arguments.data, recipe, arguments.drop_suspicious, arguments.steps)
    epochs = dry_run.epochs(recipe, len(people), arguments.steps)
    settings = settings_of(arguments, recipe, people)
    place = take_devices(arguments)
    place.check_batch(recipe.batch_size)
    with place.together():
        if place.writes:
            prepare(arguments.workdir, settings, resume=arguments.resume)
        start = checkpoint_files.newest(arguments.workdir / CHECKPOINTS) if arguments.resume else None
    progress = start.progress if start else Progress()
    place.check_same(settings | progress.to_dict())
    if progress.epochs_done >= epochs:
        print(f"this run is finished: {best(progress, arguments.workdir)}")
        return
    if place.writes:
        cut_log(arguments.workdir, progress.epochs_done)

    with quiet():  # here, after the arguments are known to be good: this takes seconds
        from train.fit import fit

    with place.scope():
        model = begin(recipe, people, arguments, start)
    model.training_notes |= settings | progress.to_dict()
    print(f"{recipe.name}: {model.count_params():,} weights, {len(people)} persons of {people.dataset}, "
          f"{len(held_out)} held out, {progress} done of {epochs}; "
          f"the first step builds the graph, some seconds a stack", flush=True)  # fmt: skip
    facts = {"data": [str(path.resolve()) for path in arguments.data]}
    limit = arguments.unreadable_limit
    loaders = (
        place.loader(people, recipe.size, recipe.batch_size, recipe.augmentation, arguments.seed, limit),
        place.loader(held_out, recipe.size, recipe.batch_size, None, unreadable_limit=limit),
    )
    saving = Saving(start, arguments.save_every, stop)
    with (
        explained(arguments.workdir, again),
        report.at_end(arguments.workdir, held_out, wanted=place.writes and not arguments.no_report),
        place.files(arguments.workdir) as workdir,
        place.scope(),
    ):
        done = fit(model, recipe, *loaders, workdir, saving, epochs, arguments.evaluate_every, facts)
    print(best(done, arguments.workdir))


def settings_of(arguments: argparse.Namespace, recipe: Recipe, people: People) -> dict[str, Any]:
    """What decides a run; one that resumes must have the same.

    Not the folders: they may move, and the settings travel with a model that is given away.
    """
    return {
        "recipe": recipe.to_dict(),
        "dataset": people.dataset,
        "persons": len(people),
        "steps": arguments.steps,
        "seed": arguments.seed,
        "deterministic": arguments.deterministic,
        "weights": arguments.weights and sha256_of(commands.existing_file(arguments.weights)),
    }


def take_devices(arguments: argparse.Namespace) -> devices.Place:
    """The devices to train on. Before anything is written, for there may be too few."""
    cluster = devices.cluster_of(arguments)
    if arguments.deterministic:
        from train.determinism import make_deterministic

        make_deterministic()
    return devices.take(arguments.devices, cluster)


def begin(recipe: Recipe, people: People, arguments: argparse.Namespace, start: State | None) -> "LAPX":
    """The network of a recipe, compiled: new, begun from the weights of another, or as it was at a checkpoint."""
    import keras

    from train.network import build, start_from
    from train.optimizer import compile_for

    keras.utils.set_random_seed(arguments.seed)
    model = build(recipe, people)
    if arguments.weights and not start:
        print(f"{start_from(model, arguments.weights)} of {len(model.weights)} arrays from {arguments.weights}")
    compile_for(model, recipe)
    if start:
        put_network(model, start)
    return model


def best(progress: Progress, workdir: Path) -> str:
    """What a run has to show."""
    if progress.best_score is None:
        return f"no validation of its {progress} gave a score that is a number"
    return f"best PCK {progress.best_score:.4f} after epoch {progress.best_epoch}: {workdir / BEST}"


def read_people(
    paths: Sequence[Path], recipe: Recipe, drop_suspicious: bool = False, steps: int | None = None
) -> tuple[People, People]:
    """The people to train on and those held out, of whom none is dropped; for a dry run, no more than its steps need.

    Raises:
        InputError: a data set can't be used, or there are too few people.
    """
    people, held_out = (sources.load_all(paths, split) for split in ("train", "val"))
    if drop_suspicious:
        count, people = len(people), without_suspicious(people)
        print(f"left and right are probably swapped in {count - len(people)} of {count} persons, who are left out")
    if steps:
        return dry_run.cut(people, held_out, recipe.batch_size, steps)
    if len(people) < recipe.batch_size:
        raise InputError(f"{len(people)} persons do not fill one batch of {recipe.batch_size}")
    return people, held_out


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    again = resume_command(sys.argv[1:] if argv is None else argv)
    with signals() as stop:
        return stop.exit_code(commands.run(parser(), partial(train, stop=stop, again=again), argv))


if __name__ == "__main__":
    sys.exit(main())
