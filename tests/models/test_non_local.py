"""The forms of NonLocal: what they begin with, how large their logits get, and what is kept in a file."""

from itertools import product
from typing import get_args

import keras
import numpy as np
import pytest

from lapx_tf import LAPX
from lapx_tf.errors import InputError
from lapx_tf.models import lapx, storage
from lapx_tf.models.arguments import Gain, Logits
from lapx_tf.models.lapx import weights_by_path
from lapx_tf.models.non_local import NonLocal
from tests.helpers import TINY, randomize

FORMS = list(product(get_args(Logits), get_args(Gain)))
CHANNELS, INNER = 16, 2


def module(logits: str = "plain", gain: str = "gamma") -> NonLocal:
    keras.utils.set_random_seed(0)
    layer = NonLocal(logits, gain)  # type: ignore[arg-type]
    layer.build((None, 3, 4, CHANNELS))
    return layer


def features(scale: float = 1.0) -> np.ndarray:
    return (scale * np.random.default_rng(0).normal(size=(2, 3, 4, CHANNELS))).astype(np.float32)


def parts(layer: NonLocal, x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Queries, keys and contents, [B, positions, C / 8]."""
    return tuple(np.asarray(one(x)).reshape(2, 12, INNER) for one in (layer.theta, layer.phi, layer.g))


@pytest.mark.parametrize("logits", get_args(Logits))
def test_logits_are_products_or_smaller_by_the_root_of_the_channels_or_ten_times_the_cosine(logits):
    layer = module(logits)
    queries, keys, _ = parts(layer, features())
    if logits == "cosine":
        queries, keys = (one / np.linalg.norm(one, axis=-1, keepdims=True) for one in (queries, keys))
    factor = {"plain": 1.0, "scaled": INNER**-0.5, "cosine": 10.0}[logits]
    np.testing.assert_allclose(
        layer.logits_of(features()), factor * queries @ keys.swapaxes(1, 2), rtol=1e-3, atol=1e-4
    )


def test_only_cosine_logits_are_bounded():
    largest = {logits: np.abs(module(logits).logits_of(features(1e3))).max() for logits in get_args(Logits)}
    assert largest["plain"] > largest["scaled"] > 1e4
    assert largest["cosine"] == pytest.approx(10, rel=1e-3)


def test_cosine_logits_of_nothing_are_nothing_and_have_a_gradient():
    import tensorflow as tf

    layer, x = module("cosine"), tf.Variable(np.zeros((2, 3, 4, CHANNELS), np.float32))
    with tf.GradientTape() as tape:
        logits = layer.logits_of(x)
    assert not np.asarray(logits).any()
    assert np.isfinite(tape.gradient(logits, x)).all()


@pytest.mark.parametrize(("gain", "parameters"), [("gamma", 1), ("layer_scale", CHANNELS), ("zero_projection", 0)])
def test_every_gain_begins_with_next_to_nothing_and_learns(gain, parameters):
    import tensorflow as tf

    layer, x = module(gain=gain), tf.constant(features())
    with tf.GradientTape() as tape:
        y = layer(x, training=True)
        loss = tf.reduce_sum(y * features()[::-1])
    begins = {"gamma": 0, "layer_scale": 1e-4, "zero_projection": 0}[gain]
    assert np.abs(y - x).max() <= 10 * begins
    assert np.abs(y - x).max() > 0 or not begins
    learns = layer.out.kernel if layer.gamma is None else layer.gamma
    assert np.abs(tape.gradient(loss, learns.value)).max() > 0
    convolutions = 3 * (CHANNELS * INNER + INNER) + INNER * CHANNELS + CHANNELS
    assert sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights) == convolutions + parameters


@pytest.mark.parametrize("gain", get_args(Gain))
def test_what_is_added_is_multiplied_by_the_gain(gain):
    layer, x = module(gain=gain), features()
    layer.out.kernel.assign(np.random.default_rng(1).normal(size=layer.out.kernel.shape))
    if layer.gamma is not None:
        layer.gamma.assign(np.random.default_rng(2).normal(size=layer.gamma.shape))
    queries, keys, contents = parts(layer, x)
    weights = np.exp(queries @ keys.swapaxes(1, 2))
    attended = weights / weights.sum(-1, keepdims=True) @ contents
    gain_of = 1 if layer.gamma is None else np.asarray(layer.gamma)
    added = gain_of * np.asarray(layer.out(attended.reshape(2, 3, 4, INNER)))
    np.testing.assert_allclose(layer(x), x + added, atol=1e-4)


@pytest.mark.parametrize(("logits", "gain"), FORMS)
def test_a_network_of_any_form_survives_saving(logits, gain, tmp_path):
    network = randomize(LAPX(**TINY, nonlocal_logits=logits, nonlocal_gain=gain))
    storage.save(network, tmp_path / "a.keras")
    loaded = storage.load(tmp_path / "a.keras")
    assert (loaded.nonlocal_logits, loaded.nonlocal_gain) == (logits, gain)
    assert loaded.get_config() == network.get_config()
    assert list(weights_by_path(loaded)) == list(weights_by_path(network))
    images = np.random.default_rng(0).normal(size=(1, 64, 64, 3))
    np.testing.assert_array_equal(loaded(images), network(images))


@pytest.mark.parametrize("form", [{"nonlocal_logits": "cosine"}, {"nonlocal_gain": "layer_scale"}])
def test_only_another_form_than_the_paper_s_is_refused_by_the_version_before(form, tmp_path, monkeypatch):
    for name, network in {"paper": LAPX(**TINY), "other": LAPX(**TINY, **form)}.items():
        storage.save(network, tmp_path / f"{name}.keras")
    assert not {"nonlocal_logits", "nonlocal_gain"} & LAPX(**TINY).get_config().keys()  # unknown to it
    monkeypatch.setattr(lapx, "FORMAT_VERSION", 1)
    storage.load(tmp_path / "paper.keras")
    with pytest.raises(InputError, match=r"other.keras: .* up to format version 1, got 2: update lapx-tf"):
        storage.load(tmp_path / "other.keras")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"nonlocal_logits": "dot"}, "`nonlocal_logits` must be one of plain, scaled, cosine, got 'dot'"),
        ({"nonlocal_gain": "one"}, "`nonlocal_gain` must be one of gamma, layer_scale, zero_projection, got 'one'"),
    ],
)
def test_a_form_that_there_is_not_is_refused(form, sentence):
    with pytest.raises(ValueError, match=sentence):
        LAPX(**TINY, **form)
