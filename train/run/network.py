"""The network of a recipe: new, or begun from the weights of another."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras

from lapx_tf import LAPX
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.models import storage
from lapx_tf.models.lapx import weights_by_path
from train.recipe import Recipe
from train.run.growing import grow


def build(recipe: Recipe, people: People) -> LAPX:
    """The network of a recipe for the joints of a data set, with new weights."""
    with precision(recipe):
        return LAPX(
            width=recipe.width,
            stacks=recipe.stacks,
            depth=recipe.depth,
            nonlocal_stacks=recipe.nonlocal_stacks,
            joints=len(people.skeleton.joints),
            input_shape=(*recipe.size, 3),
            skeleton=people.skeleton,
            remat=recipe.remat,
            nonlocal_logits=recipe.nonlocal_logits,
            nonlocal_gain=recipe.nonlocal_gain,
            name=recipe.name,
        )


@contextmanager
def precision(recipe: Recipe) -> Iterator[None]:
    """Inside, a network that is made or loaded computes as the recipe says.

    The policy is not written into the network's file: what is loaded elsewhere computes in float32, as its weights are.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(recipe.precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def begin_with(model: LAPX, weights: Path | None, small: Path | None, seed: int) -> None:
    """Gives a new network what a training begins with, and says so.

    Args:
        model: the network.
        weights: a network from which to take what fits.
        small: a smaller network to grow from.
        seed: of the growing.

    Raises:
        InputError: a file holds no LAPX network, or one that doesn't fit.
    """
    if weights:
        print(f"{start_from(model, weights)} of {len(model.weights)} arrays from {weights}")
    if small:
        grow(model, storage.load(small), seed)
        print(f"grown from {small}")


def start_from(model: LAPX, file: Path) -> int:
    """Copies the weights of another network where name and shape agree, so that training need not begin from nothing.

    A network for other joints gives everything but its heat maps.

    Returns:
        How many arrays were copied.

    Raises:
        InputError: the file holds no LAPX network, or none of its weights fits.
    """
    theirs, copied = weights_by_path(storage.load(file)), 0
    for path, weight in weights_by_path(model).items():
        if path in theirs and theirs[path].shape == weight.shape:
            weight.assign(theirs[path])
            copied += 1
    if not copied:
        raise InputError(f"no weight of {file} fits the network of the recipe {model.name}")
    return copied
