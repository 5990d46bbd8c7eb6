from dataclasses import replace

import numpy as np
import pytest

from lapx_tf.data import lsp
from lapx_tf.data.left_right import suspicious, without_suspicious
from lapx_tf.data.people import People, Person
from lapx_tf.geometry import box_around
from lapx_tf.skeletons import COCO_17, MPII_16, Skeleton

# Seen from the front, so that the person's right is on the left; pixels.
FRONT = {
    "head_top": (100, 10), "neck": (100, 35), "thorax": (100, 45), "pelvis": (100, 110),
    "right_shoulder": (78, 45), "right_elbow": (68, 78), "right_wrist": (64, 110),
    "right_hip": (88, 110), "right_knee": (86, 160), "right_ankle": (85, 210),
}  # fmt: skip
FRONT |= {name.replace("right", "left"): (200 - x, y) for name, (x, y) in FRONT.items() if name.startswith("right")}


def person(skeleton=MPII_16, swap=(), unlabelled=(), degrees=0.0, squeeze=None, name="one") -> Person:
    """FRONT in another skeleton, with left and right swapped at some parts, turned in the image, joints of parts squeezed.

    Args:
        squeeze: part -> factor of its horizontal distance from the middle.
    """
    joints = np.zeros((len(skeleton.joints), 3), np.float32)
    for row, joint in zip(joints, skeleton.joints, strict=True):
        if joint not in FRONT or joint in unlabelled:
            continue
        part = joint.rpartition("_")[2]
        source = joint.replace("left", "RIGHT").replace("right", "left").lower() if part in swap else joint
        x, y = FRONT[source]
        row[:] = (100 + (x - 100) * (squeeze or {}).get(part, 1), y, 1)
    turn = np.deg2rad(degrees)
    joints[:, :2] = joints[:, :2] @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return Person(name, b"", joints, box_around(joints[:, :2]))


def people(*persons: Person, skeleton=MPII_16, **of_one) -> People:
    return People("test", skeleton, persons or [person(skeleton, **of_one)])


@pytest.mark.parametrize("skeleton", [MPII_16, COCO_17])
@pytest.mark.parametrize("degrees", [0, 37, 90, 180, 300])
def test_sound_people_are_not_suspicious_whichever_way_they_turn_in_the_image(skeleton, degrees):
    assert not suspicious(people(skeleton=skeleton, degrees=degrees)).any()


@pytest.mark.parametrize("skeleton", [MPII_16, COCO_17])
@pytest.mark.parametrize("degrees", [0, 37, 90, 180, 300])
@pytest.mark.parametrize(
    "swap",
    [
        ("shoulder", "elbow", "wrist"),
        ("hip", "knee", "ankle"),
        ("shoulder",),
        ("hip",),
        ("elbow", "wrist"),
    ],
)
def test_a_body_swapped_above_or_below_the_waist_or_at_the_upper_arms_is_suspicious(skeleton, swap, degrees):
    assert suspicious(people(skeleton=skeleton, swap=swap, degrees=degrees)).all()


def test_thighs_that_cross_are_suspicious_when_the_legs_are_spread():
    split = person(squeeze={"knee": 4, "ankle": 8})
    below = split.joints[:, 1] > 110
    split.joints[below, 1] = 120
    crossed = replace(split, joints=split.joints.copy())
    crossed.joints[below] = crossed.joints[MPII_16.flip_order][below]
    assert suspicious(people(split, crossed)).tolist() == [False, True]


@pytest.mark.parametrize("swap", [("wrist",), ("ankle",), ("wrist", "ankle")])
def test_crossed_forearms_and_shins_are_no_sign(swap):
    assert not suspicious(people(swap=swap)).any()


def test_a_twist_that_people_manage_is_no_sign():
    """Shoulders and hips each turned beyond the line of sight, as in a golf swing."""
    turned = {"shoulder": -0.4, "elbow": -0.4, "wrist": -0.4, "hip": 0.4}
    assert not suspicious(people(squeeze=turned)).any()
    assert suspicious(people(squeeze=turned | {"shoulder": -1.0, "elbow": -1.0, "hip": 1.2})).all()


@pytest.mark.parametrize("unlabelled", ["left_hip", "right_shoulder"])
def test_a_joint_that_is_not_labelled_gives_no_sign(unlabelled):
    arms = ("shoulder", "elbow", "wrist")
    assert suspicious(people(swap=arms)).all()
    assert not suspicious(people(swap=arms, unlabelled=(unlabelled,))).any()


def test_skeletons_without_shoulders_and_hips_and_nobody_at_all_are_not_suspicious():
    hand = Skeleton("hand", ("left_thumb", "right_thumb"))
    joints = np.array([[1, 2, 1], [3, 4, 1]], np.float32)
    assert not suspicious(People("hands", hand, [Person("a", b"", joints, box_around(joints[:, :2]))])).any()
    assert suspicious(People("none", MPII_16, [])).shape == (0,)


def test_joints_in_one_place_are_not_suspicious_and_make_no_warning(recwarn):
    same = np.tile(np.array([5, 5, 1], np.float32), (16, 1))
    assert not suspicious(people(Person("dot", b"", same, box_around(same[:, :2])))).any()
    assert not recwarn.list


def test_the_suspicious_ones_are_left_out_and_named():
    sound, swapped = person(name="a"), person(swap=("hip",), name="b")
    before = replace(people(sound, swapped, sound), problems=["c: fewer than two joints are labelled"])
    after = without_suspicious(before)
    assert [p.name for p in after.persons] == ["a", "a"]
    assert after.problems == [*before.problems, "b: left and right are probably swapped"]
    assert len(before) == 3


@pytest.mark.parametrize(
    ("folder", "split", "found"), [("lsp", "train", 8), ("lsp", "val", 2), ("lspet", "train", 191)]
)
def test_as_many_are_found_in_the_real_sets_as_the_module_says(shared_data, folder, split, found):
    real = lsp.load(shared_data / folder, split)
    assert suspicious(real).sum() == found
    assert len(without_suspicious(real)) == len(real) - found
