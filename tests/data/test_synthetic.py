"""Synthetic people: seeded, anatomical, and exact where their joints are."""

from dataclasses import fields, replace

import numpy as np
import pytest

from lapx_tf.data.synthetic import synthetic_people
from lapx_tf.data.synthetic.body import Arm, Build, Leg, Pose, Trunk, pose_body
from lapx_tf.data.synthetic.decoration import head_surface
from lapx_tf.data.synthetic.figure import Figure, View
from lapx_tf.data.synthetic.outfit import random_outfit
from lapx_tf.data.synthetic.paint import STATIONS, Layer, Light, Tube, paint
from lapx_tf.data.synthetic.poses import random_build, random_pose
from lapx_tf.errors import InputError
from lapx_tf.skeletons import MPII_16

LIGHT = Light(0.0, 0.0, 1.0)
INDEX = {name: place for place, name in enumerate(MPII_16.joints)}
BONES = {
    "thigh": ("hip", "knee"), "shin": ("knee", "ankle"), "upper_arm": ("shoulder", "elbow"), "forearm": ("elbow", "wrist"),
}  # fmt: skip


@pytest.fixture(scope="module")
def people():
    return synthetic_people(24, seed=5)


def random_bodies(count):
    rng = np.random.default_rng(0)
    return [pose_body(random_build(rng), random_pose(rng)) for _ in range(count)]


def figure_of(pose, **changes):
    """A figure of average build in a picture of 200 x 200 pixels, bald and without a hat."""
    outfit = random_outfit(np.random.default_rng(1), 150)
    outfit = replace(outfit, head=replace(outfit.head, hat=0, hairline=2.0, long_hair=0.0), **changes)
    return Figure(pose_body(Build(), pose), outfit, View(100.3, 95.6, 150, 6))


def joint(body, name):
    return body.joints[INDEX[name]]


def test_same_seed_gives_the_same_people(people):
    again = synthetic_people(24, seed=5)
    assert [person.image for person in again.persons] == [person.image for person in people.persons]
    np.testing.assert_array_equal(again.joints, people.joints)


def test_a_person_does_not_depend_on_the_count(people):
    few = synthetic_people(3, seed=5)
    assert [person.image for person in few.persons] == [person.image for person in people.persons[:3]]
    np.testing.assert_array_equal(few.joints, people.joints[:3])


def test_index_and_seed_both_change_the_person(people):
    other = synthetic_people(1, seed=6).persons[0]
    images = {person.image for person in people.persons} | {other.image}
    assert len(images) == len(people) + 1


def test_people_are_what_a_data_set_promises(people):
    assert people.dataset == "synthetic"
    assert people.skeleton == MPII_16
    assert [person.name for person in people.persons[:2]] == ["synthetic-5-0", "synthetic-5-1"]
    assert people.joints.shape == (24, 16, 3)
    assert people.joints.dtype == np.float32
    assert {person.read().shape for person in people.persons} == {(192, 192, 3)}


def test_pictures_may_be_oblong():
    person = synthetic_people(1, seed=0, size=(160, 96)).persons[0]
    assert person.read().shape == (160, 96, 3)


@pytest.mark.parametrize("arguments", [{"count": 0}, {"seed": -1}, {"size": (192, 8)}, {"quality": 0}])
def test_impossible_arguments_are_refused(arguments):
    with pytest.raises(InputError, match="count must be"):
        synthetic_people(**{"count": 1, "seed": 0, **arguments})


def test_labelled_joints_lie_in_the_picture_and_others_are_zero(people):
    points, labelled = people.joints[..., :2], people.joints[..., 2]
    assert set(np.unique(labelled)) <= {0.0, 1.0}
    assert (np.abs(points[labelled == 1] - 95.5) <= 96).all()
    assert (points[labelled == 0] == 0).all()
    assert labelled.mean() > 0.9


def test_people_fill_most_of_their_picture(people):
    extent = [np.ptp(person.joints[person.joints[:, 2] > 0, :2], axis=0).max() / 192 for person in people.persons]
    assert 0.45 < np.median(extent) < 0.85
    assert max(extent) <= 0.93


