"""The One-Euro filter against its paper's algorithm in plain Python, and what it is for: less trembling, little lag."""

import math

import numpy as np
import pytest

from lapx_tf.runtime.smoothing import OneEuro, PoseSmoother, Smoothing

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
    assert smoothed[50:].std() < 0.5 * still[50:].std()
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
