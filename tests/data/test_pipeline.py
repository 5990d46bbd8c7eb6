import importlib.util
import os
import subprocess
import sys
from itertools import islice

import cv2
import numpy as np
import pytest

from lapx_tf import geometry, images, pixels
from lapx_tf.data import augmentation
from lapx_tf.data.augmentation import Augmentation
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People, Person
from lapx_tf.data.pipeline import dataset, feed
from lapx_tf.data.pydataset import Batches
from lapx_tf.geometry import Box
from lapx_tf.skeletons import MPII_16
from tests.data.dots import PAIR, SIZE, assert_same, dots, expected, rgb
from tests.helpers import ROOT

GEOMETRIC = Augmentation(0.5, 0.3, 180, 1.0, 0.1, brightness=0, contrast=0, saturation=0, tint=0)


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


@pytest.mark.parametrize("first_epoch", [0, 2], ids=["from the start", "resumed"])
def test_every_way_to_the_batches_gives_the_same_bits_in_the_same_order(first_epoch):
    loader = Loader(dots(10), SIZE, 4, Augmentation(), seed=2)
    wanted = expected(loader, range(first_epoch, first_epoch + 3))
    assert_same(list(dataset(loader, first_epoch, epochs=3)), wanted)
    assert_same(list(dataset(loader, first_epoch, epochs=3, first_step=1)), wanted[1:])
    rest = Batches(loader, first_epoch, 1, first_step=1)
    assert rest.num_batches == loader.batches - 1
    assert_same(list(rest), wanted[1 : loader.batches])
    for workers in (1, 4):
        batches = Batches(loader, first_epoch, 3, workers)
        assert_same(list(islice(batches, len(wanted))), wanted)
        assert_same(list(islice(Batches(loader, first_epoch, 3, workers, first_step=1), len(wanted) - 1)), wanted[1:])
        # `fit` takes a first look, and begins again; on an accelerator it asks for one batch more.
        assert_same(
            [batches[0], batches[0], batches[len(wanted)]], [wanted[0], wanted[0], loader.batch(first_epoch + 3, 0)]
        )


def test_one_epoch_can_be_gone_through_again_and_again():
    loader = Loader(dots(10), SIZE, 4, None)
    wanted = expected(loader, range(1))
    for batches in (dataset(loader), Batches(loader, workers=2)):
        assert_same(list(batches), wanted)
        assert_same(list(batches), wanted)


def test_on_tensorflow_fit_is_fed_by_tf_data():
    import tensorflow as tf

    assert isinstance(feed(Loader(dots(4), SIZE, 4, None)), tf.data.Dataset)


FIT = """
import sys
import keras, numpy as np
from lapx_tf.data.augmentation import Augmentation
from lapx_tf.data.loader import Loader
from lapx_tf.data.pipeline import feed
from tests.data.dots import dots

loader, held_out = Loader(dots(24), (32, 32), 4, Augmentation(half_body=0.3)), Loader(dots(6, seed=1), (32, 32), 4, None)
network = keras.Sequential([
    keras.Input((32, 32, 3)), keras.layers.GlobalAveragePooling2D(),
    keras.layers.Dense(6, kernel_initializer="zeros"), keras.layers.Reshape((2, 3)),
])
losses, first, epochs = [], 2, 5
seen = keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: losses.append(float(logs["loss"])))
network.compile(keras.optimizers.SGD(0.0), "mae", metrics=["mae"])  # learns nothing: a loss tells which batch it is of
history = network.fit(
    feed(loader, first, epochs - first), steps_per_epoch=loader.batches, initial_epoch=first, epochs=epochs,
    validation_data=feed(held_out), shuffle=False, callbacks=[seen], verbose=0,
).history
for epoch in range(first, epochs):
    sizes = [np.abs(loader.batch(epoch, index)[1]).mean() for index in range(loader.batches)]
    running, losses = losses[: len(sizes)], losses[len(sizes) :]
    np.testing.assert_allclose(running, np.cumsum(sizes) / np.arange(1, len(sizes) + 1), rtol=1e-5)
assert not losses
truth = np.concatenate([held_out.batch(0, index)[1] for index in range(held_out.batches)])
np.testing.assert_allclose(history["val_mae"], [np.abs(truth).mean()] * 3, rtol=1e-5)
assert "tensorflow" not in sys.modules
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_fit_without_tensorflow_trains_on_exactly_the_loader_s_batches(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", FIT],
        check=False,
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_crops_are_those_of_the_device_normalised_as_it_does():
    people = dots(4)
    crops, _ = Loader(people, SIZE, 4, None).batch(0, 0)
    for crop, person in zip(crops, people.persons, strict=True):
        warped = images.warp(person.read(), geometry.crop_from_image(person.box, SIZE), SIZE)
        np.testing.assert_allclose(crop, pixels.normalize(warped), atol=2e-6)


@pytest.mark.parametrize(("x", "y"), [(150, 100), (3, 5), (299, 199), (340, 100)])
def test_a_crop_is_the_same_as_if_the_whole_picture_had_been_warped(x, y):
    picture = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    turn = np.array([[0.8, -0.6, 20], [0.6, 0.8, -30]])
    to_crop = geometry.compose(turn, geometry.crop_from_image(Box(x, y, 70, 70), SIZE))
    whole = cv2.warpAffine(picture.astype(np.float32), to_crop, SIZE[::-1], flags=cv2.INTER_LINEAR)
    # OpenCV's float32 rounds coordinates; white noise makes the most of it.
    np.testing.assert_allclose(images.warp(picture, to_crop, SIZE), whole, atol=0.05)


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
