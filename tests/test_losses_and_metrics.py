import numpy as np
import pytest

from lapx_tf import PCK, HeatmapLoss
from lapx_tf.codecs.encode import encode
from lapx_tf.skeletons import MPII_16


def joints(seed: int = 0, count: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    weight = (rng.random((count, 16, 1)) > 0.3) * 1.0
    return np.concatenate([rng.uniform(0, 15, (count, 16, 2)), weight], axis=-1).astype(np.float32)


def test_loss_is_the_visible_joints_mean_squared_error_summed_over_stacks():
    truth = joints()
    predicted = np.random.default_rng(1).normal(size=(3, 2, 16, 16, 16)).astype(np.float32)
    target = np.asarray(encode(truth, (16, 16), 1.5))
    squared = truth[:, None, None, None, :, 2] * (predicted - target[:, None]) ** 2
    expected = squared.mean(axis=(0, 2, 3, 4)).sum()
    loss = HeatmapLoss(1.5)
    assert float(loss(truth, predicted)) == pytest.approx(expected, rel=1e-5)
    alone = [float(loss(truth, predicted[:, i])) for i in range(2)]
    assert sum(alone) == pytest.approx(expected, rel=1e-5)
    assert float(loss(truth, np.repeat(target[:, None], 2, axis=1))) == pytest.approx(
        2 * float(loss(truth, target)), abs=1e-9
    )


def test_joints_without_weight_do_not_touch_the_loss():
    truth = joints()
    truth[0, 4, 2] = 0
    predicted = np.asarray(encode(truth, (16, 16), 1.5)).copy()
    predicted[0, :, :, 4] = 99
    visible_error = float(HeatmapLoss(1.5)(truth, predicted))
    assert visible_error == pytest.approx(0, abs=1e-12)


def test_loss_config_round_trip():
    assert HeatmapLoss.from_config(HeatmapLoss(sigma=2.5).get_config()).sigma == 2.5
    with pytest.raises(ValueError, match="must be positive"):
        HeatmapLoss(0)


def test_pck_counts_what_lies_within_a_fifth_of_the_torso():
    truth = joints()
    truth[..., 2] = 1
    hip, shoulder = MPII_16.indices_of(["right_hip", "left_shoulder"])
    truth[:, hip, :2], truth[:, shoulder, :2] = [2, 2], [2, 12]  # a torso of 10: the reach is 2
    truth[:, :, :2] = np.round(truth[:, :, :2])
    moved = truth.copy()
    wrist, ankle, pelvis = MPII_16.indices_of(["right_wrist", "left_ankle", "pelvis"])
    truth[:, wrist, :2], moved[:, wrist, :2] = [5, 5], [6, 6]
    truth[:, ankle, :2], moved[:, ankle, :2] = [5, 5], [8, 5]
    truth[:, pelvis, :2], moved[:, pelvis, :2] = [5, 5], [12, 12]  # not one of LSP's 14
    metric = PCK()
    metric.update_state(truth, encode(moved, (16, 16), 1.0))
    assert float(metric.result()) == pytest.approx(13 / 14)
    metric.update_state(truth, np.repeat(np.asarray(encode(truth, (16, 16), 1.0))[:, None], 2, axis=1))
    assert float(metric.result()) == pytest.approx(27 / 28)


def test_pck_leaves_out_persons_without_a_torso():
    truth = joints()
    truth[..., 2] = 1
    truth[:2, MPII_16.joints.index("right_hip"), 2] = 0
    metric = PCK()
    metric.update_state(truth, encode(truth, (16, 16), 1.0))
    assert float(metric.total) == 14
