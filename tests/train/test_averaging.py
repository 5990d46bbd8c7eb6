import keras
import numpy as np
import pytest

from train.averaging import ValidateAveraged, averaged

X, Y = np.ones((8, 1), np.float32), np.full((8, 1), 3, np.float32)


def model(**optimizer) -> keras.Model:
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False)])
    network.compile(keras.optimizers.SGD(0.1, **optimizer), "mse", jit_compile=False)
    return network


def test_inside_are_the_averages_and_behind_it_exactly_the_own_weights():
    network = model(use_ema=True, ema_momentum=0.5)
    weights = []
    for _ in range(3):
        network.train_on_batch(X, Y)
        weights.append(network.get_weights()[0].item())
    average = weights[0]
    for weight in weights[1:]:
        average = 0.5 * average + 0.5 * weight
    with averaged(network):
        assert network.get_weights()[0].item() == pytest.approx(average)
        assert average != pytest.approx(weights[-1])
    assert network.get_weights()[0].item() == weights[-1]


def test_without_averages_nothing_changes():
    network = model()
    network.train_on_batch(X, Y)
    before = network.get_weights()[0].item()
    with averaged(network):
        assert network.get_weights()[0].item() == before


def test_validation_in_fit_scores_the_averages_and_training_goes_on_without_them():
    network, plain = model(use_ema=True, ema_momentum=0.9), model()
    seen = []

    class Look(keras.callbacks.Callback):
        def on_test_batch_end(self, batch, logs=None):
            seen.append(network.get_weights()[0].item())

    losses = [
        each.fit(X, Y, epochs=3, batch_size=8, shuffle=False, validation_data=(X, Y), callbacks=callbacks, verbose=0)
        for each, callbacks in ((network, [ValidateAveraged(), Look()]), (plain, []))
    ]
    assert losses[0].history["loss"] == losses[1].history["loss"]
    assert losses[0].history["val_loss"] != losses[1].history["val_loss"]
    assert len(set(seen)) == 3
