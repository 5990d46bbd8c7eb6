import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX, weights_by_path
from lapx_tf.spec import sha256_of
from tests.helpers import TINY, randomize, write_lsp
from train import __main__ as command
from train import recipe as recipes
from train.checkpoints import files as checkpoint_files
from train.recipe import Recipe
from train.run.network import start_from
from train.run.optimizer import learning_rate

TINY_RECIPE = Recipe("tiny", 16, 1, (1,), (32, 32), epochs=3, batch_size=4, learning_rate=1e-3, depth=1)


@pytest.fixture
def lsp(tmp_path, monkeypatch):
    """A small LSP of six training and two val persons, and a recipe `tiny`."""
    monkeypatch.setattr("lapx_tf.data.lsp.TRAIN_IMAGES", 6)
    monkeypatch.setattr(recipes, "names", lambda: ["tiny"])
    monkeypatch.setattr(recipes, "find", lambda name: TINY_RECIPE)
    write_lsp(tmp_path / "lsp", count=8)
    return tmp_path / "lsp"


def train(lsp, workdir, *options) -> int:
    return command.main(["tiny", "--data", str(lsp), "--workdir", str(workdir), *map(str, options)])


def test_a_run_leaves_its_best_network_a_log_and_checkpoints_and_resumes_only_as_it_was(lsp, tmp_path, capsys):
    run = tmp_path / "run"
    assert train(lsp, run, "--seed", 3) == 0
    written = {path.name for path in run.iterdir()}
    assert written >= {"best.keras", "last.keras", "log.csv", "tensorboard", "recipe.json"}
    assert list((run / "tensorboard").rglob("events.*"))
    files = checkpoint_files.files(run / "checkpoints")
    assert files[-1].name == "epoch-000003-step-0000000.npz"
    rows = list(csv.DictReader((run / "log.csv").open()))
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert {"loss", "val_pck", "gamma_1", "gamma_phase", "learning_rate"} <= rows[0].keys()
    notes = storage.load(run / "best.keras").training_notes
    assert notes["epochs_done"] == notes["best_epoch"]
    assert storage.load(run / "last.keras").training_notes["epochs_done"] == 3
    assert notes["dataset"] == "lsp"
    assert notes["recipe"]["name"] == "tiny"
    assert str(tmp_path) not in json.dumps(notes)  # a model that is given away tells nobody's folders

    assert train(lsp, run, "--seed", 3) == 2
    assert "holds a run; go on with --resume" in capsys.readouterr().err
    assert train(lsp, run, "--seed", 4, "--resume") == 2
    assert "other settings (seed)" in capsys.readouterr().err
    assert train(lsp, run, "--seed", 3, "--deterministic", "--resume") == 2
    assert train(lsp, run, "--seed", 3, "--resume") == 0
    assert f"this run is finished: best PCK {notes['best_score']:.4f} after epoch" in capsys.readouterr().out
    assert checkpoint_files.files(run / "checkpoints") == files


def test_a_run_resumes_that_began_before_the_recipe_had_all_its_values(lsp, tmp_path, capsys):
    run = tmp_path / "run"
    assert train(lsp, run) == 0
    settings = json.loads((run / "recipe.json").read_text())
    for later in ("nonlocal_logits", "nonlocal_gain"):
        del settings["recipe"][later]
    (run / "recipe.json").write_text(json.dumps(settings))
    assert train(lsp, run, "--set", "nonlocal_gain=layer_scale", "--resume") == 2
    assert "other settings (recipe)" in capsys.readouterr().err
    assert train(lsp, run, "--resume") == 0


