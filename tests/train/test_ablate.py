import csv
import json
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from lapx_tf import GammaWarmup
from lapx_tf.errors import InputError
from lapx_tf.models.arguments import Gain
from lapx_tf.stopping import Stop
from tests.helpers import write_lsp
from train import __main__ as training
from train import recipe as recipes
from train.ablate import __main__ as command
from train.ablate import experiments, runs
from train.ablate.conditions import of_command
from train.ablate.experiments import Variant
from train.ablate.results import Outcome, Result, read, verdict
from train.ablate.size import size_of
from train.recipe import Recipe
from train.recipe_arguments import resolve

TINY = Recipe("tiny", 16, 3, (1, 3), (32, 32), epochs=4, batch_size=4, learning_rate=1e-3, depth=1)
PAPER = Recipe("paper", 208, 3, (1, 3), (256, 256), epochs=1, batch_size=1, learning_rate=1e-3)

FAKE = """
import json, pathlib, sys
import numpy as np
folder, seed = (sys.argv[sys.argv.index(option) + 1] for option in ("--workdir", "--seed"))
folder, seed = pathlib.Path(folder), int(seed)
(folder / "recipe.json").write_text("{}")
with (folder / "calls").open("a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
noise = np.random.default_rng([seed, len(folder.name)]).normal(0, 0.01)
score = (0.5 if "live" in folder.name else 0.3) + noise
rows = [f"{epoch},{score * (epoch + 1) / 4},{0.1 * epoch},{-0.1 * epoch},{2 + epoch},3,0.7,0.4" for epoch in range(4)]
names = "epoch,val_pck,gamma_1,gamma_3,logit_1,logit_3,entropy_1,entropy_3"
(folder / "log.csv").write_text("\\n".join([names, *rows]) + "\\n")
if "fixed" in folder.name and seed == 1:
    print("error: training diverged in epoch 4", file=sys.stderr)
    sys.exit(1)
"""
"""In place of `python -m train`: scores of 50 without the warm-up and 30 with it, and one run that diverges."""


@pytest.fixture
def lsp(tmp_path, monkeypatch):
    """A small LSP of six training and two val persons, and a recipe `tiny`."""
    monkeypatch.setattr("lapx_tf.data.lsp.TRAIN_IMAGES", 6)
    monkeypatch.setattr(recipes, "names", lambda: ["tiny"])
    monkeypatch.setattr(recipes, "find", lambda name: TINY)
    write_lsp(tmp_path / "lsp", count=8)
    return tmp_path / "lsp"


@pytest.fixture
def processes(monkeypatch):
    """Makes the runs those of a script."""
    own = runs.command

    def use(script):
        monkeypatch.setattr(runs, "command", lambda *given: [sys.executable, "-c", script, *own(*given)[3:]])

    return use


def ablate(experiment, lsp, workdir, *options) -> int:
    return command.main([experiment, "--data", str(lsp), "--workdir", str(workdir), *map(str, options)])


def result(scores, gammas=(0.0,), diverged=None, seed=0) -> Result:
    pck = np.array(scores, np.float64)
    return Result(seed, np.arange(len(pck)) + 1, pck, {1: np.array(gammas)}, diverged)


def outcome(label, *last) -> Outcome:
    return Outcome(Variant(label, TINY, ()), [result([score], seed=seed) for seed, score in enumerate(last)])


@pytest.mark.parametrize(
    ("stacks", "width", "count", "gmac"),
    [(2, 256, 2_319_979, 3.404), (3, 208, 2_277_675, 3.210), (4, 180, 2_270_641, 3.129)],
)
def test_networks_are_as_large_as_the_paper_says(stacks, width, count, gmac):
    recipe = replace(PAPER, stacks=stacks, width=width, nonlocal_stacks=(1, stacks))
    size = size_of(recipe, 16)
    assert size.parameters == count
    assert size.macs / 1e9 == pytest.approx(gmac, abs=5e-4)


def test_the_stages_have_the_widths_that_come_closest_to_equal_size():
    two, three, four = experiments.stages(recipes.find("ablation"), 16)
    assert three.recipe == recipes.find("ablation")
    assert three.settings == ()
    for other in (two, four):
        recipes_around = [replace(other.recipe, width=other.recipe.width + more) for more in (-4, 0, 4)]
        ratios = [size_of(each, 16).parameters / size_of(three.recipe, 16).parameters for each in recipes_around]
        assert np.abs(np.subtract(ratios, 1)).argmin() == 1
        assert ratios[1] == pytest.approx(1, abs=0.025)


