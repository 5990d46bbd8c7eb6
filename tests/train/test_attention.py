"""What is seen of the NonLocal modules while they train."""

import numpy as np
import pytest

from lapx_tf.models.lapx import LAPX
from tests.helpers import TINY, randomize
from train.watching.attention import attention_of


@pytest.fixture
def network() -> LAPX:
    return randomize(LAPX(**TINY))


def crops() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2, 64, 64, 3)).astype(np.float32)


def weight(network: LAPX, name: str):
    return getattr(network.nonlocal_layers()[1], name)


def test_a_module_that_tells_no_positions_apart_attends_to_all_alike(network):
    for values in weight(network, "theta").weights:
        values.assign(0 * values)
    found = attention_of(network, crops())
    assert list(found) == [1]
    assert found[1].logit == 0
    assert found[1].entropy == pytest.approx(1)


def test_large_logits_show_and_pick_single_positions(network):
    before = attention_of(network, crops())[1]
    for values in weight(network, "theta").weights:
        values.assign(1000 * values)
    after = attention_of(network, crops())[1]
    assert after.logit == pytest.approx(1000 * before.logit, rel=1e-3)
    assert after.entropy < 0.05 < before.entropy


def test_the_share_of_what_is_added_grows_with_gamma(network):
    gamma, shares = weight(network, "gamma"), []
    for value in (0.0, 0.5, -1.0):
        gamma.assign(value)
        shares.append(attention_of(network, crops())[1].share)
    assert shares[0] == 0
    assert shares[2] == pytest.approx(2 * shares[1], rel=1e-3)


def test_what_is_seen_is_what_the_network_computes(network, monkeypatch):
    """The first module that is asked gets what it gets in the network."""
    layer, inputs = network.nonlocal_layers()[1], []
    original = layer.call

    def noting(x, training=False):
        inputs.append(np.asarray(x))
        return original(x, training)

    monkeypatch.setattr(layer, "call", noting)
    attention_of(network, crops())
    network(crops())
    assert len(inputs) == 3  # by itself, in its stack, in the network
    np.testing.assert_allclose(inputs[0], inputs[2], atol=1e-5)
