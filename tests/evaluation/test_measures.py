from dataclasses import replace

import numpy as np
import pytest

from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.evaluation import measures, report
from lapx_tf.skeletons import COCO_17, LSP_14, MPII_16
from tests.evaluation.groups import coco_people, lsp_people, mpii_people, persons

GROUPS = {"PCK@0.2": lsp_people, "PCKh@0.5": mpii_people, "AP": coco_people}


@pytest.mark.parametrize(("key", "group"), GROUPS.items())
def test_each_data_set_is_scored_as_its_papers_do(key, group):
    people = group()
    assert measures.key_of(people) == key
    scores = measures.measure(people.joints, people)
    assert scores[key] == (1 if key == "AP" else 100)
    assert set(GROUPS) & set(scores) == {key}
    assert measures.headline(scores) == f"{key} {'1.0000' if key == 'AP' else '100.000'}"
    wrong = people.joints + np.array([200, 0, 0])
    assert measures.measure(wrong, people)[key] == 0


def test_pckh_divides_by_the_head():
    people = mpii_people(head_size=20)
    moved = people.joints + np.array([5, 0, 0])  # a quarter of the head
    scores = measures.measure(moved, people)
    assert (scores["PCKh@0.5"], scores["PCKh@0.1"]) == (100, 0)


@pytest.mark.parametrize("group", GROUPS.values())
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_a_prediction_that_is_no_number_is_refused_by_name(group, value):
    people = group()
    predicted = people.joints.copy()
    predicted[3, 9, 1] = value
    with pytest.raises(InputError, match=rf"person 3 \(<p3>.jpg\): {people.skeleton.joints[9]} is predicted at"):
        measures.measure(predicted, people)


def test_predictions_of_other_people_or_joints_are_refused():
    people = lsp_people()
    for predicted in (people.joints[:4], people.joints[:, :14], people.joints[..., :1], people.joints[0]):
        with pytest.raises(InputError, match=r"must be \[5, 16, 2 or more\] numbers"):
            measures.measure(predicted, people)


def test_mpii_is_never_scored_without_the_head_size_of_everybody():
    for group in (mpii_people(head_size=np.nan), mpii_people(head_size=0), mpii_people()):
        some = [replace(group.persons[0], head_size=np.nan), *group.persons[1:]]
        with pytest.raises(InputError, match=r"[15] of 5 have none; .*detections_our_format.mat"):
            measures.measure(group.joints, replace(group, persons=some))


def test_people_that_nothing_can_score_are_refused():
    unlike = People("zebras", COCO_17, persons(COCO_17, 2))
    with pytest.raises(InputError, match="of which coco_17 lacks head_top, neck; other joints are scored by AP"):
        measures.measure(unlike.joints, unlike)
    hipless = lsp_people()
    for person in hipless.persons:
        person.joints[MPII_16.joints.index("right_hip"), 2] = 0
    with pytest.raises(InputError, match="nobody of lsp has the labelled right_hip and left_shoulder"):
        measures.measure(hipless.joints, hipless)


def test_a_joint_that_is_labelled_nowhere_has_no_score():
    people = lsp_people()
    for person in people.persons:
        person.joints[MPII_16.joints.index("neck"), 2] = 0
    scores = measures.measure(people.joints, people)
    assert scores["PCK@0.2 per joint"]["neck"] is None
    assert scores["PCK@0.2"] == 100


@pytest.mark.parametrize(("key", "group"), list(GROUPS.items())[:2])
def test_the_curve_goes_through_the_score(key, group):
    people = group(20)
    noisy = people.joints + np.random.default_rng(1).normal(0, 8, people.joints.shape)
    threshold = float(key.partition("@")[2])
    (chart,) = report.details_of(noisy, people).charts
    place = int(np.argmin(np.abs(np.asarray(chart.x) - threshold)))
    scores = measures.measure(noisy, people)
    assert 10 < scores[key] < 90
    assert np.asarray(chart.curves[0].y)[place] == scores[key]
    assert [curve.label for curve in chart.curves[1:]].count("ankle") == 1


def test_the_curve_of_ap_has_ap_as_its_mean():
    people = coco_people(20)
    noisy = people.joints + np.random.default_rng(1).normal(0, 10, people.joints.shape) * [1, 1, 0]
    over_thresholds, over_recall = report.details_of(noisy, people).charts
    scores = measures.measure(noisy, people)
    assert 0.1 < scores["AP"] < 0.9
    assert np.mean(over_thresholds.curves[0].y) == pytest.approx(scores["AP"], abs=1e-9)
    assert np.mean(over_recall.curves[0].y) == pytest.approx(scores["AP"], abs=1e-9)
    assert np.mean(over_recall.curves[1].y) == pytest.approx(scores["AP50"], abs=1e-9)
    assert np.isnan(over_thresholds.curves[1].y).all()  # nobody is of medium size


def test_the_worst_persons_come_first():
    people = lsp_people()
    predicted = people.joints.copy()
    predicted[1, :4, 0] += 500
    predicted[4, :4, 0] += 900  # as many joints, but further off
    predicted[2, :9, 0] += 500
    cases = report.details_of(predicted, people).cases
    assert [case.person.name for case in cases][:3] == ["<p2>.jpg", "<p4>.jpg", "<p1>.jpg"]
    assert [case.note for case in cases][:2] == ["7 of 14 joints correct", "10 of 14 joints correct"]


def test_the_worst_of_coco_are_those_not_found_then_those_of_low_oks():
    people = coco_people(4)
    predicted = people.joints.copy()
    predicted[2, :, 0] += 12
    nobody_in_0 = replace(people, persons=people.persons[1:])
    details = report.details_of(predicted[1:], nobody_in_0)
    assert [case.person.name.partition(" ")[0] for case in details.cases][:2] == ["<p0>.jpg", "<p2>.jpg"]
    assert details.cases[0].found is None
    assert details.per_joint["left_hip"] == 75  # missed in the first; 12 pixels are within its tolerance
    assert details.per_joint["left_eye"] == 50


def test_conditions_name_the_joints_and_the_reference():
    assert measures.conditions(lsp_people()) == {
        "joints": "14 of LSP, person-centric",
        "reference": "right hip - left shoulder",
    }
    assert "head box" in measures.conditions(mpii_people())["reference"]
    assert measures.conditions(coco_people())["joints"] == "17 of coco_17"
    assert LSP_14.joints == measures.PCK.joints