def test_the_box_encloses_the_joints(people):
    for person in people.persons:
        points = person.joints[person.joints[:, 2] > 0, :2]
        offset = np.abs(points - (person.box.x, person.box.y))
        assert person.box.width == person.box.height
        assert offset.max() < person.box.width / 2


def test_pelvis_and_thorax_are_means():
    for body in random_bodies(20):
        np.testing.assert_allclose(joint(body, "pelvis"), (joint(body, "left_hip") + joint(body, "right_hip")) / 2)
        np.testing.assert_allclose(
            joint(body, "thorax"), (joint(body, "left_shoulder") + joint(body, "right_shoulder")) / 2
        )


def test_bones_have_their_builds_length_on_both_sides():
    for body in random_bodies(40):
        for bone, (upper, lower) in BONES.items():
            for side in ("left", "right"):
                length = np.linalg.norm(joint(body, f"{side}_{upper}") - joint(body, f"{side}_{lower}"))
                assert length == pytest.approx(getattr(body.build, bone))


def test_builds_have_human_proportions():
    rng = np.random.default_rng(3)
    for build in (random_build(rng) for _ in range(200)):
        stature = build.thigh + build.shin + build.spine + build.neck + build.head + 0.04
        assert 0.85 < stature < 1.15
        assert 0.8 < build.thigh / build.shin < 1.25
        assert 1.0 < build.upper_arm / build.forearm < 1.5
        assert 4.5 < stature / build.head < 9.5
        assert build.hip < build.shoulder


def test_random_poses_respect_the_limits_of_joints():
    rng = np.random.default_rng(4)
    for pose in (random_pose(rng) for _ in range(300)):
        for part in (getattr(pose, field.name) for field in fields(pose)):
            for name, (low, high) in getattr(part, "limits", {}).items():
                assert low <= getattr(part, name) <= high


def test_kinematics_clip_impossible_angles():
    bent = pose_body(Build(), Pose(left_leg=Leg(knee=-60), left_arm=Arm(elbow=-60), trunk=Trunk(turn=180)))
    limit = pose_body(Build(), Pose(trunk=Trunk(turn=75)))
    np.testing.assert_allclose(bent.joints, limit.joints)


@pytest.mark.parametrize("side", ["left", "right"])
def test_knees_bend_backwards_and_elbows_forwards(side):
    pose = Pose(left_leg=Leg(knee=90), right_leg=Leg(knee=90), left_arm=Arm(elbow=90), right_arm=Arm(elbow=90))
    body = pose_body(Build(), pose)
    # Forward is +z for somebody who faces the viewer.
    assert joint(body, f"{side}_ankle")[2] < joint(body, f"{side}_knee")[2] - 0.2
    assert joint(body, f"{side}_wrist")[2] > joint(body, f"{side}_elbow")[2] + 0.1


@pytest.mark.parametrize("pair", MPII_16.flip_pairs)
def test_the_persons_right_is_on_the_pictures_left_only_from_the_front(pair):
    right, left = (MPII_16.joints[place] for place in pair)
    assert (right, left) == (f"right_{left[5:]}", f"left_{right[6:]}")
    front, back = figure_of(Pose()), figure_of(Pose(yaw=180))
    assert front.joints[INDEX[right], 0] < front.joints[INDEX[left], 0]
    assert back.joints[INDEX[right], 0] > back.joints[INDEX[left], 0]


def test_the_mirrored_pose_is_the_mirrored_body():
    rng = np.random.default_rng(8)
    for pose in (random_pose(rng) for _ in range(10)):
        trunk = pose.trunk
        trunk = replace(trunk, bend=-trunk.bend, twist=-trunk.twist, tilt=-trunk.tilt, turn=-trunk.turn)
        limbs = pose.right_arm, pose.left_arm, pose.right_leg, pose.left_leg
        mirrored = pose_body(Build(), Pose(trunk, *limbs, -pose.yaw, pose.pitch, -pose.roll)).joints
        expected = pose_body(Build(), pose).joints[MPII_16.flip_order] * (-1, 1, 1)
        np.testing.assert_allclose(mirrored, expected, atol=1e-9)


