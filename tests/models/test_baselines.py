import os
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from lapx_tf.models.baselines import lite_hrnet
from lapx_tf.models.baselines.hourglass import stacked_hourglass
from lapx_tf.models.baselines.layers import AddUpsampled, ChannelShuffle, MultiplyUpsampled
from lapx_tf.models.baselines.lite_hrnet import lite_hrnet_18, naive_lite_hrnet_18
from tests.helpers import ROOT

PUBLISHED = {"lite_hrnet_18": 1.1e6, "naive_lite_hrnet_18": 1.3e6, "hourglass": 6.73e6}
"""Parameters as the papers and, of the hourglass, the widely used PyTorch version with 2 stacks tell them, rounded."""


@pytest.fixture(scope="module")
def networks() -> dict[str, keras.Model]:
    return {model.name: model for model in (lite_hrnet_18(), naive_lite_hrnet_18(), stacked_hourglass())}


def trained(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def macs(model: keras.Model) -> int:
    """From the layers: what each output of a convolution costs, times its outputs."""
    found = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.DepthwiseConv2D | keras.layers.Conv2D):
            seen = layer.kernel.shape[:2] if isinstance(layer, keras.layers.DepthwiseConv2D) else layer.kernel.shape[:3]
            found += int(np.prod(layer.output.shape[1:]) * np.prod(seen))
    return found


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_parameters_are_the_published_ones(networks, name):
    # Published with two or three digits: half of the last one comes on top of the two per cent.
    digit = 1e4 if name == "hourglass" else 1e5
    assert abs(trained(networks[name]) - PUBLISHED[name]) < 0.02 * PUBLISHED[name] + digit / 2


def test_the_work_is_the_published_one(networks):
    # The papers' 273.4 MFLOPs at 256x256 (and for the naive one 311.1 at 256x192) count more than convolutions.
    assert macs(networks["lite_hrnet_18"]) == pytest.approx(273.4e6, rel=0.04)
    assert macs(networks["naive_lite_hrnet_18"]) == pytest.approx(311.1e6 * 256 / 192, rel=0.04)
    assert macs(networks["hourglass"]) == pytest.approx(9e9, rel=0.01)


def test_heat_maps_have_a_quarter_of_the_images_sides(networks, monkeypatch):
    assert {model.output_shape for model in networks.values()} == {(None, 64, 64, 16)}
    monkeypatch.setattr(lite_hrnet, "MODULES", (0, 0, 1))
    assert lite_hrnet_18(joints=17, input_shape=(384, 288, 3), width=8).output_shape == (None, 96, 72, 17)
    assert stacked_hourglass(1, 16, 1, 14, (48, 32, 3)).output_shape == (None, 12, 8, 14)


@pytest.mark.parametrize("broken", [{"input_shape": (250, 256, 3)}, {"input_shape": (None, None, 3)}, {"width": 12}])
def test_lite_hrnet_refuses_what_its_branches_do_not_divide(broken):
    with pytest.raises(ValueError, match="multiple"):
        lite_hrnet_18(**broken)


@pytest.mark.parametrize("broken", [{"input_shape": (96, 64, 3)}, {"filters": 6}, {"stacks": 0}])
def test_the_hourglass_refuses_what_its_poolings_do_not_divide(broken):
    with pytest.raises(ValueError, match="multiple"):
        stacked_hourglass(**broken)


def test_channel_shuffle_is_a_permutation_that_gives_each_half_half_of_each_group():
    one, other = (np.arange(8, dtype=np.float32).reshape(1, 1, 1, 8) + start for start in (0, 8))
    shuffled = ops.convert_to_numpy(ChannelShuffle()([one, other])).ravel()
    assert sorted(shuffled) == list(range(16))
    # What ShuffleNet's dealing out one by one puts into each half, in another order.
    dealt = np.arange(16).reshape(2, 8).T.ravel()
    assert set(shuffled[:8]) == set(dealt[:8])


@pytest.mark.parametrize("layer", [AddUpsampled, MultiplyUpsampled])
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_both_forms_of_upsampling_repeat_the_smaller_map(layer, activation):
    rng = np.random.default_rng(0)
    large, small = rng.normal(size=(2, 8, 12, 5)).astype("f"), rng.normal(size=(2, 2, 3, 5)).astype("f")
    enlarged = small.repeat(4, axis=1).repeat(4, axis=2)
    expected = large + enlarged if layer is AddUpsampled else large * enlarged
    expected = np.maximum(expected, 0) if activation == "relu" else expected
    for broadcast in (False, True):
        found = layer(4, activation, broadcast)([large, small])
        np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=1e-6)


def test_every_input_pixel_reaches_the_heat_maps_through_each_branch(monkeypatch):
    monkeypatch.setattr(lite_hrnet, "MODULES", (0, 0, 1))
    model = lite_hrnet_18(joints=2, input_shape=(64, 64, 3), width=8)
    branches = [layer for layer in model.layers if isinstance(layer, AddUpsampled | MultiplyUpsampled)]
    assert {layer.factor for layer in branches} == {2, 4, 8}
    images = np.zeros((2, 64, 64, 3), "f")
    images[1, 3, 3] = 1
    black, white = model.predict_on_batch(images)
    assert (np.abs(white - black).max(-1) > 0).all()  # the weights across resolutions carry it everywhere


PROGRAM = """
import sys, numpy, keras
from lapx_tf.models.baselines import layers  # what the file holds
model = keras.models.load_model(sys.argv[1])
numpy.savez(sys.argv[3], *model.predict_on_batch(list(numpy.load(sys.argv[2]).values())))
"""


def test_a_saved_block_gives_the_same_maps_here_and_on_jax(tmp_path):
    pytest.importorskip("jax")
    keras.utils.set_random_seed(0)
    ends = [keras.Input((16 >> i, 16 >> i, 8 << i)) for i in range(2)]
    model = keras.Model(ends, lite_hrnet.conditional_channel_weighting(ends))
    rng = np.random.default_rng(0)
    maps = [rng.normal(size=(2, *end.shape[1:])).astype("f") for end in ends]
    expected = model.predict_on_batch(maps)
    model.save(tmp_path / "a.keras")
    again: Any = keras.models.load_model(tmp_path / "a.keras")
    for one, other in zip(again.predict_on_batch(maps), expected, strict=True):
        np.testing.assert_array_equal(one, other)
    np.savez(tmp_path / "in.npz", *maps)
    command = [sys.executable, "-c", PROGRAM, *(str(tmp_path / name) for name in ("a.keras", "in.npz", "out.npz"))]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "jax"})
    found = np.load(tmp_path / "out.npz")
    for name, other in zip(found.files, expected, strict=True):
        np.testing.assert_allclose(found[name], other, atol=1e-5 * np.abs(other).max())
