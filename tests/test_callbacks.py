import csv
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from lapx_tf import LAPX, GammaWarmup, HeatmapLoss
from lapx_tf.callbacks import EvaluateEvery
from lapx_tf.models import storage
from tests.helpers import TINY

MODEL = {**TINY, "stacks": 1, "nonlocal_stacks": (1,), "input_shape": (32, 32, 3), "depth": 1, "joints": 2}
PATH = "position/"


def data(seed: int = 0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(4, 32, 32, 3)).astype(np.float32), rng.uniform(1, 7, (4, 2, 3)).astype(np.float32)


def network(eager: bool = True, **form: Any) -> LAPX:
    """A network to train; eagerly, because a few steps take less than building the graph."""
    keras.utils.set_random_seed(0)
    model = LAPX(**MODEL, **form)
    model.compile(keras.optimizers.SGD(0.05), HeatmapLoss(1.0), jit_compile=False, run_eagerly=eager)
    return model


def fit(model: LAPX, warmup: GammaWarmup, first: int, last: int):
    images, joints = data()
    return model.fit(
        images, joints, batch_size=4, initial_epoch=first, epochs=last, callbacks=[warmup], verbose=0, shuffle=False
    ).history


def branch(model: LAPX) -> dict[str, np.ndarray]:
    return {w.path: w.numpy() for w in model.trainable_weights if PATH in w.path}


def test_three_phases_and_what_trains_in_each():
    model, warmup = network(), GammaWarmup(frozen_epochs=2, ramp_epochs=4, target=0.2)
    start = branch(model)
    frozen = fit(model, warmup, 0, 2)
    assert frozen["gamma_1"] == [0, 0]
    assert frozen["gamma_phase"] == [0, 0]
    assert all((branch(model)[path] == value).all() for path, value in start.items())
    ramp = fit(model, warmup, 2, 6)
    np.testing.assert_allclose(ramp["gamma_1"], [0.05, 0.1, 0.15, 0.2], rtol=1e-6)
    moved = [path for path, value in branch(model).items() if (value != start[path]).any()]
    assert any("theta" in path for path in moved)
    assert any("out" in path for path in moved)
    released = fit(model, warmup, 6, 8)
    assert released["gamma_phase"] == [2, 2]
    assert released["gamma_1"][0] != pytest.approx(0.2, abs=1e-9)
    assert released["gamma_1"][1] != released["gamma_1"][0]
    assert released["gamma_1"][0] == pytest.approx(0.2, abs=0.05)


def test_phases_need_no_recompilation():
    model, warmup = network(eager=False), GammaWarmup(1, 1)
    traces = []
    original = model.call

    def counting(images, training=False):
        traces.append(training)
        return original(images, training)

    model.call = counting
    fit(model, warmup, 0, 4)
    assert len(traces) <= 2  # TensorFlow may trace a function twice at its start


@pytest.mark.parametrize("stop", [1, 3, 4, 6], ids=["frozen", "ramp", "at the release", "released"])
def test_a_resumed_run_ends_like_one_that_was_left_alone(stop, tmp_path):
    def warmup():
        return GammaWarmup(frozen_epochs=2, ramp_epochs=2, target=0.2)

    whole = network()
    fit(whole, warmup(), 0, 8)
    first = network()
    fit(first, warmup(), 0, stop)
    storage.save(first, tmp_path / "a.keras")
    second = storage.load(tmp_path / "a.keras", compiled=True)
    fit(second, warmup(), stop, 8)
    for one, other in zip(whole.weights, second.weights, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-5, atol=1e-6, err_msg=one.path)


