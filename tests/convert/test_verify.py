"""The gates, on heat maps whose disagreement is known."""

import numpy as np
import pytest

from convert import verify
from lapx_tf.errors import GateError


def bumps(shift: int = 0, crops: int = 8, joints: int = 8) -> np.ndarray:
    """[N, 32, 32, K] Gaussians of height 1 at seeded places, moved to the right by `shift` heat map pixels."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(4, 20, (2, crops, 1, 1, joints))
    rows, columns = np.arange(32)[:, None, None], np.arange(32)[None, :, None]
    return np.exp(-((columns - x - shift) ** 2 + (rows - y) ** 2) / 8).astype(np.float32)


def test_equal_heat_maps_pass_both_gates():
    found = verify.compare(bumps(), bumps())
    assert found.max_difference == 0
    assert found.decided == found.joints == 64
    assert found.median_distance == found.p95_distance == 0
    assert np.isfinite(found.signal_to_noise_db)
    assert verify.check_float32(found) == {"max_difference": pytest.approx(1e-4, rel=0.01)}
    assert verify.check_int8(found).keys() == {"signal_to_noise_db", "median_distance", "p95_distance"}


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_the_float32_gate_stands_at_a_ten_thousandth_of_the_range(scale):
    keras = scale * bumps()
    close, far = keras.copy(), keras.copy()
    close[0, 0, 0, 0] += 0.9e-4 * scale
    far[0, 0, 0, 0] += 1.1e-4 * scale
    verify.check_float32(verify.compare(keras, close))
    with pytest.raises(GateError, match="differs from Keras"):
        verify.check_float32(verify.compare(keras, far))


def test_the_float32_gate_is_absolute_for_large_heat_maps():
    keras = 100 * bumps()
    with pytest.raises(GateError, match=r"accepted is 0\.0001"):
        verify.check_float32(verify.compare(keras, keras + np.float32(1e-3)))


def test_signal_to_noise_is_in_decibels():
    keras = bumps()
    noise = np.where(np.arange(32)[:, None] % 2, 0.1, -0.1) * keras.std()
    found = verify.compare(keras, (keras + noise).astype(np.float32))
    assert found.signal_to_noise_db == pytest.approx(20, abs=0.2)


def test_heat_maps_of_other_joints_fail_the_int8_gate():
    with pytest.raises(GateError, match="signal-to-noise"):
        verify.check_int8(verify.compare(bumps(), np.roll(bumps(), 1, axis=-1)))


def test_joints_that_moved_fail_the_int8_gate_though_the_signal_is_there():
    one_pixel = verify.compare(bumps(), bumps(shift=1))
    assert one_pixel.median_distance == pytest.approx(4)
    assert one_pixel.signal_to_noise_db > verify.INT8_SIGNAL_TO_NOISE
    with pytest.raises(GateError, match=r"moves the joints by 4.00 pixels"):
        verify.check_int8(one_pixel)


def test_a_few_joints_far_away_fail_the_int8_gate():
    keras, converted = bumps(), bumps()
    converted[0] = np.roll(converted[0], 3, axis=1)
    found = verify.compare(keras, converted)
    assert found.median_distance == 0
    assert found.p95_distance == pytest.approx(12)
    with pytest.raises(GateError, match="95th percentile"):
        verify.check_int8(found)


def test_joints_without_a_clear_maximum_do_not_count():
    keras = np.concatenate([bumps(), bumps()], axis=0)
    # A second bump, nearly as high: which one is the joint is a matter of rounding.
    keras[:8] += 0.9 * np.roll(bumps(), 10, axis=2)
    assert verify.decided(keras[8:]).all()
    assert not verify.decided(keras[:8]).any()


@pytest.mark.parametrize("side", [0, 1])
def test_values_that_are_not_finite_fail(side):
    pair = [bumps(), bumps()]
    pair[side][0, 0, 0, 0] = np.nan
    with pytest.raises(GateError, match="not finite"):
        verify.compare(*pair)


def test_constant_heat_maps_fail():
    with pytest.raises(GateError, match="nothing to compare"):
        verify.compare(np.zeros((1, 8, 8, 1), np.float32), np.zeros((1, 8, 8, 1), np.float32))
