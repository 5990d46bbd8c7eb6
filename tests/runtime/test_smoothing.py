"""The One-Euro filter against its paper's algorithm in plain Python, and what it is for: less trembling, little lag."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from lapx_tf.geometry import Box
from lapx_tf.runtime.poses import Pose
from lapx_tf.runtime.smoothing import OneEuro, PeopleSmoother, PoseSmoother, Smoothing
from lapx_tf.runtime.tracking import Tracked
from tests.helpers import ROOT

RATE = 30.0


def papers_filter(values: list[float], rate: float, min_cutoff: float, beta: float, speed_cutoff: float) -> list[float]:
    """Algorithm 1 of the paper for one number at a constant rate."""

    def alpha(cutoff: float) -> float:
        return 1.0 / (1.0 + (1.0 / (2 * math.pi * cutoff)) * rate)

    smoothed, speed = [values[0]], 0.0
    for value in values[1:]:
        change = (value - smoothed[-1]) * rate
        speed = alpha(speed_cutoff) * change + (1 - alpha(speed_cutoff)) * speed
        weight = alpha(min_cutoff + beta * abs(speed))
        smoothed.append(weight * value + (1 - weight) * smoothed[-1])
    return smoothed


def test_it_is_the_papers_filter():
    values = np.random.default_rng(0).normal(0, 3, 50).cumsum()
    one_euro = OneEuro(Smoothing(min_cutoff=0.7, beta=0.3, speed_cutoff=1.5))
    found = [float(one_euro(value, index / RATE)) for index, value in enumerate(values)]
    assert found == pytest.approx(papers_filter(values.tolist(), RATE, 0.7, 0.3, 1.5), abs=1e-9)


def test_a_joint_at_rest_trembles_less_and_a_jump_arrives():
    rng = np.random.default_rng(1)
    one_euro = OneEuro(Smoothing())
    still = 100 + rng.normal(0, 1, 200)
    smoothed = np.array([one_euro(value, index / RATE, 200.0) for index, value in enumerate(still)])
    assert np.abs(np.diff(smoothed[50:])).mean() < 0.6 * np.abs(np.diff(still[50:])).mean()
    after = [float(one_euro(300.0, (200 + index) / RATE, 200.0)) for index in range(15)]
    assert abs(after[-1] - 300) < 10


def test_the_unit_makes_it_independent_of_the_persons_size():
    rng = np.random.default_rng(2)
    joints = rng.uniform(0, 100, (20, 5, 3)).astype(np.float32)
    small, large = PoseSmoother(), PoseSmoother()
    for index, one in enumerate(joints):
        of_small = small(one, 80.0, index / RATE)
        of_large = large(one * [4, 4, 1], 320.0, index / RATE)
        np.testing.assert_allclose(of_large, of_small * [4, 4, 1], rtol=1e-5)
        assert (of_small[:, 2] == one[:, 2]).all()


def test_time_must_grow_and_constants_must_make_sense():
    one_euro = OneEuro(Smoothing())
    one_euro(1.0, 2.0)
    with pytest.raises(ValueError, match="time must grow"):
        one_euro(1.0, 2.0)
    with pytest.raises(ValueError, match="positive"):
        Smoothing(min_cutoff=0)


@pytest.mark.parametrize("rate", [15.0, 30.0])
@pytest.mark.parametrize("speed", [0.1, 1.0])
def test_the_lag_is_that_of_a_joint_of_constant_speed(rate, speed):
    smoothing, side = Smoothing(min_cutoff=0.8, beta=5.0, speed_cutoff=2.0), 50.0
    one_euro = OneEuro(smoothing)
    places = speed * side * np.arange(600) / rate
    smoothed = [float(one_euro(place, index / rate, side)) for index, place in enumerate(places)]
    assert (places[-1] - smoothed[-1]) / (speed * side) == pytest.approx(smoothing.lag(speed, rate), rel=1e-6)
    assert smoothing.lag(0.0, rate) == pytest.approx(1 / (2 * math.pi * 0.8))


def test_each_of_several_people_has_a_filter_of_their_own(skeleton):
    rng = np.random.default_rng(3)
    joints = rng.uniform(0, 100, (3, 6, 5, 3)).astype(np.float32)  # three people, six pictures
    box = Box(50, 50, 80, 60)
    people = [[Tracked(key, Pose(joints[key, t], skeleton, box), box) for key in range(3)] for t in range(6)]
    for t in (2, 3):
        del people[t][1]  # who is back after that, under the same id, is somebody new
    together = PeopleSmoother()
    found = [{one.id: one for one in together(present, t / RATE)} for t, present in enumerate(people)]
    for key in (0, 2):
        alone = PoseSmoother()
        for t in range(6):
            expected = alone(joints[key, t], 80.0, t / RATE)
            np.testing.assert_array_equal(found[t][key].pose.joints, expected)
            assert found[t][key].box == replace(people[0][0].pose, joints=expected).extent
    np.testing.assert_array_equal(found[4][1].pose.joints, joints[1, 4])
    assert (found[1][1].pose.joints[:, :2] != joints[1, 1, :, :2]).all()


def test_the_telephones_constants_are_the_same():
    code = (ROOT / "android_demo/core/src/main/kotlin/dev/lapx/core/Smoothing.kt").read_text("utf-8")
    ours = Smoothing()
    found = {name: float(value) for name, value in re.findall(r"val (\w+): Double = ([\d.]+),", code)}
    assert found == {"minCutoff": ours.min_cutoff, "beta": ours.beta, "speedCutoff": ours.speed_cutoff}
