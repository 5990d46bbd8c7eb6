"""People whose joints can be seen: what the tests of the pipeline load."""

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np

from lapx_tf import pixels
from lapx_tf.data.loader import Batch, Loader
from lapx_tf.data.people import People, Person
from lapx_tf.geometry import Box
from lapx_tf.skeletons import Skeleton

SIZE = (128, 96)
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
    """0 to 255, from what the network sees."""
    return (images * np.array(pixels.STD) + np.array(pixels.MEAN)) * 255


def expected(loader: Loader, epochs: range) -> list[Batch]:
    """The batches of some epochs, asked for one after the other."""
    return [loader.batch(epoch, index) for epoch in epochs for index in range(loader.batches)]


def assert_same(found: Iterable[Any], wanted: list[Batch]) -> None:
    """Checks batches of any kind of array bit for bit."""
    found = list(found)
    assert len(found) == len(wanted)
    for batch, want in zip(found, wanted, strict=True):
        for array, of_want in zip(batch, want, strict=True):
            np.testing.assert_array_equal(np.asarray(array), of_want)
