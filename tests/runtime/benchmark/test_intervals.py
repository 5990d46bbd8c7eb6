import math

import numpy as np
import pytest
from scipy import stats

from lapx_tf.runtime.benchmark.intervals import interval_of, interval_of_ratio, student_t


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 6, 10, 30, 1000])
def test_the_quantile_is_that_of_students_t(freedom):
    assert student_t(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=3e-3)


def test_an_interval_is_symmetric_in_factors():
    found = interval_of([1.0, 4.0])
    assert found.low * found.high == pytest.approx(4)
    assert 2.0 in found
    assert interval_of([3.0, 3.0, 3.0]).spread == pytest.approx(1)
    assert interval_of([3.0]) is None


def rounds(count, per_draw, disturbed):
    """[count, per_draw] logarithms of ratios whose true value is 0; if disturbed, 15% of the rounds are off by a good deal."""
    rng = np.random.default_rng(0)
    plain = rng.normal(0, 0.02, (count, per_draw))
    if not disturbed:
        return plain
    hit = (rng.random(plain.shape) < 0.15) * rng.choice([-1, 1], plain.shape)
    return plain + hit * rng.exponential(0.15, plain.shape)


@pytest.mark.parametrize("disturbed", [False, True])
@pytest.mark.parametrize("per_draw", [3, 5, 10])
def test_95_per_cent_of_the_intervals_hold_the_truth(per_draw, disturbed):
    held = np.mean([1.0 in interval_of(np.exp(one)) for one in rounds(2000, per_draw, disturbed)])
    assert 0.93 < held < 0.99


def test_the_bootstrap_over_few_rounds_would_promise_too_much():
    drawn = rounds(500, 5, disturbed=False)
    chosen = np.random.default_rng(1).integers(0, 5, (500, 5))
    ends = np.percentile(drawn[:, chosen].mean(axis=2), (2.5, 97.5), axis=1)
    assert np.mean((ends[0] < 0) & (ends[1] > 0)) < 0.9


def test_runs_that_did_not_alternate_are_compared_by_welchs_interval():
    times, others = np.exp([0.0, 0.1, 0.05, -0.02]), np.exp([0.5, 0.9, 0.7])
    found = interval_of_ratio(times, others)
    expected = stats.ttest_ind(np.log(others), np.log(times), equal_var=False)
    low, high = expected.confidence_interval(0.95)
    # The degrees of freedom are rounded down here, which widens it a little.
    assert math.log(found.low) == pytest.approx(low, abs=0.06)
    assert math.log(found.low) <= low
    assert math.log(found.high) >= high
    assert interval_of_ratio([1.0], [1.0, 2.0]) is None
    assert interval_of_ratio([1.0, 1.0], [2.0, 2.0]).low == pytest.approx(2)
