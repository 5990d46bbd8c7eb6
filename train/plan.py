"""What `python -m train` is about to do: settled, and checked as far as it can be, before the network is built."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.data import sources
from lapx_tf.data.left_right import without_suspicious
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.spec import sha256_of
from train.checkpoints import files as checkpoint_files
from train.checkpoints.state import Progress, State
from train.recipe import Recipe
from train.run import devices, dry_run
from train.run.workdir import CHECKPOINTS, cut_log, prepare


@dataclass(frozen=True)
class Plan:
    """A training to be.

    Attributes:
        arguments: of the command.
        recipe: with the command's values.
        people: to train on.
        held_out: to validate on.
        epochs: where it ends.
    """

    arguments: argparse.Namespace
    recipe: Recipe
    people: People
    held_out: People
    epochs: int

    @classmethod
    def of(cls, arguments: argparse.Namespace, recipe: Recipe) -> "Plan":
        """Reads the people.

        Raises:
            InputError: there is nowhere to write to, or a data set can't be used.
        """
        if not arguments.workdir:
            raise InputError("--workdir DIR is needed: where everything of the run goes")
        print("reading the people" if arguments.data else "making synthetic people, half a minute", flush=True)
        people, held_out = read_people(arguments.data, recipe, arguments.drop_suspicious, arguments.steps)
        return cls(arguments, recipe, people, held_out, dry_run.epochs(recipe, len(people), arguments.steps))

    @property
    def workdir(self) -> Path:
        """The folder of the run."""
        return self.arguments.workdir

    @property
    def settings(self) -> dict[str, Any]:
        """What decides a run; one that resumes must have the same.

        Not the folders: they may move, and the settings travel with a model that is given away.
        """
        arguments = self.arguments
        return {
            "recipe": self.recipe.to_dict(),
            "dataset": self.people.dataset,
            "persons": len(self.people),
            "steps": arguments.steps,
            "seed": arguments.seed,
            "deterministic": arguments.deterministic,
            "weights": arguments.weights and sha256_of(commands.existing_file(arguments.weights)),
            "grow": arguments.grow and sha256_of(commands.existing_file(arguments.grow)),
        }

    def take_devices(self) -> devices.Place:
        """The devices to train on. Before anything is written, for there may be too few.

        Raises:
            InputError: there are, or they can't share a batch.
        """
        cluster = devices.cluster_of(self.arguments)
        if self.arguments.deterministic:
            from train.run.determinism import make_deterministic

            make_deterministic()
        place = devices.take(self.arguments.devices, cluster)
        place.check_batch(self.recipe.batch_size)
        return place

    def starting_point(self, place: devices.Place) -> State | None:
        """Prepares the folder of the run; all processes find the same in it.

        Returns:
            The last checkpoint; None for a new run.

        Raises:
            InputError: the folder can't be used, or the processes are about to do different things.
        """
        settings, resume = self.settings, self.arguments.resume
        with place.together():
            if place.writes:
                prepare(self.workdir, settings, resume=resume)
            start = checkpoint_files.newest(self.workdir / CHECKPOINTS) if resume else None
        progress = start.progress if start else Progress()
        place.check_same(settings | progress.to_dict())
        if place.writes and progress.epochs_done < self.epochs:
            cut_log(self.workdir, progress.epochs_done)
        return start

    def loaders(self, place: devices.Place) -> tuple[Loader, Loader]:
        """What this process trains and validates on."""
        recipe, seed, limit = self.recipe, self.arguments.seed, self.arguments.unreadable_limit
        return (
            place.loader(self.people, recipe.size, recipe.batch_size, recipe.augmentation, seed, limit),
            place.loader(self.held_out, recipe.size, recipe.batch_size, None, unreadable_limit=limit),
        )


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
