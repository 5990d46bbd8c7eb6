import numpy as np
import pytest

from lapx_tf.data import mpii
from lapx_tf.data.people import People, Person
from lapx_tf.errors import InputError
from lapx_tf.evaluation import pckh
from lapx_tf.geometry import box_around
from lapx_tf.skeletons import MPII_16


def people(count: int = 5, head_size: float = 20.0) -> People:
    rng = np.random.default_rng(0)
    persons = []
    for index in range(count):
        joints = np.concatenate([rng.uniform(50, 150, (16, 2)), np.ones((16, 1))], axis=1).astype(np.float32)
        persons.append(Person(f"p{index}", b"", joints, box_around(joints[:, :2]), head_size * (index + 1)))
    return People("random", MPII_16, persons)


def joint(name: str) -> int:
    return MPII_16.joints.index(name)


def test_published_predictions_score_what_their_authors_reported(shared_data):
    import h5py

    with h5py.File(shared_data / "mpii" / "preds_valid_a.h5") as file:
        predicted = np.asarray(file["preds"]) - mpii.FIRST_PIXEL
    truth = mpii.val_truth(shared_data / "mpii" / "detections_our_format.mat")
    scores = pckh.mpii_pckh(predicted, truth)
    assert (scores["PCKh@0.5"], scores["PCKh@0.1"]) == (88.035, 28.647)
    per_joint = scores["PCKh@0.5 per joint"]
    assert [round(per_joint[name], 2) for name in ("head_top", "right_ankle", "left_ankle")] == [95.94, 78.87, 79.24]


def test_the_truth_scores_a_hundred_and_moved_joints_count_by_the_head():
    group = people()
    predicted = group.joints.copy()
    scores = pckh.mpii_pckh(predicted, group)
    assert scores["PCKh@0.5"] == scores["PCKh@0.1"] == 100
    predicted[:, joint("left_wrist"), 0] += 0.5 * pckh.head_sizes(group) * [0.99, 1.01, 0.99, 1.01, 1.01]
    predicted[:, [joint("pelvis"), joint("thorax")]] += 500  # do not count
    scores = pckh.mpii_pckh(predicted, group)
    assert scores["PCKh@0.5 per joint"]["left_wrist"] == 40
    assert scores["PCKh@0.1 per joint"]["left_wrist"] == 0
    assert scores["PCKh@0.5 per group"]["Wrist"] == 70
    assert scores["PCKh@0.5"] == pytest.approx(100 * (13 + 0.4) / 14, abs=1e-3)
    assert tuple(scores["PCKh@0.5 per joint"]) == pckh.JOINTS
    assert list(scores["PCKh@0.5 per group"]) == ["Head", "Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle"]


def test_the_mean_is_over_joints_not_over_types():
    group = people(4)
    predicted = group.joints.copy()
    for person in group.persons[:3]:
        person.joints[joint("neck"), 2] = 0
    predicted[:, joint("neck")] += 1000
    scores = pckh.mpii_pckh(predicted, group)
    assert scores["PCKh@0.5 per joint"]["neck"] == 0
    assert scores["PCKh@0.5"] == pytest.approx(100 * 52 / 53, abs=1e-3)


def test_persons_without_head_size_do_not_count_and_are_mentioned(caplog):
    group = people(3)
    unknown = [Person(one.name, b"", one.joints, one.box) for one in group.persons]
    predicted = group.joints.copy()
    predicted[0] += 1000
    mixed = People("mixed", MPII_16, [unknown[0], *group.persons[1:]])
    assert pckh.mpii_pckh(predicted, mixed)["PCKh@0.5"] == 100
    assert "1 of 3 persons have no head size" in caplog.text
    with pytest.raises(InputError, match=r"head sizes.*detections_our_format\.mat"):
        pckh.mpii_pckh(predicted, People("mpii", MPII_16, unknown))


def test_predictions_that_do_not_fit_are_refused():
    group = people(3)
    for shape in ((2, 16, 2), (3, 15, 2), (3, 16), (3, 16, 1)):
        with pytest.raises(InputError, match=r"\[3, 16, 2\], got"):
            pckh.mpii_pckh(np.zeros(shape), group)
    predicted = group.joints.copy()
    predicted[1, 4, 0] = np.nan
    with pytest.raises(InputError, match="p1 is not finite"):
        pckh.mpii_pckh(predicted, group)
