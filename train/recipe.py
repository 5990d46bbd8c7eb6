"""What a recipe is: every value that decides a training, in one frozen dataclass. The recipes are files in `recipes/`."""

import importlib
import pkgutil
from dataclasses import asdict, dataclass, field
from typing import Any

from lapx_tf.data.augmentation import Augmentation
from lapx_tf.errors import InputError


@dataclass(frozen=True)
class GammaPhases:
    """Lengths of the first two phases of `GammaWarmup` as shares of all epochs, and gamma at the end of the second."""

    frozen: float = 0.15
    ramp: float = 0.25
    target: float = 0.2


@dataclass(frozen=True)
class Recipe:
    """A training.

    Attributes:
        name: of the recipe and of the model's files.
        width: of the network, see `lapx_tf.LAPX`; so are stacks, depth and nonlocal_stacks.
        size: (height, width) of the crops.
        epochs: passes over the people.
        batch_size: persons a step.
        learning_rate: at its height; it rises linearly in the warm-up and falls with the cosine to nothing.
        warmup_epochs: length of the rise.
        weight_decay: of AdamW; normalisation, biases, gates and gamma are spared.
        clip_norm: the gradient's global norm is cut there; None for no limit.
        ema: momentum of the averaged weights, which are validated and kept; None for none.
        sigma: of the target Gaussians in pixels of the heat map.
        augmentation: see there.
        gamma: the warm-up of the NonLocal modules.
    """

    name: str
    width: int
    stacks: int
    nonlocal_stacks: tuple[int, ...]
    size: tuple[int, int]
    epochs: int
    batch_size: int
    learning_rate: float
    depth: int = 4
    warmup_epochs: float = 1.0
    weight_decay: float = 1e-4
    clip_norm: float | None = 1.0
    ema: float | None = None
    sigma: float = 1.5
    augmentation: Augmentation = field(default_factory=Augmentation)
    gamma: GammaPhases = field(default_factory=GammaPhases)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form."""
        return asdict(self)


def names() -> list[str]:
    """The recipes that there are."""
    from train import recipes

    return sorted(module.name for module in pkgutil.iter_modules(recipes.__path__))


def find(name: str) -> Recipe:
    """The recipe of a name.

    Raises:
        InputError: there is no such recipe.
    """
    if name not in names():
        raise InputError(f"no recipe {name!r}; there are {', '.join(names())}")
    return importlib.import_module(f"train.recipes.{name}").RECIPE
