"""What every data set becomes: people with joints in pixels of their image."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import images
from lapx_tf.geometry import Box
from lapx_tf.skeletons import Skeleton


@dataclass(frozen=True)
class FilePart:
    """An encoded picture inside a larger file: a record of a shard, read without reading the rest."""

    path: Path
    offset: int
    length: int

    def read(self) -> bytes:
        """The encoded picture."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.length)


@dataclass(frozen=True, eq=False)
class Person:
    """One person in one image.

    Attributes:
        name: what tells the person apart in messages and reports, such as `im0001.jpg`.
        image: the picture's file, a part of a file, or its encoded content (JPEG, PNG) where it was made in memory.
        joints: float32 [K, 3] (x, y, labelled), pixels of the stored image; labelled is 1 or 0. A joint that is hidden but
            labelled counts as labelled.
        box: what to crop, in pixels of the stored image.
        head_size: the length that PCKh divides by, in pixels (MPII: 0.6 x the diagonal of the head box); NaN where unknown.
        image_id: of the image in COCO's sense; several people can share it.
        score: of the detection that gave the box; 1 for a box of the annotations.
    """

    name: str
    image: Path | FilePart | bytes
    joints: NDArray[np.float32]
    box: Box
    head_size: float = math.nan
    image_id: int | None = None
    score: float = 1.0

    def read(self) -> NDArray[np.uint8]:
        """The picture, uint8 [H, W, 3] RGB, as stored (not turned by EXIF)."""
        if isinstance(self.image, Path):
            return images.read_image(self.image, upright=False)
        encoded = self.image if isinstance(self.image, bytes) else self.image.read()
        return images.decode_image(encoded, self.name, upright=False)


@dataclass(frozen=True, eq=False)
class People:
    """A data set, or a part of one.

    Attributes:
        dataset: its name, such as `lsp`.
        skeleton: of all its persons.
        persons: in the order of the data set.
        ground_truth: where the measure is COCO's: `images`, `annotations` and `categories` of the split as pycocotools reads
            them, with the crowds and the unlabelled persons that `persons` leaves out.
        problems: one sentence for each record that was left out, or is doubtful; `train.inspect` lists them.
    """

    dataset: str
    skeleton: Skeleton
    persons: Sequence[Person]
    ground_truth: dict[str, Any] | None = None
    problems: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.persons)

    @property
    def joints(self) -> NDArray[np.float32]:
        """[N, K, 3] of all persons, see `Person.joints`."""
        return np.stack([person.joints for person in self.persons])
