import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lapx_tf.data.people import People, Person
from lapx_tf.errors import InputError
from lapx_tf.geometry import Box
from lapx_tf.skeletons import MPII_16
from train import recipe as recipes
from train.recipe import Recipe
from train.run import dry_run
from train.run.optimizer import learning_rate

FULL = ("mpii_256", "coco_256x192", "coco_384x288", "lsp_256")
PLAIN = Recipe("plain", 16, 1, (1,), (32, 32), epochs=20, batch_size=4, learning_rate=1.0, warmup_epochs=0)


@pytest.mark.parametrize("name", FULL)
def test_the_full_recipes_train_the_paper_s_network_with_the_paper_s_ramp(name):
    found = recipes.find(name)
    assert (found.width, found.stacks, found.depth, found.nonlocal_stacks) == (208, 3, 4, (1, 3))
    assert round(found.gamma.ramp * found.epochs) == 50
    assert found.gamma.target == 0.2
    height, width, *_ = map(int, name.split("_")[1].split("x") * 2)
    assert found.size == (height, width)


def test_the_field_s_recipes_drop_the_learning_rate_where_the_field_does():
    recipe = recipes.find("coco_384x288")
    rates = [learning_rate(recipe, epoch) for epoch in range(recipe.epochs)]
    assert rates[0] == pytest.approx(5e-4)  # in the middle of the warm-up
    assert [epoch for epoch in range(2, 210) if rates[epoch] < rates[epoch - 1]] == [170, 200]
    assert rates[1] == pytest.approx(1e-3)
    assert rates[-1] == pytest.approx(1e-5)


def test_the_cosine_falls_to_nothing_after_the_warm_up():
    recipe = replace(PLAIN, warmup_epochs=4)
    rates = [learning_rate(recipe, epoch) for epoch in range(20)]
    assert rates[0] < rates[1] < rates[3]
    assert all(np.diff(rates[4:]) < 0)
    assert rates[-1] < 0.01
    assert learning_rate(PLAIN, 0) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_says_what_it_is_for_and_its_command(name):
    purpose = recipes.purpose(name)
    assert purpose
    assert purpose.endswith((".", "cores"))
    module = Path(recipes.__file__).parent / "recipes" / f"{name}.py"
    assert "python -m train" in module.read_text("utf-8")


def test_a_value_outside_its_range_is_refused_in_python_too():
    with pytest.raises(InputError, match=r"sigma must be above 0, got -1"):
        replace(PLAIN, sigma=-1)


def people(folder: Path, present: int, absent: int) -> People:
    """Persons, some of whose pictures are there."""
    joints = np.zeros((16, 3), np.float32)
    folder.mkdir(exist_ok=True)
    for index in range(present):
        (folder / f"{index}.jpg").touch()
    images = [folder / f"{index}.jpg" for index in range(present + absent)]
    return People("mpii", MPII_16, [Person(path.name, path, joints, Box(0, 0, 1, 1)) for path in reversed(images)])


def names(people: People) -> list[str]:
    return [person.name for person in people.persons]


def test_a_dry_run_takes_people_at_even_distances_whose_pictures_are_there(tmp_path):
    training, validation = dry_run.cut(
        people(tmp_path / "train", 9, 5), people(tmp_path / "val", 3, 1), batch_size=2, steps=2
    )
    assert names(training) == ["8.jpg", "5.jpg", "3.jpg", "0.jpg"]
    assert names(validation) == ["2.jpg", "1.jpg", "0.jpg"]


def test_a_dry_run_takes_all_people_from_the_part_that_has_pictures(tmp_path):
    none, some = people(tmp_path / "a", 0, 4), people(tmp_path / "b", 4, 0)
    for pair in ((none, some), (some, none)):
        training, validation = dry_run.cut(*pair, batch_size=2, steps=1)
        assert len(training) == len(validation) == 2
    with pytest.raises(InputError, match="pictures of 4 persons, who do not fill one batch of 5; --batch-size"):
        dry_run.cut(none, some, batch_size=5, steps=1)


@pytest.mark.parametrize(("steps", "expected"), [(1, 1), (4, 1), (5, 2), (12, 3), (10_000, 20), (None, 20)])
def test_a_dry_run_ends_with_the_epoch_in_which_its_steps_are_done(steps, expected):
    assert dry_run.epochs(PLAIN, persons=17, steps=steps) == expected
    assert steps is None or expected == min(20, math.ceil(steps / 4))
