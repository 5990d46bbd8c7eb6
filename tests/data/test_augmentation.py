from dataclasses import replace

import numpy as np
import pytest

from lapx_tf import geometry
from lapx_tf.data import augmentation, half_body
from lapx_tf.data.augmentation import Augmentation
from lapx_tf.data.people import People, Person
from lapx_tf.geometry import Box
from lapx_tf.skeletons import COCO_17, LSP_14, MPII_16, Skeleton

SIZE = (128, 96)
HALVES_ONLY = replace(augmentation.NONE, half_body=1.0)


def standing(count: int, skeleton: Skeleton = MPII_16, unlabelled: int = 0, seed: int = 0) -> People:
    """People whose upper body is above y = 100 and whose lower body below; boxes around all of it."""
    rng = np.random.default_rng(seed)
    lower = half_body.lower_body(skeleton)
    persons = []
    for index in range(count):
        joints = np.ones((len(lower), 3), np.float32)
        joints[:, 0] = rng.uniform(40, 120, len(lower))
        joints[:, 1] = np.where(lower, rng.uniform(105, 190, len(lower)), rng.uniform(10, 95, len(lower)))
        joints[rng.permutation(len(lower))[:unlabelled]] = 0
        persons.append(Person(str(index), b"", joints, Box(80, 100, 200, 200)))
    return People("standing", skeleton, persons)


def test_the_halves_are_those_of_the_field():
    assert [i for i, lower in enumerate(half_body.lower_body(MPII_16)) if not lower] == [
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
    ]
    assert [i for i, lower in enumerate(half_body.lower_body(COCO_17)) if not lower] == list(range(11))
    assert half_body.lower_body(LSP_14).sum() == 6


@pytest.mark.parametrize("skeleton", [MPII_16, COCO_17], ids=lambda skeleton: skeleton.name)
def test_a_half_body_fills_the_crop_as_the_field_s_does(skeleton):
    people, lower = standing(200, skeleton, unlabelled=4), half_body.lower_body(skeleton)
    samples = augmentation.draw(people, SIZE, HALVES_ONLY, seed=0, epoch=0)
    upper_seen = 0
    for person, matrix, in_crop in zip(people.persons, samples.matrices, samples.joints, strict=True):
        to_image = geometry.invert(matrix)
        center = geometry.transform(to_image, [(SIZE[1] - 1) / 2, (SIZE[0] - 1) / 2])
        upper_seen += center[1] < 100
        half = person.joints[(person.joints[:, 2] > 0) & (lower == (center[1] >= 100)), :2]
        np.testing.assert_allclose(center, half.mean(axis=0), atol=1e-4)
        covered = 1.5 * np.ptp(half, axis=0)
        height = max(covered[1], covered[0] * SIZE[0] / SIZE[1])
        np.testing.assert_allclose(to_image[:, :2], height / SIZE[0] * np.eye(2), rtol=1e-5, atol=1e-9)
        # The other half counts where it lies in the crop.
        moved = geometry.transform(matrix, person.joints)
        inside = ((moved[:, :2] >= -0.5) & (moved[:, :2] <= np.array(SIZE[::-1]) - 0.5)).all(axis=1)
        np.testing.assert_array_equal(in_crop[:, 2] > 0, inside & (person.joints[:, 2] > 0))
    assert 0.6 < upper_seen / len(people) < 0.78


def test_half_bodies_are_as_frequent_as_asked_and_leave_the_rest_of_the_epoch_alone():
    people = standing(1000)
    with_halves, without = (
        augmentation.draw(people, SIZE, Augmentation(half_body=probability), seed=3, epoch=1)
        for probability in (0.3, 0)
    )
    np.testing.assert_array_equal(with_halves.order, without.order)
    np.testing.assert_array_equal(with_halves.colors, without.colors)
    changed = (with_halves.matrices != without.matrices).any(axis=(1, 2))
    assert 0.25 < changed.mean() < 0.35
    np.testing.assert_array_equal(with_halves.joints[~changed], without.joints[~changed])


@pytest.mark.parametrize(
    "people",
    [
        standing(50, MPII_16, unlabelled=8),
        standing(50, Skeleton("dog", tuple(f"part {i}" for i in range(12)))),
        standing(50, Skeleton("legs", tuple(f"{i} {part}" for part in ("hip", "knee", "toe") for i in range(4)))),
    ],
    ids=["8 labelled", "names that tell no halves", "only a lower body"],
)
def test_people_who_can_t_be_halved_stay_whole(people):
    samples = augmentation.draw(people, SIZE, HALVES_ONLY, seed=0, epoch=0)
    np.testing.assert_array_equal(samples.matrices, augmentation.plain(people, SIZE).matrices)


def test_joints_in_one_point_give_a_finite_half():
    joints = np.ones((16, 3), np.float32) * [50, 60, 1]
    people = People("point", MPII_16, [Person("a", b"", joints.astype(np.float32), Box(50, 60, 100, 100))])
    samples = augmentation.draw(people, SIZE, HALVES_ONLY, seed=0, epoch=0)
    assert np.isfinite(samples.matrices).all()
    assert np.isfinite(samples.joints).all()


def test_rotation_is_normal_cut_at_twice_its_strength_for_six_samples_of_ten():
    people = standing(4000)
    plain = augmentation.plain(people, SIZE)
    rotated = replace(augmentation.NONE, rotation=30, rotation_probability=0.6)
    samples = augmentation.draw(people, SIZE, rotated, seed=0, epoch=0)
    angles = np.rad2deg(np.arctan2(samples.matrices[:, 1, 0], samples.matrices[:, 0, 0]))
    turned = angles != 0
    assert 0.57 < turned.mean() < 0.63
    assert np.abs(angles).max() == pytest.approx(60, abs=1e-6)
    assert 27 < angles[turned].std() < 30
    np.testing.assert_array_equal(samples.matrices[~turned], plain.matrices[~turned])


def test_scale_and_translation_stay_within_their_strengths_and_use_them():
    people = standing(2000)
    plain = augmentation.plain(people, SIZE)
    scaled = augmentation.draw(people, SIZE, replace(augmentation.NONE, scale=0.25), seed=0, epoch=0)
    factors = scaled.matrices[:, 0, 0] / plain.matrices[:, 0, 0]
    assert np.abs(np.log(factors)).max() == pytest.approx(0.25, abs=0.01)
    moved = augmentation.draw(people, SIZE, replace(augmentation.NONE, translation=0.1), seed=0, epoch=0)
    shift = moved.matrices[:, :, 2] - plain.matrices[:, :, 2]
    np.testing.assert_allclose(np.abs(shift).max(axis=0), 0.1 * np.array(SIZE[::-1]), rtol=0.01)
