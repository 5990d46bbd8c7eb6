"""What a network finds on some fixed validation crops, drawn: to watch it learn."""

from dataclasses import replace
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from lapx_tf import geometry
from lapx_tf.codecs.decode import decode
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People, Person
from lapx_tf.errors import InputError
from lapx_tf.runtime.drawing import draw_pose
from train.pictures import glowing, rgb
from train.sheet import evenly

PERSONS = 6


class Preview:
    """Draws the same persons each time: the truth, what was found, and the heat maps.

    Args:
        people: those held out; some, spread over all, are drawn, but for those whose picture can't be read.
        size: (height, width) of the crops.
    """

    def __init__(self, people: People, size: tuple[int, int]) -> None:
        some = evenly(people, PERSONS)
        self.people = replace(some, persons=[person for person in some.persons if _readable(person)])
        self._size = size

    def draw(self, model: Any) -> dict[str, NDArray[np.uint8]]:
        """A picture, uint8 [H, 3 W, 3] RGB, by the name of each person.

        The network runs without a graph of its own, 6 s a time for the full network on two busy cores: a graph saves 4 s of
        them, of epochs that last hours, and takes 13 s to build (TensorFlow 2.21, 6 crops of 256x256).
        """
        if not len(self.people):
            return {}
        crops, truth = Loader(self.people, self._size, len(self.people), None).batch(0, 0)
        heatmaps = np.asarray(ops.convert_to_numpy(model(crops, training=False)), np.float32)
        found = decode(heatmaps)
        found[..., 2] = 1  # all of them, however low they are: at first all are
        names = [person.name for person in self.people.persons]
        rows = zip(names, crops, truth, found, heatmaps, strict=True)
        return {name: self._row(*row) for name, *row in rows}

    def _row(self, crop: NDArray, truth: NDArray, found: NDArray, heatmaps: NDArray) -> NDArray[np.uint8]:
        """[H, 3 W, 3]; joints [K, 3] (x, y, shown), pixels of the heat map."""
        to_crop, picture = geometry.crop_from_heatmap(), rgb(crop)
        poses = [
            draw_pose(picture, geometry.transform(to_crop, joints), self.people.skeleton) for joints in (truth, found)
        ]
        return np.hstack([*poses, glowing(crop, heatmaps)])


def _readable(person: Person) -> bool:
    try:
        person.read()
    except (InputError, OSError):
        return False
    return True
