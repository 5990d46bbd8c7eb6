import json
from dataclasses import replace
from typing import Any

import pytest

from lapx_tf.data.augmentation import Augmentation
from lapx_tf.errors import InputError
from train import __main__ as command
from train import recipe as recipes
from train.overrides import keys, override
from train.recipe import GammaPhases, Recipe

PLAIN = Recipe("plain", 16, 1, (1,), (32, 32), epochs=3, batch_size=4, learning_rate=1e-3)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("learning_rate=5e-4", {"learning_rate": 5e-4}),
        ("epochs=7", {"epochs": 7}),
        ("size=256x192", {"size": (256, 192)}),
        ("nonlocal_stacks=", {"nonlocal_stacks": ()}),
        ("drops=0.5,0.75", {"drops": (0.5, 0.75)}),
        ("ema=0.99", {"ema": 0.99}),
        ("clip_norm=none", {"clip_norm": None}),
        ("remat=true", {"remat": True}),
        ("precision=mixed_float16", {"precision": "mixed_float16"}),
        ("augmentation.rotation=45", {"augmentation": Augmentation(rotation=45)}),
        ("gamma.frozen=0.1", {"gamma": GammaPhases(frozen=0.1)}),
    ],
)
def test_a_setting_becomes_a_value_of_the_field_s_type(setting, expected):
    found = override(PLAIN, [setting])
    assert found == replace(PLAIN, **expected)
    key = next(iter(expected))
    assert type(getattr(found, key)) is type(expected[key])


def written(value: Any) -> str:
    """How a user would write a value."""
    if isinstance(value, tuple):
        return ("x" if isinstance(value[0], int) and len(value) == 2 else ",").join(map(str, value))
    return str(value).lower()


@pytest.mark.parametrize("key", sorted(keys(Recipe)))
def test_every_value_of_a_recipe_but_its_name_can_be_set(key):
    recipe = replace(PLAIN, stacks=3, nonlocal_stacks=(1, 2, 3), drops=(0.1, 0.2, 0.3))
    value: Any = recipe
    for part in key.split("."):
        value = getattr(value, part)
    assert override(recipe, [f"{key}={written(value)}"]) == recipe


def test_values_are_set_together_and_the_last_of_a_key_holds():
    settings = ["gamma.frozen=0.6", "augmentation.flip=0", "gamma.ramp=0.4", "epochs=5", "epochs=9"]
    found = override(replace(PLAIN, gamma=GammaPhases(0.0, 0.9)), settings)
    assert (found.gamma.frozen, found.gamma.ramp, found.augmentation.flip, found.epochs) == (0.6, 0.4, 0, 9)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("lerning_rate=1", "no 'lerning_rate'; the nearest that it has is 'learning_rate'"),
        ("rotation=3", "the nearest that it has is 'augmentation.rotation'"),
        ("name=other", "no 'name'"),
        ("epochs", "KEY=VALUE, got 'epochs'"),
        ("epochs=2.5", "epochs must be a whole number, got '2.5'"),
        ("sigma=wide", "sigma must be a number, got 'wide'"),
        ("size=256", "size must be HEIGHTxWIDTH, got '256'"),
        ("ema=yes", "ema must be a number or none"),
        ("remat=1", "remat must be true or false, got '1'"),
        ("optimizer=sgd", "optimizer must be adamw or adam, got 'sgd'"),
        ("nonlocal_logits=dot", "nonlocal_logits must be plain or scaled or cosine, got 'dot'"),
        ("nonlocal_gain=1", "nonlocal_gain must be gamma or layer_scale or zero_projection, got '1'"),
        ("nonlocal_stacks=1;2", "nonlocal_stacks must be numbers with commas between them"),
        ("epochs=0", "epochs must be 1 or more, got 0"),
        ("learning_rate=nan", "learning_rate must be above 0, got nan"),
        ("sigma=inf", "sigma must be above 0, got inf"),
        ("ema=1", "ema must be 0 or more and below 1"),
        ("augmentation.flip=1.5", "augmentation.flip must be 0 to 1, got 1.5"),
        ("augmentation.tint=-1", "augmentation.tint must be 0 or more"),
        ("gamma.frozen=0.9", "gamma.frozen and gamma.ramp must not be more than 1 together"),
        ("drops=0.9,0.5", "drops must be rising shares"),
        ("width=30", "makes no network: `width` must be a positive multiple of 4, got 30"),
        ("nonlocal_stacks=2", "stacks from 1 to 1"),
        ("size=250x256", "multiples of 4"),
    ],
)
def test_what_a_recipe_does_not_accept_is_refused_in_one_sentence(setting, sentence):
    with pytest.raises(InputError, match=r"(?s)^[^\n]*$") as refused:
        override(PLAIN, [setting])
    assert sentence in str(refused.value)


def test_the_command_shows_the_recipe_with_its_overrides_and_trains_nothing(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    options = ["--set", "learning_rate=5e-4", "gamma.frozen=0.1", "--epochs", "7", "--set", "size=128x96"]
    assert command.main(["lsp_256", *options, "--show"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["learning_rate"], shown["gamma"]["frozen"], shown["epochs"]) == (5e-4, 0.1, 7)
    assert shown["size"] == [128, 96]
    assert shown["augmentation"]["rotation"] == 45
    assert not list(tmp_path.iterdir())


def test_the_command_lists_the_recipes_with_a_line_each(capsys):
    with pytest.raises(SystemExit) as end:
        command.main(["--list"])
    assert end.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == recipes.names()
    assert all(len(line.split()) > 4 for line in lines)


@pytest.mark.parametrize(
    ("options", "sentence"), [(["--set", "epochs=-1"], "epochs must be 1 or more"), ([], "--workdir DIR is needed")]
)
def test_wrong_use_of_the_command_is_one_sentence(options, sentence, capsys):
    assert command.main(["demo", *options]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
