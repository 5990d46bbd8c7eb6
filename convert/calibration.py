"""Crops of people: to find the ranges for int8, and to compare a converted model with Keras."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands, geometry, images, pixels
from lapx_tf.data import sources
from lapx_tf.data.people import Person

Array = NDArray[np.float32]

CHECKED = 32
"""Crops that are held out for the comparison with Keras, where there are enough."""

_SYNTHETIC_SEED = 3  # another one than those of training and validation (`sources`), so the check sees new people


@dataclass(frozen=True, eq=False)
class Crops:
    """What the network is shown during a conversion.

    Attributes:
        source: where the crops come from, in words, for the JSON beside the model.
        calibration: float32 [N, H, W, 3], normalised as `pixels` says.
        check: float32 [M, H, W, 3], likewise; none of them is in `calibration` unless there is only one crop.
    """

    source: str
    calibration: Array
    check: Array


def load_crops(folder: Path | None, size: tuple[int, int], samples: int) -> Crops:
    """Crops of a folder: a data set with `joints.mat`, of which the training half is used, or plain pictures.

    Persons of a data set are cropped by their box. Pictures are taken whole, as the predictor's first look does.

    Args:
        folder: None for synthetic people.
        size: (height, width) of the crops.
        samples: how many crops to calibrate with; fewer where the folder holds fewer.

    Raises:
        InputError: no such folder, nothing in it, or a picture in it can't be read.
    """
    wanted = samples + CHECKED
    if folder is None:
        from lapx_tf.data.synthetic import synthetic_people

        people = synthetic_people(wanted, seed=_SYNTHETIC_SEED)
        source, crops = "synthetic people", [_of_person(person, size) for person in people.persons]
    elif (commands.existing_folder(folder) / "joints.mat").is_file():
        people = sources.load(folder, "train")
        chosen = [people.persons[i] for i in _spread(len(people), wanted)]
        source, crops = f"{people.dataset}, training persons", [_of_person(person, size) for person in chosen]
    else:
        files = images.list_images(folder)
        chosen = [files[i] for i in _spread(len(files), wanted)]
        source, crops = f"pictures in {folder.resolve().name}", [_of_picture(file, size) for file in chosen]
    calibration, check = _split(len(crops))
    normalized = pixels.normalize(np.stack(crops))
    return Crops(source, normalized[calibration], normalized[check])


def _spread(available: int, wanted: int) -> NDArray[np.intp]:
    """Indices of at most `wanted` of `available` things, evenly spread: neighbours in a data set resemble each other."""
    return np.linspace(0, available - 1, min(available, wanted)).round().astype(np.intp)


def _split(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices to calibrate with and indices to check with: up to `CHECKED`, but never more than a quarter."""
    if count == 1:
        return np.zeros(1, np.intp), np.zeros(1, np.intp)
    check = _spread(count, min(CHECKED, max(1, count // 4)))
    return np.setdiff1d(np.arange(count), check), check


def _of_person(person: Person, size: tuple[int, int]) -> Array:
    return images.warp(person.read(), geometry.crop_from_image(person.box, size), size)


def _of_picture(file: Path, size: tuple[int, int]) -> Array:
    image = images.read_image(file)
    whole = geometry.box_of_image((image.shape[0], image.shape[1]))
    return images.warp(image, geometry.crop_from_image(whole, size), size)
