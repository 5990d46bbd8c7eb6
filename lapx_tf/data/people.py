"""What every data set becomes: people with joints in pixels of their image."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapx_tf import images
from lapx_tf.geometry import Box
from lapx_tf.skeletons import Skeleton


@dataclass(frozen=True, eq=False)
class Person:
    """One person in one image.

    Attributes:
        name: what tells the person apart in messages and reports, such as `im0001.jpg`.
        image: the picture's file, or its encoded content (JPEG, PNG) where it was made in memory.
        joints: float32 [K, 3] (x, y, labelled), pixels of the stored image; labelled is 1 or 0. A joint that is hidden but
            labelled counts as labelled.
        box: what to crop, in pixels of the stored image.
    """

    name: str
    image: Path | bytes
    joints: NDArray[np.float32]
    box: Box

    def read(self) -> NDArray[np.uint8]:
        """The picture, uint8 [H, W, 3] RGB, as stored (not turned by EXIF)."""
        if isinstance(self.image, bytes):
            return images.decode_image(self.image, self.name, upright=False)
        return images.read_image(self.image, upright=False)


@dataclass(frozen=True, eq=False)
class People:
    """A data set, or a part of one."""

    dataset: str
    skeleton: Skeleton
    persons: Sequence[Person]

    def __len__(self) -> int:
        return len(self.persons)

    @property
    def joints(self) -> NDArray[np.float32]:
        """[N, K, 3] of all persons, see `Person.joints`."""
        return np.stack([person.joints for person in self.persons])
