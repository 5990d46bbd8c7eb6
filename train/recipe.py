"""What a recipe is: every value that decides a training, in one frozen dataclass. The recipes are files in `recipes/`."""

import importlib
import json
import math
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from operator import attrgetter
from typing import Any, Literal

from lapx_tf.data.augmentation import Augmentation
from lapx_tf.errors import InputError
from lapx_tf.models import arguments
from lapx_tf.models.arguments import Gain, Logits


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
        width: of the network, see `lapx_tf.LAPX`; so are stacks, depth, nonlocal_stacks, nonlocal_logits and nonlocal_gain.
        size: (height, width) of the crops.
        epochs: passes over the people.
        batch_size: persons a step.
        learning_rate: at its height.
        optimizer: `adamw`, or `adam`, which has no weight decay.
        weight_decay: of AdamW; normalisation, biases, gates and gamma are spared.
        warmup_epochs: in which the learning rate rises linearly.
        schedule: how it falls: `cosine` to nothing, or by `steps`.
        drops: where `steps` fall, as shares of all epochs in rising order.
        drop_factor: of each of these steps.
        clip_norm: the gradient's global norm is cut there; None for no limit.
        ema: momentum of the averaged weights, which are validated and kept; None for none.
        precision: what is computed in. Weights, heat maps and loss are float32 in all of them; `mixed_float16` scales the
            loss so that small gradients survive.
        remat: gradient checkpointing, see `lapx_tf.LAPX`.
        sigma: of the target Gaussians in pixels of the heat map.
        augmentation: see there.
        gamma: the warm-up of the NonLocal modules; only `nonlocal_gain="gamma"` has one.

    Raises:
        InputError: a value is outside its range.
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
    nonlocal_logits: Logits = "plain"
    nonlocal_gain: Gain = "gamma"
    optimizer: Literal["adamw", "adam"] = "adamw"
    weight_decay: float = 1e-4
    warmup_epochs: float = 1.0
    schedule: Literal["cosine", "steps"] = "cosine"
    drops: tuple[float, ...] = (170 / 210, 200 / 210)
    drop_factor: float = 0.1
    clip_norm: float | None = 1.0
    ema: float | None = None
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    remat: bool = False
    sigma: float = 1.5
    augmentation: Augmentation = field(default_factory=Augmentation)
    gamma: GammaPhases = field(default_factory=GammaPhases)

    def __post_init__(self) -> None:
        try:
            arguments.check(
                self.width,
                self.stacks,
                self.depth,
                self.nonlocal_stacks,
                input_shape=(*self.size, 3),
                nonlocal_logits=self.nonlocal_logits,
                nonlocal_gain=self.nonlocal_gain,
            )
        except ValueError as error:
            raise InputError(f"the recipe {self.name} makes no network: {error}") from error
        for accepted, holds, keys in _ACCEPTED:
            for key in keys:
                value = attrgetter(key)(self)
                if value is not None and not holds(value):
                    raise InputError(f"{key} must be {accepted}, got {value}")
        if self.gamma.frozen + self.gamma.ramp > 1:
            raise InputError(
                f"gamma.frozen and gamma.ramp must not be more than 1 together, got {self.gamma.frozen} and {self.gamma.ramp}"
            )

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form."""
        return asdict(self)


def completed(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What a JSON file has of a recipe, with the values that came later than the file: their defaults change nothing."""
    defaults = {each.name: each.default for each in fields(Recipe) if each.default is not MISSING}
    return json.loads(json.dumps(defaults | dict(stored)))  # tuples become lists, as in the file


def _shares_that_rise(values: tuple[float, ...]) -> bool:
    return all(0 < value < 1 for value in values) and list(values) == sorted(set(values))


_ACCEPTED: tuple[tuple[str, Callable[[Any], bool], tuple[str, ...]], ...] = (
    ("1 or more", lambda value: value >= 1, ("epochs", "batch_size")),
    ("above 0", lambda value: 0 < value < math.inf, ("learning_rate", "clip_norm", "sigma", "drop_factor")),
    (
        "0 or more",
        lambda value: 0 <= value < math.inf,
        (
            *("weight_decay", "warmup_epochs", "gamma.target", "augmentation.scale", "augmentation.rotation"),
            *("augmentation.translation", "augmentation.brightness", "augmentation.contrast"),
            *("augmentation.saturation", "augmentation.tint"),
        ),
    ),
    (
        "0 to 1",
        lambda value: 0 <= value <= 1,
        (
            *("gamma.frozen", "gamma.ramp", "augmentation.flip"),
            *("augmentation.rotation_probability", "augmentation.half_body"),
        ),
    ),
    ("0 or more and below 1", lambda value: 0 <= value < 1, ("ema",)),
    ("rising shares of all epochs, between 0 and 1", _shares_that_rise, ("drops",)),
)
"""What is accepted, in words and as a test, and of which values; None is always accepted where the type has it."""


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


def purpose(name: str) -> str:
    """What the recipe of a name is for, in one line."""
    return (importlib.import_module(f"train.recipes.{name}").__doc__ or "").splitlines()[0]
