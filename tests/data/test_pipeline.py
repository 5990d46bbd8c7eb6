import cv2
import numpy as np
import pytest

from lapx_tf import geometry, pixels
from lapx_tf.data import augmentation
from lapx_tf.data.augmentation import Augmentation
from lapx_tf.data.people import People, Person
from lapx_tf.data.pipeline import Loader, dataset
from lapx_tf.geometry import Box
from lapx_tf.skeletons import MPII_16, Skeleton

SIZE = (128, 96)
GEOMETRIC = Augmentation(0.5, 0.3, 180, 1.0, 0.1, brightness=0, contrast=0, saturation=0, tint=0)
PAIR = Skeleton("pair", ("left_dot", "right_dot"), ((0, 1),), ((0, 1),))


def dots(count: int = 24, seed: int = 0) -> People:
    """Pictures with a red dot at the left joint and a green one at the right joint."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:200, :200]
    persons = []
    for index in range(count):
        xy = rng.uniform(80, 120, (2, 2))
        picture = np.zeros((200, 200, 3), np.uint8)
        for channel, (x, y) in enumerate(xy):
            picture[..., channel] = 250 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 2.5**2))
        encoded = cv2.imencode(".png", picture[..., ::-1])[1].tobytes()
        joints = np.concatenate([xy, np.ones((2, 1))], axis=1).astype(np.float32)
        persons.append(Person(f"dots-{index}", encoded, joints, Box(100, 100, 110, 130)))
    return People("dots", PAIR, persons)


def rgb(images: np.ndarray) -> np.ndarray:
    return (images * np.array(pixels.STD) + np.array(pixels.MEAN)) * 255


@pytest.mark.parametrize("strength", [None, GEOMETRIC], ids=["plain", "augmented"])
def test_joints_and_pixels_move_together_to_a_tenth_of_a_pixel(strength):
    loader = Loader(dots(), SIZE, 24, strength, seed=1)
    images, joints = loader.batch(0, 0)
    crops, in_crop = rgb(images), geometry.transform(geometry.crop_from_heatmap(), joints)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    seen_mirrored = 0
    for crop, of_person in zip(crops, in_crop, strict=True):
        centers = [[(grid * crop[..., c]).sum() / crop[..., c].sum() for grid in (columns, rows)] for c in (0, 1)]
        # Where the picture is mirrored, the red dot is on the person's right.
        straight, mirrored = (np.abs(centers - of_person[order, :2]).max() for order in ([0, 1], [1, 0]))
        assert min(straight, mirrored) < 0.1
        seen_mirrored += mirrored < straight
    assert (0 < seen_mirrored < len(crops)) == (strength is not None)


def test_an_epoch_is_the_same_whenever_it_is_asked_for_and_others_differ():
    loaders = [Loader(dots(), SIZE, 8, Augmentation(), seed=5) for _ in range(2)]
    first = loaders[0].batch(3, 1)
    for epoch in (0, 1, 2, 4):
        loaders[1].batch(epoch, 0)
    again = loaders[1].batch(3, 1)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (loaders[0].batch(2, 1)[1] != first[1]).any()
    assert (Loader(dots(), SIZE, 8, Augmentation(), seed=6).batch(3, 1)[1] != first[1]).any()


def test_tf_data_gives_the_loader_s_batches_in_order_from_any_epoch():
    loader = Loader(dots(10), SIZE, 4, Augmentation(), seed=2)
    found = list(dataset(loader, first_epoch=1, epochs=2))
    expected = [loader.batch(epoch, index) for epoch in (1, 2) for index in range(loader.batches)]
    assert len(found) == len(expected) == 4
    for (images, joints), (want_images, want_joints) in zip(found, expected, strict=True):
        np.testing.assert_array_equal(images.numpy(), want_images)
        np.testing.assert_array_equal(joints.numpy(), want_joints)


def test_training_covers_everybody_once_and_evaluation_keeps_the_order_and_the_rest():
    order = augmentation.draw(dots(10), SIZE, Augmentation(), seed=0, epoch=0).order
    assert sorted(order) == list(range(10))
    assert list(order) != list(range(10))
    assert list(augmentation.plain(dots(10), SIZE).order) == list(range(10))
    assert Loader(dots(10), SIZE, 4, Augmentation()).batches == 2
    assert [len(Loader(dots(10), SIZE, 4, None).batch(0, i)[0]) for i in range(3)] == [4, 4, 2]


def test_joints_outside_the_crop_have_no_weight():
    people = dots(1)
    person = people.persons[0]
    far = Person("far", person.image, person.joints, Box(person.joints[0, 0] + 100, person.joints[0, 1], 110, 110))
    _, joints = Loader(People("dots", PAIR, [far]), SIZE, 1, None).batch(0, 0)
    assert (joints[..., 2] == 0).all()


def test_colours_change_as_the_strengths_say():
    gray = cv2.imencode(".png", np.full((50, 50, 3), 100, np.uint8))[1].tobytes()
    person = Person("grey", gray, np.zeros((16, 3), np.float32), Box(25, 25, 40, 40))
    people = People("grey", MPII_16, [person] * 200)
    only = dict.fromkeys(("flip", "scale", "rotation", "translation", "contrast", "saturation", "tint"), 0)
    crops = rgb(Loader(people, (16, 16), 200, Augmentation(**only, brightness=0.1)).batch(0, 0)[0])
    middle = crops[:, 8, 8]
    np.testing.assert_allclose(middle[:, 0], middle[:, 2], atol=1e-3)
    assert middle.min() >= 100 - 25.5 - 1e-3
    assert middle.max() <= 100 + 25.5 + 1e-3
    assert middle.std() > 10
    only.pop("saturation")
    crops = rgb(Loader(people, (16, 16), 200, Augmentation(**only, brightness=0, saturation=0.5)).batch(0, 0)[0])
    np.testing.assert_allclose(crops[:, 8, 8], 100, atol=1e-2)  # grey has no colour to change


def test_too_few_people_for_a_batch_are_refused():
    with pytest.raises(ValueError, match="do not fill one batch of 16"):
        Loader(dots(3), SIZE, 16, Augmentation())
