from typing import Any

import pytest
from keras.layers import BatchNormalization

from lapx_tf import LAPX
from tests.train.tiny_run import RECIPE
from train import recipe as recipes
from train import scaling
from train.scaling import Link, Traffic, step_seconds, sum_seconds

LINK = Link(bandwidth=1e9, latency=1e-5)


def test_a_large_sum_goes_around_the_ring_and_a_small_one_through_the_tree():
    assert sum_seconds(10**9, 8, LINK) == pytest.approx(2 * 7 / 8 + 14e-5)
    assert sum_seconds(8, 512, LINK) == pytest.approx(2 * 9 * 1e-5, rel=1e-3)
    assert sum_seconds(10**9, 1, LINK) == 0


def test_a_step_is_the_computing_and_every_sum():
    traffic = Traffic(gradient=10**6, statistics=(100, 200))
    sums = sum(sum_seconds(size, 4, LINK) for size in (10**6, 100, 200))
    assert step_seconds(0.5, traffic, 4, LINK) == pytest.approx(0.5 + sums)
    assert step_seconds(0.5, traffic, 1, LINK) == 0.5


def test_the_traffic_is_that_of_the_network():
    network = LAPX(RECIPE.width, RECIPE.stacks, RECIPE.depth, RECIPE.nonlocal_stacks, 16, (*RECIPE.size, 3))
    traffic = scaling.traffic_of(RECIPE)
    assert traffic.gradient == 4 * sum(weight.numpy().size for weight in network.trainable_weights)
    norms: list[Any] = [layer for layer in network._flatten_layers() if isinstance(layer, BatchNormalization)]
    assert len(traffic.statistics) == 4 * len(norms)
    assert sum(traffic.statistics) == (1 + 1 + 2 + 2) * 4 * sum(layer.gamma.shape[0] for layer in norms)


def test_the_command_prints_a_row_for_each_number_of_devices(monkeypatch, capsys):
    monkeypatch.setattr(recipes, "find", lambda name: RECIPE)
    assert scaling.main(["tiny", "--images-per-second", "100", "--batch", "10", "--devices", "1", "64"]) == 0
    rows = capsys.readouterr().out.splitlines()[-2:]
    assert rows[0] == "| 1 | 10 | 100 | 0.0 | 100 | 100.0% |"
    assert rows[1].startswith("| 64 | 640 |")


@pytest.mark.parametrize("rate", ["0", "-1", "inf", "fast"])
def test_a_rate_that_is_none_is_refused(rate, capsys):
    assert scaling.main(["demo", "--images-per-second", rate]) == 2
    assert "must be a number above 0" in capsys.readouterr().err
