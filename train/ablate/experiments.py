"""The experiments of the paper (arXiv 2512.16089): which trainings each of them compares."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lapx_tf.errors import InputError
from train.ablate.size import matching_width, size_of
from train.overrides import override
from train.recipe import Recipe


@dataclass(frozen=True)
class Variant:
    """One of the trainings that are compared.

    Attributes:
        label: what it is, a few words.
        recipe: all its values.
        settings: what it replaces in the recipe of the experiment, each `KEY=VALUE`.
    """

    label: str
    recipe: Recipe
    settings: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The beginning of its runs' names: the same for all experiments where it is the recipe as it stands."""
        return re.sub(r"[^a-z0-9.]+", "-", self.label.lower()) if self.settings else "recipe"


Experiment = Callable[[Recipe, int], list[Variant]]
"""From the recipe and the number of joints."""


def stages(recipe: Recipe, joints: int) -> list[Variant]:
    """Two, three and four stacks of equal size, NonLocal in the first and the last.

    The width of three stacks is the recipe's. The others have the width whose number of parameters comes closest to theirs.
    """
    target = size_of(replace(recipe, stacks=3, nonlocal_stacks=(1, 3)), joints).parameters
    variants = []
    for stacks in (2, 3, 4):
        cut = replace(recipe, stacks=stacks, nonlocal_stacks=(1, stacks))
        width = matching_width(cut, target, joints)
        settings = (f"stacks={stacks}", f"nonlocal_stacks=1,{stacks}", f"width={width}")
        variants.append(_variant(f"{stacks} stacks of width {width}", recipe, settings))
    return variants


def warmup(recipe: Recipe, joints: int) -> list[Variant]:
    """NonLocal behind the warm-up of gamma, without it, and switched off.

    Without it, gamma trains like any weight: from 0 on and from the first step, or from the recipe's target on and from the
    second epoch (in the first it is held there).

    Raises:
        InputError: the recipe has no NonLocal module, or no warm-up to compare with.
    """
    gamma = recipe.gamma
    warm = recipe.nonlocal_gain == "gamma" and gamma.frozen + gamma.ramp and gamma.target
    if not recipe.nonlocal_stacks or not warm:
        raise InputError(
            f"the recipe {recipe.name} has no warm-up of gamma: it needs `nonlocal_stacks`, `nonlocal_gain` gamma, "
            f"`gamma.target` and one of `gamma.frozen` and `gamma.ramp`, got {recipe.nonlocal_stacks}, "
            f"{recipe.nonlocal_gain}, {gamma.target}, {gamma.frozen} and {gamma.ramp}"
        )
    one_epoch = f"gamma.ramp={1 / recipe.epochs}"
    return [
        _variant("with warm-up", recipe),
        _variant("live from 0", recipe, ("gamma.frozen=0", "gamma.ramp=0")),
        _variant(f"live from {gamma.target}", recipe, ("gamma.frozen=0", one_epoch)),
        _variant("fixed at 0", recipe, ("gamma.frozen=1", "gamma.ramp=0")),
    ]


def nonlocal_stacks(recipe: Recipe, joints: int) -> list[Variant]:
    """NonLocal in no stack, the first, the last, both, or all; where two of these are the same, once."""
    first, last = 1, recipe.stacks
    choices = {
        "none": (),
        "first": (first,),
        "last": (last,),
        "first and last": (first, last),
        "all": range(first, last + 1),
    }
    labels: dict[tuple[int, ...], str] = {}
    for label, stacks in choices.items():
        labels.setdefault(tuple(sorted(set(stacks))), label)
    return [
        _variant(f"NonLocal: {label}", recipe, [f"nonlocal_stacks={','.join(map(str, stacks))}"])
        for stacks, label in labels.items()
    ]


def stable(recipe: Recipe, joints: int) -> list[Variant]:
    """Forms of NonLocal that may do without the warm-up of gamma, beside the paper's with it, without it, and switched off.

    The forms with a scalar gamma are live from the recipe's target on, as in `warmup`; the others from their own start on.

    Raises:
        InputError: the recipe has no NonLocal module, not the paper's form of it, or no warm-up to compare with.
    """
    if recipe.nonlocal_logits != "plain":
        raise InputError(f"this experiment sets `nonlocal_logits` itself, got {recipe.nonlocal_logits}")
    warm, _, live, off = warmup(recipe, joints)
    return [
        warm,
        live,
        _variant(f"scaled logits, {live.label}", recipe, (*live.settings, "nonlocal_logits=scaled")),
        _variant(f"cosine logits, {live.label}", recipe, (*live.settings, "nonlocal_logits=cosine")),
        _variant("LayerScale", recipe, ("nonlocal_gain=layer_scale",)),
        _variant("zero projection", recipe, ("nonlocal_gain=zero_projection",)),
        off,
    ]


EXPERIMENTS: Mapping[str, Experiment] = {
    "stages": stages,
    "warmup": warmup,
    "nonlocal": nonlocal_stacks,
    "stable": stable,
}
"""By the name that the command knows."""


def _variant(label: str, recipe: Recipe, settings: Sequence[str] = ()) -> Variant:
    """Settings that change nothing are left out, so that one run serves all experiments."""
    changed = override(recipe, settings)
    return Variant(label, changed, tuple(settings) if changed != recipe else ())