@pytest.mark.parametrize("gain", ["layer_scale", "zero_projection"])
def test_gains_that_are_no_scalar_have_no_schedule(gain):
    model, warmup = network(nonlocal_gain=gain), GammaWarmup(frozen_epochs=2, ramp_epochs=2)
    learns = "out/kernel" if gain == "zero_projection" else "gamma"
    start = branch(model)
    logs = fit(model, warmup, 0, 2)
    assert logs["gamma_phase"] == [2, 2]
    assert all((branch(model)[path] != value).any() for path, value in start.items() if learns in path)
    if gain == "zero_projection":
        assert "gamma_1" not in logs
    else:
        gamma = model.nonlocal_layers()[1].gamma
        assert logs["gamma_1"][1] == pytest.approx(np.abs(gamma).mean())
        assert logs["gamma_1"][0] != logs["gamma_1"][1]


def test_schedule_of_the_paper():
    warmup = GammaWarmup(frozen_epochs=10)
    assert warmup.scheduled(9) == 0
    assert warmup.scheduled(59) == pytest.approx(0.2)
    assert np.allclose(np.diff([warmup.scheduled(epoch) for epoch in range(9, 60)]), 0.2 / 50)
    assert [warmup.phase(epoch) for epoch in (9, 10, 59, 60)] == ["frozen", "ramp", "ramp", "released"]


def test_without_a_ramp_the_release_begins_at_the_target():
    warmup = GammaWarmup(frozen_epochs=2, ramp_epochs=0, target=0.2)
    assert [warmup.scheduled(epoch) for epoch in range(4)] == [0, 0, 0.2, 0.2]
    assert [warmup.phase(epoch) for epoch in (1, 2)] == ["frozen", "released"]


def test_other_models_and_lengths_are_refused():
    with pytest.raises(ValueError, match="negative"):
        GammaWarmup(-1)
    callback = GammaWarmup(1)
    callback.set_model(keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)]))
    with pytest.raises(TypeError, match="LAPX network"):
        callback.on_epoch_begin(0)


def score(model: keras.Model) -> dict[str, object]:
    """An evaluation that tells which weights it saw."""
    return {"PCK@0.2": float(model.weights[0].numpy().sum()), "PCK@0.2 per joint": {"neck": 1.0}}


def fit_line(callbacks: list[keras.callbacks.Callback], first: int, last: int) -> dict[str, list[float]]:
    """Trains one weight, from 0, by one an epoch."""
    model: Any = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.layers[0].kernel.assign([[float(first)]])
    model.compile(keras.optimizers.SGD(1.0), lambda _, predicted: -predicted[:, 0], run_eagerly=True)
    x = np.ones((2, 1), np.float32)
    return model.fit(x, x, initial_epoch=first, epochs=last, callbacks=callbacks, verbose=0).history


def test_evaluates_every_few_epochs_and_after_the_last():
    callback = EvaluateEvery(score, every=2)
    history = fit_line([callback], 0, 5)
    np.testing.assert_array_equal(history["val_PCK@0.2"], [np.nan, 2, np.nan, 4, 5])
    assert "val_PCK@0.2 per joint" not in history
    assert list(callback.results) == [2, 4, 5]
    assert callback.results[4] == {"PCK@0.2": 4.0, "PCK@0.2 per joint": {"neck": 1.0}}


def log_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_log_that_is_appended_to_after_a_resume_keeps_its_columns(tmp_path):
    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    fit_line([EvaluateEvery(score, 3), keras.callbacks.CSVLogger(str(whole))], 0, 6)
    fit_line([EvaluateEvery(score, 3), keras.callbacks.CSVLogger(str(parts))], 0, 3)
    fit_line([EvaluateEvery(score, 3), keras.callbacks.CSVLogger(str(parts), append=True)], 3, 6)
    assert log_of(parts) == log_of(whole)
    assert [row["val_PCK@0.2"] for row in log_of(whole)] == ["nan", "nan", "3.0", "nan", "nan", "6.0"]


def test_an_evaluation_without_the_figure_to_log_is_refused():
    with pytest.raises(ValueError, match=r"gives PCK@0.2, .*but not AP"):
        fit_line([EvaluateEvery(score, 1, keys=["AP"])], 0, 1)
    with pytest.raises(ValueError, match="at least 1"):
        EvaluateEvery(score, 0)
