import pytest

from lapx_tf.skeletons import COCO_17, LSP_14, MPII_16, Skeleton, flip_pairs_of

ALL = pytest.mark.parametrize("skeleton", [MPII_16, COCO_17, LSP_14], ids=lambda s: s.name)


@ALL
def test_flip_pairs_swap_left_and_right_of_every_sided_joint(skeleton):
    mirrored = [skeleton.joints[i] for i in skeleton.flip_order]
    swapped = [name.replace("left", "\0").replace("right", "left").replace("\0", "right") for name in skeleton.joints]
    assert mirrored == swapped


@ALL
def test_limbs_join_all_joints_into_one_figure(skeleton):
    reached = {skeleton.limbs[0][0]}
    for _ in skeleton.limbs:
        reached |= {j for limb in skeleton.limbs if reached & set(limb) for j in limb}
    expected = set(range(len(skeleton.joints)))
    if skeleton is LSP_14:  # its neck and head hang in the air: LSP has no joint between the shoulders
        expected -= set(skeleton.indices_of(["neck", "head_top"]))
    assert reached == expected


@ALL
def test_dict_round_trip(skeleton):
    assert Skeleton.from_dict(skeleton.to_dict()) == skeleton


def test_lsp_joints_have_the_mpii_numbers_that_the_data_readme_states():
    order = [0, 1, 2, 3, 4, 5, None, None, 12, 13, 6, 7, 8, 9, 10, 11]
    assert MPII_16.indices_of(LSP_14.joints) == [order.index(i) for i in range(14)]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"joints": ("a", "a")}, "unique"),
        ({"joints": ()}, "at least one"),
        ({"joints": ("a", "b"), "limbs": ((0, 2),)}, "from 0 to 1"),
        ({"joints": ("a", "b"), "sigmas": (0.1,)}, "2 values"),
        ({"joints": ("a", "b", "c"), "flip_pairs": ((0, 1), (1, 2))}, "once at most"),
    ],
)
def test_impossible_skeletons_are_refused(fields, sentence):
    with pytest.raises(ValueError, match=sentence):
        Skeleton("wrong", **fields)


@ALL
def test_flip_pairs_are_inferred_from_the_names(skeleton):
    assert flip_pairs_of(skeleton.joints) == skeleton.flip_pairs


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("left_knee", "right_knee"),
        ("knee-left", "knee-right"),
        ("LeftKnee", "RightKnee"),
        ("KNEE_LEFT", "KNEE_RIGHT"),
        ("lefthip", "righthip"),
        ("left_rear_paw", "right_rear_paw"),
        ("rear_l_paw", "rear_r_paw"),
        ("l_knee", "r_knee"),
        ("L_F_Elbow", "R_F_Elbow"),
        ("L.knee", "R.knee"),
        ("knee.l", "knee.r"),
        ("LBigToe", "RBigToe"),
        ("lknee", "rknee"),
        ("lear", "rear"),
        ("L1", "R1"),
        ("left", "right"),
        ("левый left", "левый right"),
    ],
)
def test_every_usual_way_to_write_a_side_makes_a_pair(left, right):
    assert flip_pairs_of(["nose", right, "tail", left]) == ((1, 3),)


@pytest.mark.parametrize(
    "names",
    [
        ("lip", "rip"),
        ("lid", "rid"),
        ("left_knee", "right_elbow"),
        ("left_knee", "left_knee_top"),
        ("left_paw_1", "right_paw_2"),
        ("rear_paw", "front_paw"),
        ("left_ear", "rear"),
        ("bright", "upright"),
        ("左", "右"),
    ],
)
def test_names_that_merely_look_alike_are_no_pair(names):
    assert flip_pairs_of(names) == ()


def test_a_joint_is_in_one_pair_at_most():
    names = ["left_knee", "LeftKnee", "right_knee", "knee_left", "knee_right"]
    assert flip_pairs_of(names) == ((1, 2), (3, 4))
