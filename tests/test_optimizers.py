from typing import Any

import keras
import numpy as np
import pytest

from lapx_tf.optimizers import AdamW

SPARED = ("bias", "beta", "gamma")


def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(5, use_bias=False), keras.layers.BatchNormalization(), keras.layers.Dense(3)]
    return keras.Sequential([keras.Input((4,)), *layers])


def trained(optimizer: keras.optimizers.Optimizer, steps: int = 5) -> keras.Model:
    model, rng = network(), np.random.default_rng(0)
    model.compile(optimizer, "mse")
    for _ in range(steps):
        model.train_on_batch(rng.normal(size=(8, 4)), 100 * rng.normal(size=(8, 3)))  # large: gradients are clipped
    return model


@pytest.mark.parametrize(
    "options",
    [
        {"global_clipnorm": 1.0, "use_ema": True, "ema_momentum": 0.9},
        {"use_ema": True, "gradient_accumulation_steps": 2},
        {"weight_decay": 0.0, "clipnorm": 0.5},
        {"amsgrad": True},
    ],
)
def test_it_trains_as_keras_adamw_does(options):
    options = {"learning_rate": 0.05, "weight_decay": 0.3} | options
    theirs = keras.optimizers.AdamW(**options)
    theirs.exclude_from_weight_decay(var_names=list(SPARED))
    ours = AdamW(**options, spared=SPARED)
    for one, other in zip(trained(ours).weights, trained(theirs).weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6, err_msg=one.path)
    for one, other in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-4, err_msg=one.path)


def test_a_saved_optimizer_still_knows_what_does_not_decay(tmp_path):
    model = trained(AdamW(0.1, weight_decay=0.3, spared=SPARED))
    model.save(tmp_path / "model.keras")
    loaded: Any = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.spared == SPARED
    batch = np.ones((8, 4)), np.ones((8, 3))
    for each in (model, loaded):
        each.train_on_batch(*batch)
    for one, other in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=one.path)


def test_the_graph_of_a_step_has_few_operations_a_variable():
    import tensorflow as tf

    model, optimizer = network(), AdamW(0.1, weight_decay=0.3, global_clipnorm=1.0, use_ema=True)
    variables = model.trainable_variables
    optimizer.build(variables)

    @tf.function
    def update(gradients):
        optimizer.apply(gradients, variables)

    graph = update.get_concrete_function([tf.TensorSpec(v.shape) for v in variables]).graph
    assert len(graph.get_operations()) < 25 * len(variables) + 50