def test_the_warm_up_is_there_or_gamma_trains_from_the_start_or_never():
    def course(variant):
        recipe, gamma = variant.recipe, variant.recipe.gamma
        callback = GammaWarmup(round(gamma.frozen * recipe.epochs), round(gamma.ramp * recipe.epochs), gamma.target)
        return [callback.phase(epoch) for epoch in range(recipe.epochs)], callback.scheduled(0)

    warm, from_zero, from_target, off = map(course, experiments.warmup(replace(TINY, epochs=20), 16))
    assert warm == (["frozen"] * 3 + ["ramp"] * 5 + ["released"] * 12, 0)
    assert from_zero[0] == ["released"] * 20  # so gamma is never set: it begins at the 0 that the network has
    assert from_target == (["ramp"] + ["released"] * 19, TINY.gamma.target)
    assert off == (["frozen"] * 20, 0)
    with pytest.raises(InputError, match="no warm-up of gamma"):
        experiments.warmup(replace(TINY, nonlocal_stacks=()), 16)


def test_the_forms_of_nonlocal_differ_in_one_thing_from_the_paper_s():
    recipe = replace(TINY, epochs=20, gamma=replace(TINY.gamma, target=0.5))
    warm, live, scaled, cosine, layer_scale, zero, off = (one.recipe for one in experiments.stable(recipe, 16))
    assert warm == recipe
    assert (live.gamma.frozen, round(20 * live.gamma.ramp), live.gamma.target) == (0, 1, 0.5)
    assert scaled == replace(live, nonlocal_logits="scaled")
    assert cosine == replace(live, nonlocal_logits="cosine")
    assert layer_scale == replace(recipe, nonlocal_gain="layer_scale")
    assert zero == replace(recipe, nonlocal_gain="zero_projection")
    assert off.gamma.frozen == 1
    for other in ({"nonlocal_logits": "scaled"}, {"nonlocal_gain": "layer_scale"}):
        with pytest.raises(InputError, match="nonlocal_"):
            experiments.stable(replace(recipe, **other), 16)


def test_another_gain_changes_the_number_of_parameters():
    count = {gain: size_of(replace(TINY, nonlocal_gain=gain), 16).parameters for gain in get_args(Gain)}
    assert count["layer_scale"] - count["gamma"] == 2 * (TINY.width - 1)
    assert count["gamma"] - count["zero_projection"] == 2


@pytest.mark.parametrize(("stacks", "choices"), [
    (3, [(), (1,), (3,), (1, 3), (1, 2, 3)]), (2, [(), (1,), (2,), (1, 2)]), (1, [(), (1,)]),
])  # fmt: skip
def test_each_choice_of_stacks_with_nonlocal_is_there_once(stacks, choices):
    recipe = replace(TINY, stacks=stacks, nonlocal_stacks=(1,))
    assert [variant.recipe.nonlocal_stacks for variant in experiments.nonlocal_stacks(recipe, 16)] == choices


def test_an_experiment_ends_in_tables_and_a_plot_and_does_what_is_missing_only(lsp, tmp_path, processes, capsys):
    processes(FAKE)
    workdir = tmp_path / "runs"
    assert ablate("warmup", lsp, workdir, "--seeds", 1) == 0
    half_done = workdir / "live-from-0-seed0"
    (half_done / runs.OUTCOME).unlink()
    assert ablate("warmup", lsp, workdir, "--seeds", 2) == 0
    calls = {path.parent.name: path.read_text().splitlines() for path in workdir.glob("*/calls")}
    assert {name: len(lines) for name, lines in calls.items() if len(lines) > 1} == {"live-from-0-seed0": 2}
    assert ["--resume" in json.loads(line) for line in calls["live-from-0-seed0"]] == [False, True]

    report = json.loads((workdir / "warmup.json").read_text())
    rows = {row["variant"]: row for row in report["variants"]}
    assert list(rows) == ["with warm-up", "live from 0", "live from 0.2", "fixed at 0"]
    assert [row["runs"] for row in rows.values()] == [2] * 4
    assert [row["diverged"] for row in rows.values()] == [0, 0, 0, 1]
    live = rows["live from 0"]
    of_runs = [run["last_pck"] for run in report["runs"] if run["variant"] == "live from 0"]
    assert live["last_pck_mean"] == pytest.approx(np.mean(of_runs))
    assert live["last_pck_sd"] == pytest.approx(np.std(of_runs, ddof=1))
    assert (live["gamma_1_mean"], live["gamma_3_mean"]) == pytest.approx((0.3, -0.3))
    assert [live[f"{name}_mean"] for name in ("largest_logit", "lowest_entropy", "largest_share")] == [5, 0.4, None]
    assert "| gamma 3 | largest logit | lowest entropy | diverged |" in (workdir / "warmup.md").read_text()
    assert "live from 0 is better than fixed at 0" in report["verdict"]
    assert "2 seeds" in report["verdict"]
    with (workdir / "warmup.csv").open() as file:
        assert [row["variant"] for row in csv.DictReader(file)] == list(rows)
    assert report["verdict"] in (workdir / "warmup.md").read_text()
    assert (workdir / "warmup.png").read_bytes().startswith(b"\x89PNG")

    for path in workdir.glob("warmup.*"):
        path.unlink()
    assert command.main(["warmup", "--workdir", str(workdir), "--report-only"]) == 0
    assert json.loads((workdir / "warmup.json").read_text()) == report
    stored = json.loads((workdir / "ablation.json").read_text())
    del stored["recipe"]["nonlocal_gain"]  # as a version that did not have it wrote it
    (workdir / "ablation.json").write_text(json.dumps(stored))
    assert ablate("nonlocal", lsp, workdir, "--seeds", 2) == 0  # begins with what the warm-up's runs gave
    assert "10 runs, 2 of them over" in capsys.readouterr().out
    assert ablate("warmup", lsp, workdir, "--epochs", 9) == 2
    assert "had another settings, recipe" in capsys.readouterr().err


