"""A dry run: a few steps on the pictures that are there, to try a recipe before the data set is complete."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from lapx_tf.data.people import FilePart, People, Person
from lapx_tf.errors import InputError
from train.recipe import Recipe


def cut(people: People, held_out: People, batch_size: int, steps: int) -> tuple[People, People]:
    """Persons for that many batches at most, taken at even distances from those whose pictures are there.

    Where there are pictures of one of the two only, both are taken from it: the score means nothing then.

    Args:
        people: to train on.
        held_out: to validate on.
        batch_size: persons a step.
        steps: batches.

    Raises:
        InputError: there are not enough pictures for one batch.
    """
    training, validation = at_hand(people), at_hand(held_out)
    training, validation = training if len(training) else validation, validation if len(validation) else training
    if len(training) < batch_size:
        raise InputError(
            f"there are pictures of {len(training)} persons, who do not fill one batch of {batch_size}; "
            "--batch-size makes a smaller one"
        )
    return spread(training, steps * batch_size), spread(validation, steps * batch_size)


def epochs(recipe: Recipe, persons: int, steps: int | None) -> int:
    """After how many epochs the steps are done, at the latest those of the recipe; whole ones, so there may be a few more."""
    if steps is None:
        return recipe.epochs
    return min(recipe.epochs, math.ceil(steps / (persons // recipe.batch_size)))


def at_hand(people: People) -> People:
    """Those whose pictures are there; nothing is read."""
    return replace(people, persons=[person for person in people.persons if _is_there(person)])


def spread(people: People, count: int) -> People:
    """So many of them, at even distances; all where there are not more."""
    if len(people) <= count:
        return people
    chosen = np.linspace(0, len(people) - 1, count).round().astype(int)
    return replace(people, persons=[people.persons[index] for index in chosen])


def _is_there(person: Person) -> bool:
    image = person.image.path if isinstance(person.image, FilePart) else person.image
    return image.is_file() if isinstance(image, Path) else True
