from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from train.run.averaging import AveragedWeights

RNG = np.random.default_rng(0)
BATCHES = [(RNG.normal(i, 1 + i, (16, 4)).astype(np.float32), RNG.normal(size=(16, 1))) for i in range(2)]
LOADER: Any = SimpleNamespace(batches=2, batch=lambda epoch, index: BATCHES[index])


def network(ema: float | None) -> keras.Model:
    keras.utils.set_random_seed(0)
    norm = keras.layers.BatchNormalization(momentum=0.0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), norm, keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(0.1, use_ema=ema is not None, ema_momentum=ema or 0.99)
    model.compile(optimizer, "mse", jit_compile=False)
    return model


def trained(ema: float | None) -> tuple[keras.Model, list[list[np.ndarray]]]:
    """A network after three steps, and its weights after each."""
    model, steps = network(ema), []
    for index in (0, 1, 0):
        model.train_on_batch(*BATCHES[index])
        steps.append(model.get_weights())
    return model, steps


def averages_of(model: keras.Model) -> AveragedWeights:
    averages = AveragedWeights(LOADER)
    averages.set_model(model)
    averages.on_epoch_begin(0)
    return averages


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_validation_sees_the_averages_and_training_goes_on_with_exactly_its_own_weights():
    model, steps = trained(ema=0.5)
    averages = averages_of(model)
    averages.on_test_begin()
    validated = model.get_weights()
    np.testing.assert_allclose(validated[0], (steps[0][0] + steps[1][0]) / 4 + steps[2][0] / 2, rtol=1e-5, atol=1e-6)
    averages.on_test_end()
    assert same(model.get_weights(), steps[-1])
    with averages.inside():
        assert same(model.get_weights(), validated)
    assert same(model.get_weights(), steps[-1])


def test_the_averaged_network_gets_the_statistics_of_its_own_activations():
    model, steps = trained(ema=0.5)
    averages = averages_of(model)
    averages.on_test_begin()
    kernel, bias = model.get_weights()[:2]
    mean, variance = model.layers[1].moving_mean, model.layers[1].moving_variance
    activations = BATCHES[1][0] @ kernel + bias  # the last batch: the layer's momentum is 0
    np.testing.assert_allclose(mean, activations.mean(axis=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(variance, activations.var(axis=0), rtol=1e-4)
    assert not np.allclose(mean, steps[-1][4])


def test_without_averages_nothing_happens():
    model, steps = trained(ema=None)
    averages = averages_of(model)
    averages.on_test_begin()
    with averages.inside():
        assert same(model.get_weights(), steps[-1])
    averages.on_test_end()
    assert same(model.get_weights(), steps[-1])


def test_in_fit_averaging_changes_the_validation_and_not_the_training():
    histories = []
    for ema in (0.9, None):
        model = network(ema)
        histories.append(
            model.fit(
                *BATCHES[0], batch_size=8, epochs=2, shuffle=False, validation_data=BATCHES[1], verbose=0,
                callbacks=[AveragedWeights(LOADER)],
            ).history
        )  # fmt: skip
    assert histories[0]["loss"] == histories[1]["loss"]
    assert histories[0]["val_loss"] != histories[1]["val_loss"]