def test_a_run_without_checkpoints_is_refused_with_a_way_out(lsp, tmp_path, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.json").write_text("{}")
    (tmp_path / "run" / "last.keras").touch()
    assert train(lsp, tmp_path / "run", "--resume") == 2
    error = capsys.readouterr().err
    assert "no checkpoints to go on from" in error
    assert f"--weights {tmp_path / 'run' / 'last.keras'}" in error


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--epochs", "0"], "--epochs: must be a whole number of 1 or more"),
        (["--batch-size", "-3"], "--batch-size"),
        (["--batch-size", "7"], "6 persons do not fill one batch of 7"),
        (["--resume"], "no such file"),
        (["--seed", "-1"], "--seed"),
    ],
)
def test_wrong_use_is_one_sentence_and_nothing_is_written(lsp, tmp_path, options, sentence, capsys):
    assert train(lsp, tmp_path / "run", *options) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_picture_that_can_not_be_read_is_named_and_skipped_up_to_the_limit(lsp, tmp_path, capsys, caplog):
    (lsp / "images" / "im0003.jpg").write_bytes(b"no picture")
    assert train(lsp, tmp_path / "run", "--epochs", 1) == 0
    assert "im0003.jpg" in caplog.text
    assert train(lsp, tmp_path / "strict", "--epochs", 1, "--unreadable-limit", 0) == 2
    assert "im0003.jpg is not a picture" in capsys.readouterr().err


def test_the_full_evaluation_is_in_the_log_of_the_epochs_that_are_due(lsp, tmp_path):
    assert train(lsp, tmp_path / "run", "--evaluate-every", 2) == 0
    with (tmp_path / "run" / "log.csv").open() as file:
        found = [float(row["val_PCK@0.2"]) for row in csv.DictReader(file)]
    assert [np.isfinite(value) for value in found] == [False, True, True]
    assert all(0 <= value <= 100 for value in found[1:])


def test_training_starts_from_the_weights_of_another_network_where_they_fit(tmp_path):
    donor, taker = (randomize(LAPX(**TINY | {"joints": joints}), joints) for joints in (16, 5))
    storage.save(donor, tmp_path / "donor.keras")
    ends = ("/heatmaps/kernel", "/heatmaps/bias", "/merge_heatmaps/kernel")
    own = [path for path in weights_by_path(taker) if path.endswith(ends)]
    assert start_from(taker, tmp_path / "donor.keras") == len(taker.weights) - len(own)
    for path, weight in weights_by_path(taker).items():
        assert (path in own) != np.array_equal(weight, weights_by_path(donor)[path])


def test_a_training_grows_from_a_smaller_network_or_takes_weights_but_not_both(lsp, tmp_path, capsys):
    small = tmp_path / "small.keras"
    storage.save(LAPX(**TINY | {"width": 8, "stacks": 1, "depth": 1, "input_shape": (32, 32, 3)}), small)
    assert train(lsp, tmp_path / "run", "--epochs", 1, "--grow", small) == 0
    assert f"grown from {small}" in capsys.readouterr().out
    assert json.loads((tmp_path / "run" / "recipe.json").read_text())["grow"] == sha256_of(small)
    assert train(lsp, tmp_path / "both", "--grow", small, "--weights", small) == 2
    storage.save(LAPX(**TINY), small)
    assert train(lsp, tmp_path / "larger", "--grow", small) == 2
    assert "its stacks must be 2 or more" in capsys.readouterr().err
    assert not any((tmp_path / "larger").iterdir())  # the next try needs no other folder


def test_unknown_recipes_and_folders_are_refused(tmp_path, capsys):
    assert command.main(["nothing", "--workdir", str(tmp_path / "run")]) == 2
    assert f"there are {', '.join(recipes.names())}" in capsys.readouterr().err
    assert command.main(["demo", "--data", str(tmp_path / "none"), "--workdir", str(tmp_path / "run")]) == 2
    assert "no such file or folder" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_is_one_of_its_own_name(name):
    found = recipes.find(name)
    assert found.name == name
    json.dumps(found.to_dict())


def test_the_learning_rate_rises_then_falls_to_nothing():
    recipe = replace(TINY_RECIPE, epochs=20, warmup_epochs=4, learning_rate=1.0)
    rates = [learning_rate(recipe, epoch) for epoch in range(20)]
    assert rates[0] < rates[1] < rates[3]
    assert max(rates) > 0.85
    assert all(np.diff(rates[4:]) < 0)
    assert rates[-1] < 0.01
