"""Crops of people: to find the ranges for int8, and to compare a converted model with Keras."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands, geometry, images, pixels
from lapx_tf.data import sources
from lapx_tf.data.people import Person

Array = NDArray[np.float32]
Pixels = NDArray[np.uint8]

CHECKED = 32
"""Crops that are held out for the comparison with Keras, where there are enough."""

_SYNTHETIC_SEED = 3  # another one than those of training and validation (`sources`), so the check sees new people


@dataclass(frozen=True, eq=False)
class Crops:
    """What the network is shown during a conversion.

    In 8 bits, so that a model that takes pixels sees exactly what one sees that takes normalised values.

    Attributes:
        source: where the crops come from, in words, for the JSON beside the model.
        calibration_pixels: uint8 [N, H, W, 3], RGB.
        check_pixels: uint8 [M, H, W, 3], likewise; none of them is for calibration, too, unless there is only one crop.
    """

    source: str
    calibration_pixels: Pixels
    check_pixels: Pixels

    @property
    def calibration(self) -> Array:
        """float32 [N, H, W, 3], normalised as `pixels` says."""
        return pixels.normalize(self.calibration_pixels)

    @property
    def check(self) -> Array:
        """float32 [M, H, W, 3], normalised as `pixels` says."""
        return pixels.normalize(self.check_pixels)


def load_crops(path: Path | None, size: tuple[int, int], samples: int) -> Crops:
    """Crops of a data set, of which the training half is used, or of plain pictures.

    Persons of a data set are cropped by their box. Pictures are taken whole, as the estimator's first look does.

    Args:
        path: a data set that `sources` knows, or a folder of pictures; None for synthetic people.
        size: (height, width) of the crops.
        samples: how many crops to calibrate with; fewer where there are fewer.

    Raises:
        InputError: no such folder, nothing in it, or a picture in it can't be read.
    """
    wanted = samples + CHECKED
    if path is None:
        from lapx_tf.data.synthetic import synthetic_people

        people = synthetic_people(wanted, seed=_SYNTHETIC_SEED)
        source, crops = "synthetic people", [_of_person(person, size) for person in people.persons]
    elif any(reader.recognises(path) for reader in sources.READERS):
        people = sources.load(path, "train")
        chosen = [people.persons[i] for i in _spread(len(people), wanted)]
        source, crops = f"{people.dataset}, training persons", [_of_person(person, size) for person in chosen]
    else:
        files = images.list_images(commands.existing_folder(path))
        chosen = [files[i] for i in _spread(len(files), wanted)]
        source, crops = f"pictures in {path.resolve().name}", [_of_picture(file, size) for file in chosen]
    calibration, check = _split(len(crops), samples)
    stored = np.rint(np.stack(crops)).astype(np.uint8)
    return Crops(source, stored[calibration], stored[check])


def _spread(available: int, wanted: int) -> NDArray[np.intp]:
    """Indices of at most `wanted` of `available` things, evenly spread: neighbours in a data set resemble each other."""
    return np.linspace(0, available - 1, min(available, wanted)).round().astype(np.intp)


def _split(count: int, samples: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices to calibrate with and indices to check with: `samples` and `CHECKED`, or a quarter where there are too few."""
    if count == 1:
        return np.zeros(1, np.intp), np.zeros(1, np.intp)
    checked = CHECKED if count == samples + CHECKED else min(CHECKED, max(1, count // 4))
    check = _spread(count, checked)
    return np.setdiff1d(np.arange(count), check), check


def _of_person(person: Person, size: tuple[int, int]) -> Array:
    return images.warp(person.read(), geometry.crop_from_image(person.box, size), size)


def _of_picture(file: Path, size: tuple[int, int]) -> Array:
    image = images.read_image(file)
    whole = geometry.box_of_image((image.shape[0], image.shape[1]))
    return images.warp(image, geometry.crop_from_image(whole, size), size)