def test_heads_have_a_face_in_front_and_hair_behind():
    outfit = figure_of(Pose()).outfit
    head = replace(outfit.head, hairline=0.0, beard=False, glasses=False)
    front, back = head_surface(replace(outfit, head=head))(
        np.array([[[0.0, 0.3, 0.95]], [[0.0, 0.3, -0.95]]], np.float32)
    )
    np.testing.assert_allclose(front[0], outfit.skin, rtol=1e-4)
    np.testing.assert_allclose(back[0], head.hair, rtol=1e-4)


@pytest.mark.parametrize("place", [(20.0, 20.0), (20.5, 20.0), (19.75, 20.3)])
def test_a_joint_is_painted_where_it_is(place):
    layer = Layer.empty((40, 40))
    flat = np.full((STATIONS, 3), 200, np.float32)
    point = np.array(place)
    paint(layer, [Tube(point, point, np.full(STATIONS, 6, np.float32), flat, 0.0)], LIGHT)
    rows, columns = np.indices(layer.alpha.shape)
    found = np.array([(columns * layer.alpha).sum(), (rows * layer.alpha).sum()]) / layer.alpha.sum()
    np.testing.assert_allclose(found, place, atol=0.03)


def test_a_limb_ends_its_radius_beyond_the_joint():
    layer = Layer.empty((40, 60))
    flat = np.full((STATIONS, 3), 200, np.float32)
    tube = Tube(np.array([12.3, 20.0]), np.array([44.6, 20.0]), np.full(STATIONS, 5, np.float32), flat, 0.0)
    paint(layer, [tube], LIGHT)
    covered = layer.alpha[20]
    assert covered.sum() == pytest.approx(44.6 - 12.3 + 10, abs=0.05)
    assert np.flatnonzero(covered)[-1] + covered[covered > 0][-1] - 0.5 == pytest.approx(49.6, abs=0.05)


@pytest.mark.parametrize("yaw", [0, 90, 180])
def test_the_head_ends_at_the_head_top(yaw):
    figure = figure_of(Pose(yaw=yaw))
    alpha = figure.layer((200, 200), LIGHT).alpha
    x, y = figure.joints[INDEX["head_top"]]
    column = alpha[: round(y) + 10, round(x)]
    top = len(column) - column.sum() - 0.5
    assert top == pytest.approx(y, abs=0.5)


def test_every_joint_lies_on_the_painted_figure():
    rng = np.random.default_rng(11)
    for _ in range(20):
        figure = figure_of(replace(random_pose(rng), yaw=rng.uniform(-180, 180)))
        alpha = figure.layer((200, 200), LIGHT).alpha
        columns, rows = figure.joints.round().astype(int).T
        inside = (columns >= 0) & (columns < 200) & (rows >= 0) & (rows < 200)
        inside[INDEX["head_top"]] = False  # on the very edge
        assert alpha[rows[inside], columns[inside]].min() > 0.9


@pytest.mark.parametrize(("yaw", "shows"), [(-90, "trunk"), (90, "arm")])
def test_the_trunk_hides_the_far_arm_and_the_near_arm_the_trunk(yaw, shows):
    """The left arm is raised; the right one hangs at the far or at the near side of the trunk."""
    red, blue = np.array([255, 0, 0], np.float32), np.array([0, 0, 255], np.float32)
    figure = figure_of(
        Pose(yaw=yaw, left_arm=Arm(flex=170)), skin=red, sleeves=0.0, top=blue, bottom=blue, emblem=0, neckline=0.0
    )
    column, row = figure.joints[INDEX["right_elbow"]].round().astype(int)
    pixel = figure.layer((200, 200), LIGHT).colour[row, column]
    assert ("arm" if pixel[0] > pixel[2] else "trunk") == shows
