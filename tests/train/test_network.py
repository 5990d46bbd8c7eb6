from dataclasses import replace
from typing import Any, get_args

import keras
import numpy as np
import pytest

from lapx_tf.data.people import People
from lapx_tf.models import storage
from lapx_tf.models.arguments import Gain
from lapx_tf.skeletons import MPII_16
from train.recipe import Recipe
from train.run.network import build
from train.run.optimizer import compile_for

NOBODY = People("none", MPII_16, [])
TINY = Recipe("tiny", 16, 1, (1,), (32, 32), 3, 4, learning_rate=1e-3, depth=1, ema=0.9, weight_decay=0.01)


def batch() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    joints = np.concatenate([rng.uniform(0, 7, (4, 16, 2)), np.ones((4, 16, 1))], axis=-1)
    return rng.normal(size=(4, 32, 32, 3)).astype(np.float32), joints.astype(np.float32)


def trained(recipe: Recipe) -> tuple[Any, list[float]]:
    """A network after three steps, and its losses."""
    keras.utils.set_random_seed(0)
    model: Any = build(recipe, NOBODY)
    compile_for(model, recipe)
    images, joints = batch()
    history = model.fit(images, joints, batch_size=4, epochs=3, shuffle=False, verbose=0).history
    return model, history["loss"]


@pytest.fixture(scope="module")
def in_float32() -> tuple[Any, list[float]]:
    return trained(TINY)


@pytest.mark.parametrize(("precision", "tolerance"), [("mixed_bfloat16", 0.02), ("mixed_float16", 0.005)])
def test_mixed_precision_trains_nearly_the_same_and_leaves_a_float32_network(
    precision, tolerance, in_float32, tmp_path
):
    model, losses = trained(replace(TINY, precision=precision))
    np.testing.assert_allclose(losses, in_float32[1], rtol=tolerance)
    assert losses != in_float32[1]
    images, _ = batch()
    assert model.stem(images).dtype == precision.removeprefix("mixed_")
    assert {weight.dtype for weight in model.weights} == {"float32"}
    storage.save(model, tmp_path / "a.keras")
    loaded = storage.load(tmp_path / "a.keras")
    assert loaded.stem(images).dtype == "float32"
    np.testing.assert_allclose(loaded(images), model(images), atol=0.02 * np.abs(loaded(images)).max())
    assert keras.config.dtype_policy().name == "float32"


def test_float16_scales_the_loss_and_keeps_what_the_recipe_asks_of_the_optimizer(in_float32):
    model, _ = trained(replace(TINY, precision="mixed_float16"))
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert not isinstance(in_float32[0].optimizer, keras.optimizers.LossScaleOptimizer)
    inner = model.optimizer.inner_optimizer
    assert int(inner.iterations) == 3  # no step was left out for numbers that are too large
    assert inner.use_ema
    assert inner.global_clipnorm == TINY.clip_norm
    model.train_on_batch(*batch())  # `fit` has left the averages in the network
    before = model.get_weights()
    model.optimizer.finalize_variable_values(model.trainable_variables)
    moved = [not np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True)]
    assert any(moved)


@pytest.mark.parametrize(("optimizer", "decays"), [("adamw", True), ("adam", False)])
def test_adam_has_no_weight_decay(optimizer, decays):
    model: Any = build(TINY, NOBODY)
    compile_for(model, replace(TINY, optimizer=optimizer))
    kernel = next(weight for weight in model.trainable_variables if weight.path.endswith("stem/conv/kernel"))
    before = np.array(kernel)
    model.optimizer.apply([keras.ops.zeros_like(weight) for weight in model.trainable_variables])
    assert np.allclose(kernel, before * (1 - 1e-3 * 0.01), rtol=1e-6, atol=0) == decays
    assert np.array_equal(kernel, before) != decays


@pytest.mark.parametrize("gain", get_args(Gain))
def test_a_recipe_says_the_form_of_nonlocal_and_no_gain_decays(gain):
    model: Any = build(replace(TINY, nonlocal_logits="cosine", nonlocal_gain=gain), NOBODY)
    assert (model.nonlocal_logits, model.nonlocal_gain) == ("cosine", gain)
    compile_for(model, TINY)
    for layer in model.nonlocal_layers().values():
        assert model.optimizer._use_weight_decay(layer.out.kernel)
        assert layer.gamma is None or not model.optimizer._use_weight_decay(layer.gamma)


def test_training_logs_the_loss_of_each_stack_in_validation_too():
    recipe = replace(TINY, stacks=2)
    model: Any = build(recipe, NOBODY)
    compile_for(model, recipe)
    images, joints = batch()
    logs = model.fit(images, joints, batch_size=4, validation_data=(images, joints), verbose=0).history
    for prefix in ("", "val_"):
        parts = [logs[f"{prefix}loss_stack{stack}"][0] for stack in (1, 2)]
        assert sum(parts) == pytest.approx(logs[f"{prefix}loss"][0], rel=1e-5)
        assert all(part > 0 for part in parts)
