import importlib.util
import os
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
import scipy.io

from lapx_tf import PCK, HeatmapLoss
from lapx_tf.codecs.encode import encode
from lapx_tf.data import sources
from lapx_tf.metrics import HEAD_SIZE_OF_SEGMENT, TORSO_OF_EXTENT, PCKh, StackLosses
from lapx_tf.skeletons import COCO_17, LSP_14, MPII_16, Skeleton
from tests.helpers import ROOT

TAIL = Skeleton("tail", ("base", "middle", "tip"))

PROGRAM = """
import sys, numpy
from tests.test_losses_and_metrics import figures
data = numpy.load(sys.argv[1])
numpy.savez(sys.argv[2], **figures(data["maps"], data["truth"]))
assert "tensorflow" not in sys.modules
"""


def figures(maps: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Every metric as `fit` calls it, on this process' backend."""
    heatmaps = keras.Input(maps.shape[1:])
    model: Any = keras.Model(heatmaps, keras.layers.Rescaling(1.0)(heatmaps))
    metrics = [PCK(0.5), PCK(0.5, span=None, name="of_extent"), PCKh(1.0), StackLosses(2, 1.5)]
    model.compile("sgd", HeatmapLoss(1.5), metrics=metrics)
    return model.evaluate(maps, truth, batch_size=2, verbose=0, return_dict=True)


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


def counts(metric: PCK, truth: np.ndarray, moved: np.ndarray | None = None) -> tuple[float, float]:
    """Hits and counted joints after one batch."""
    metric.update_state(truth, encode(truth if moved is None else moved, (16, 16), 1.0))
    return float(metric.hits), float(metric.total)


@pytest.mark.parametrize(("skeleton", "counted"), [(MPII_16, 14), (LSP_14, 14), (COCO_17, 17), (TAIL, 3)])
def test_pck_of_any_skeleton_counts_its_joints(skeleton, counted):
    truth = joints(count=2)[:, [*range(16), 0]][:, : len(skeleton.joints)]
    truth[..., 2] = 1
    metric = PCK.of(skeleton)
    assert counts(metric, np.round(truth)) == (2 * counted, 2 * counted)
    assert (metric.span is None) == (skeleton is TAIL)


def test_pck_takes_the_torso_of_the_skeleton():
    assert PCK.of(MPII_16).get_config() == PCK().get_config()
    assert PCK.of(COCO_17).span == tuple(COCO_17.indices_of(["right_hip", "left_shoulder"]))


def test_without_a_torso_the_reference_is_a_part_of_the_longer_side_of_what_is_labelled():
    truth = np.array([[[2, 3, 1], [4, 13, 1], [15, 15, 0]]], np.float32)
    metric = PCK.of(TAIL, threshold=0.5)
    assert float(metric.reference(truth)[0]) == pytest.approx(TORSO_OF_EXTENT * 10)
    reach = 0.5 * TORSO_OF_EXTENT * 10  # 1.8
    moved = truth + np.array([[[1, 0, 0], [2, 0, 0], [0, 0, 0]]], np.float32)
    assert 1 < reach < 2
    assert counts(metric, truth, moved) == (1, 2)
    truth[0, 1, 2] = 0  # one joint has no extent, and none has none
    assert counts(PCK.of(TAIL), truth) == (0, 0)
    truth[0, 0, 2] = 0
    assert counts(PCK.of(TAIL), truth) == (0, 0)


def test_pckh_counts_what_lies_within_half_of_the_head_s_size():
    truth = joints()
    truth[..., 2] = 1
    truth[..., :2] = np.round(truth[..., :2])
    neck, head_top, wrist, ankle, pelvis = MPII_16.indices_of(
        ["neck", "head_top", "right_wrist", "left_ankle", "pelvis"]
    )
    truth[:, neck, :2], truth[:, head_top, :2] = [2, 12], [2, 4]
    assert 2 < 0.5 * HEAD_SIZE_OF_SEGMENT * 8 < 4  # the reach
    moved = truth.copy()
    truth[:, wrist, :2], moved[:, wrist, :2] = [5, 5], [7, 5]
    truth[:, ankle, :2], moved[:, ankle, :2] = [5, 5], [9, 5]
    truth[:, pelvis, :2], moved[:, pelvis, :2] = [5, 5], [12, 12]  # does not count in MPII's mean
    truth[0, head_top, 2] = 0  # nor does a person without a head
    assert counts(PCKh(), truth, moved) == (26, 28)
    assert PCKh.of(MPII_16).get_config() == PCKh().get_config()
    with pytest.raises(ValueError, match="no joint"):
        PCKh.of(COCO_17)


def test_the_parts_of_the_stacks_add_up_to_the_loss():
    truth = joints()
    predicted = np.random.default_rng(1).normal(size=(3, 2, 16, 16, 16)).astype(np.float32)
    losses = StackLosses(2, sigma=1.5)
    losses.update_state(truth[:2], predicted[:2])
    losses.update_state(truth[2:], predicted[2:])
    parts = {name: float(part) for name, part in losses.result().items()}
    assert list(parts) == ["loss_stack1", "loss_stack2"]
    assert sum(parts.values()) == pytest.approx(float(HeatmapLoss(1.5)(truth, predicted)), rel=1e-5)
    assert parts["loss_stack1"] == pytest.approx(float(HeatmapLoss(1.5)(truth, predicted[:, 0])), rel=1e-5)


def test_heat_maps_of_the_last_stack_alone_tell_nothing_of_the_others():
    losses = StackLosses(2)
    losses.update_state(joints(), np.zeros((3, 16, 16, 16), np.float32))
    assert all(np.isnan(float(part)) for part in losses.result().values())
    with pytest.raises(ValueError, match="of 2 stacks are needed, got those of 3"):
        losses.update_state(joints(), np.zeros((3, 3, 16, 16, 16), np.float32))
    with pytest.raises(ValueError, match="at least 1, got 0"):
        StackLosses(0)


@pytest.mark.parametrize(
    "metric", [PCK.of(TAIL, threshold=0.3), PCKh(0.1), StackLosses(3, sigma=2.5)], ids=lambda metric: metric.name
)
def test_metrics_survive_saving(metric):
    twin = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert type(twin) is type(metric)
    assert twin.get_config() == metric.get_config()


def test_the_torso_s_part_of_the_extent_is_that_of_lsp(shared_data):
    truth = sources.load_named("lsp", shared_data / "lsp", "all").joints
    ratios = np.asarray(PCK().reference(truth)) / np.asarray(PCK(span=None).reference(truth))
    assert len(ratios) == 1500
    assert np.median(ratios) == pytest.approx(1, abs=0.01)


def test_the_head_s_part_of_its_segment_is_that_of_mpii(shared_data):
    truth = scipy.io.loadmat(shared_data / "mpii" / "detections_our_format.mat")
    joints = np.concatenate([truth["pos_gt_src"], 1 - truth["jnt_missing"][:, None]], axis=1).transpose(2, 0, 1)
    sizes = 0.6 * np.linalg.norm(truth["headboxes_src"][1] - truth["headboxes_src"][0], axis=0)
    found = np.asarray(PCKh().reference(joints.astype(np.float32)))
    ratios = found[found > 0] / sizes[found > 0]
    assert np.mean(np.abs(ratios - 1) < 0.01) == pytest.approx(0.985, abs=0.001)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_give_the_same_figures(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    truth = joints(count=4)
    noise = np.random.default_rng(2).normal(0, 3, truth.shape).astype(np.float32)
    maps = np.stack([np.asarray(encode(truth + step * noise, (16, 16), 1.5)) for step in (1.5, 1)], axis=1)
    source, out = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(source, truth=truth, maps=maps)
    command = [sys.executable, "-c", PROGRAM, str(source), str(out)]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "KERAS_BACKEND": backend})
    ours, theirs = figures(maps, truth), {name: float(value) for name, value in np.load(out).items()}
    assert theirs == pytest.approx(ours, rel=1e-5)
    assert all(0 < ours[name] < 1 for name in ("pck", "of_extent", "pckh"))
    assert ours["loss_stack1"] + ours["loss_stack2"] == pytest.approx(ours["loss"], rel=1e-5)