@pytest.mark.parametrize(("script", "code", "sentence"), [
    ("import sys; sys.exit('error: no such file')", 1, None),
    ("import sys; print('error: no such file'); sys.exit(2)", 2, "recipe-seed0: no such file"),
    ("raise RuntimeError('what nobody foresaw')", 1, "failed with exit code 1, see"),
    ("import os; os.kill(os.getpid(), 9)", 1, "failed with exit code -9"),
])  # fmt: skip
def test_only_a_training_that_says_so_has_diverged(lsp, tmp_path, processes, capsys, script, code, sentence):
    processes(script)
    assert ablate("warmup", lsp, tmp_path / "runs", "--seeds", 1) == (code if sentence else 2)
    over = (tmp_path / "runs" / "recipe-seed0" / runs.OUTCOME).is_file()
    assert over == (sentence is None)
    if sentence:
        assert sentence in capsys.readouterr().err


def test_a_stop_is_passed_on_and_waited_for(tmp_path, monkeypatch):
    script = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("saved"), sys.exit(143)))
print("began", flush=True)
time.sleep(60)
"""
    monkeypatch.setattr(runs, "command", lambda *given: [sys.executable, "-c", script])
    run, stop = runs.Run.of(Variant("one", TINY, ()), 0, tmp_path), Stop()

    def ask_when_it_runs():
        while not (run.folder / runs.OUTPUT).is_file() or not (run.folder / runs.OUTPUT).stat().st_size:
            time.sleep(0.01)
        stop.asked = signal.SIGTERM

    asking = threading.Thread(target=ask_when_it_runs)
    asking.start()
    with pytest.raises(KeyboardInterrupt):
        runs.do(run, None, (), stop)  # type: ignore[arg-type]
    asking.join()
    assert (run.folder / runs.OUTPUT).read_text() == "began\nsaved\n"
    assert not run.over


def test_a_real_training_takes_the_arguments_and_leaves_what_the_tables_read(lsp, tmp_path, monkeypatch):
    """In this process, because TensorFlow takes its time to start."""

    def in_this_process(words, output, stop):
        output.parent.mkdir(parents=True)
        output.write_text("")
        assert resolve(training.parser().parse_args(words[3:])) == variant.recipe
        return training.main(words[3:])

    settings = ["stacks=1", "width=8", "nonlocal_stacks=1", "epochs=2"]
    conditions = of_command("tiny", settings, [lsp])
    _, variant = experiments.nonlocal_stacks(conditions.recipe, conditions.joints)
    monkeypatch.setattr(runs, "_process", in_this_process)
    run = runs.Run.of(variant, 3, tmp_path / "runs")
    assert runs.do(run, conditions, [lsp], Stop()) is None
    assert runs.there(variant, tmp_path / "runs") == [run]
    found = read(run)
    assert (found.seed, list(found.epochs), found.diverged) == (3, [1, 2], None)
    assert len(found.pck) == len(found.gammas[1]) == len(found.logits[1]) == len(found.shares[1]) == 2
    assert 0 <= found.last <= found.best <= 100


def test_the_verdict_claims_a_difference_only_where_it_exceeds_the_spread_of_the_seeds():
    assert "A is better than B; no other" in verdict([outcome("A", 40.0, 41, 42), outcome("B", 20.0, 21, 22)])
    assert "no difference exceeds it" in verdict([outcome("A", 40.0, 44, 36), outcome("B", 39.0, 45, 34)])
    assert "single run" in verdict([outcome("A", 40.0), outcome("B", 20.0, 21)])
    assert "not yet two" in verdict([outcome("A", 40.0, 41), outcome("B")])
    assert "nothing can be tested" in verdict([outcome("A", 40.0, 40), outcome("B", 30.0, 30)])


@pytest.mark.parametrize(("pck", "collapsed"), [
    ([3, 1, 2, 20, 30], False),  # at first a network finds nothing and its score jumps
    ([12, 30, 14, 35], True),
    ([12, 30, 16, 35], False),
    ([12, 30, np.nan], True),
    ([], False),
])  # fmt: skip
def test_a_run_whose_score_halves_has_collapsed(pck, collapsed):
    assert result(pck).collapsed == collapsed


def test_a_run_that_diverged_before_its_first_epoch_ended_has_no_score():
    assert (result([]).best, result([]).last) == (0, 0)
