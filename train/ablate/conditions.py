"""What all runs in the folder of an experiment share, so that they can be compared."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.data import sources
from lapx_tf.data.records import read_json
from lapx_tf.errors import InputError
from train import recipe as recipes
from train.overrides import override
from train.recipe import Recipe

FILE = "ablation.json"


@dataclass(frozen=True)
class Conditions:
    """The shared part.

    Attributes:
        recipe_name: of the recipe.
        settings: what is replaced in it, each `KEY=VALUE`.
        recipe: what comes of it.
        dataset: its name.
        persons: to train on.
        held_out: of whom the scores are.
        joints: heat maps of the network.
    """

    recipe_name: str
    settings: tuple[str, ...]
    recipe: Recipe
    dataset: str
    persons: int
    held_out: int
    joints: int


def of_command(recipe_name: str, settings: Sequence[str], data: Sequence[Path]) -> Conditions:
    """The conditions that the command asks for.

    Raises:
        InputError: recipe, settings or data are wrong.
    """
    recipe = override(recipes.find(recipe_name), settings)
    people, held_out = (sources.load_all(data, split) for split in ("train", "val"))
    joints = len(people.skeleton.joints)
    return Conditions(recipe_name, tuple(settings), recipe, people.dataset, len(people), len(held_out), joints)


def agree(workdir: Path, conditions: Conditions) -> None:
    """Writes them down, or checks that the runs in the folder have the same.

    Raises:
        InputError: they have others.
    """
    file, wanted = workdir / FILE, _json(conditions)
    if not file.is_file():
        commands.write_json(file, wanted)
        return
    stored = read_json(file)
    stored["recipe"] = recipes.completed(stored["recipe"])
    changed = [key for key, value in wanted.items() if stored.get(key) != value]
    if changed:
        raise InputError(
            f"the runs in {workdir} had another {', '.join(changed)}, see {file}; with others name another --workdir"
        )


def of_folder(workdir: Path) -> Conditions:
    """The conditions of the runs in a folder.

    Raises:
        InputError: there are none, or the recipe is another today.
    """
    stored = read_json(commands.existing_file(workdir / FILE))
    recipe = override(recipes.find(stored["recipe_name"]), stored["settings"])
    conditions = Conditions(**{**stored, "settings": tuple(stored["settings"]), "recipe": recipe})
    agree(workdir, conditions)
    return conditions


def _json(conditions: Conditions) -> dict[str, Any]:
    """As the file gives it back: tuples are lists there."""
    return json.loads(json.dumps(asdict(conditions)))
