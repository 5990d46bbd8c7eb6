"""MPII Human Pose (Andriluka et al., CVPR 2014), from any of the files in which the field hands it on.

| file | its persons | a joint is not labelled where |
|---|---|---|
| `mpii_annotations.json` or `.json.gz` (Wei et al., CVPR 2016) | all; val where `isValidation` is 1 | it is (0, 0) |
| `train.json` and `valid.json` (Xiao et al., ECCV 2018) | of one part | `joints_vis` is 0 |
| `mpii_human_pose_v1_u12_1.mat`, as published | of the images with `img_train` 1; no val | it is not listed |

The first of them that is there is read; a single JSON file of the second form and another name is train. val is the 2,958
persons of Tompson et al. (CVPR 2015), train the other 22,246. A joint that is hidden but labelled counts as labelled.

**Pixels.** These files count pixels from 1, as MATLAB does: in all of `mpii_annotations.json` no joint has an x or y below 1,
and some have 1, but for neck and head top, which were computed from the head box (tests/data/test_mpii.py). The other files
hold the same numbers, and published predictions count alike. Here the first pixel is 0 (`geometry`): `FIRST_PIXEL` is
subtracted, as in Xiao's `mpii.py`.

**Crops.** These files hold the person's centre and scale (height / 200 pixels) raw. The field moves the centre down by
15 pixels x scale and crops the square of 1.25 x 200 pixels x scale, so that limbs are not cut off: Newell et al. (ECCV 2016),
`mpii.lua` of pose-hg-train, and Xiao's `mpii.py`. `Person.box` is this square. (The centres in the old `train.h5` of
pose-hg-train are already moved; that file is not read here.)
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data import mpii_files
from lapx_tf.data.mpii_mat import read_truth
from lapx_tf.data.people import People, Person
from lapx_tf.data.records import LIMIT, Problems, RecordError, field, numbers
from lapx_tf.errors import InputError, NoSuchSplitError
from lapx_tf.geometry import Box, box_around
from lapx_tf.skeletons import MPII_16

FORMAT = "mpii_annotations.json(.gz), train.json and valid.json, or mpii_human_pose*.mat (MPII)"

FIRST_PIXEL = 1
"""What MPII calls the first pixel of an image, in x and in y."""

TRUTH_FILES = ("detections_our_format.mat", "gt_valid.mat")
"""The names of the file that the field scores val with, beside the annotations; see `mpii_mat.read_truth`."""

PERSON_HEIGHT, MOVED_DOWN, ENLARGED = 200, 15, 1.25
"""Pixels of a person of scale 1, by how many pixels its crop moves down, and how much larger than the person it is."""

SAME_PLACE = 0.1
"""Pixels: the files round differently, but not more than this."""

_PARTS_OF = {"train": ("train",), "val": ("val",), "all": ("train", "val")}

log = logging.getLogger(__name__)


def recognises(path: Path) -> bool:
    """Whether this is a folder with MPII's annotations, itself or in `annot/` or `annotations/`, or a file of them."""
    try:
        return bool(mpii_files.candidates(path))
    except OSError:
        return False


def load(path: Path, split: str = "all") -> People:
    """Reads MPII. It does not look for the pictures, which `train.inspect` does.

    Args:
        path: what `recognises` accepts.
        split: `train`, `val` or `all`, which is train and then val.

    Returns:
        MPII-16 people. Head sizes are known from the published file, and for val where one of `TRUTH_FILES` is there.

    Raises:
        InputError: a file is missing or malformed, no person can be used, or there is no such split.
    """
    if split not in _PARTS_OF:
        raise InputError(f"no split {split!r}; accepted are {', '.join(_PARTS_OF)}")
    records = [record for record in mpii_files.read(path) if record.part in _PARTS_OF[split]]
    if not records:
        raise NoSuchSplitError(f"{path} has no {split} persons of MPII")
    problems, persons = Problems(path), {"train": [], "val": []}
    images = mpii_files.root_of(path) / "images"
    for record in records:
        with problems.of(record.name):
            persons[record.part].append(_person(record.name, images, record.convert(record.content)))
    problems.report(len(persons["train"]) + len(persons["val"]))
    val, doubts = _with_head_sizes(persons["val"], path)
    return People("mpii", MPII_16, persons["train"] + val, problems=problems.found + doubts)


def val_truth(path: Path) -> People:
    """The val persons with the joints and head sizes that the field scores them with, in the order of its predictions.

    This truth has a 0 in 13 joints of 10 persons where the annotations have a coordinate. Every paper scores with it, so a
    figure that is compared with theirs has to. Predictions that are published count pixels as MPII does: take `FIRST_PIXEL`
    off their x and y before they are scored.

    Args:
        path: one of `TRUTH_FILES`, or the folder or the annotations beside which it lies.

    Returns:
        MPII-16 people. Where annotations of the same persons are there, they have a name, a picture and a box to crop. The
        joints are float64, since float32 moves one joint of a published prediction over a threshold (PCKh@0.1).

    Raises:
        InputError: there is no such file, or a file is malformed.
    """
    annotated = recognises(path)
    file = path if path.is_file() and not annotated else _truth_file(path)
    if file is None:
        raise InputError(f"{path} has no {' or '.join(TRUTH_FILES)}, which val is scored with")
    truth = read_truth(file)
    joints = _in_pixels(truth.joints, truth.labelled)
    persons = _val_persons(path) if annotated else []
    if not _are_same(persons, joints):
        persons = [_without_picture(number, of_one) for number, of_one in enumerate(joints, 1)]
    persons = [
        replace(person, joints=of_one, head_size=float(size))
        for person, of_one, size in zip(persons, joints, truth.head_sizes, strict=True)
    ]
    return People("mpii", MPII_16, persons)


def _val_persons(path: Path) -> Sequence[Person]:
    try:
        return load(path, "val").persons
    except NoSuchSplitError:
        return []


def _without_picture(number: int, joints: NDArray[np.float64]) -> Person:
    """A person to be scored only: without a picture any box will do."""
    return Person(f"val person {number}", b"", joints.astype(np.float32), box_around(joints[:, :2]))


def _person(name: str, images: Path, fields: Any) -> Person:
    """A person from a record with the keys of Xiao's JSON."""
    joints = numbers(field(fields, "joints"), (len(MPII_16.joints), 2), "joints")
    marked = numbers(field(fields, "joints_vis"), (len(MPII_16.joints),), "joints_vis") > 0
    # The field writes (0, 0) or (-1, -1) for a joint without a place; a flag that says otherwise is wrong.
    labelled = marked & ~((joints == 0).all(axis=1) | (joints == -1).all(axis=1))
    if not labelled.any():
        raise RecordError("no joint is labelled")
    in_pixels = _in_pixels(joints, labelled).astype(np.float32)
    image, box = _file_name(field(fields, "image")), _box(field(fields, "center"), field(fields, "scale"))
    head_size = float(numbers(fields["head_size"], (), "head_size")) if "head_size" in fields else math.nan
    return Person(name, images / image, in_pixels, box, head_size)


def _in_pixels(joints: NDArray[np.float64], labelled: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`Person.joints` [..., 16, 3] from MPII's coordinates [..., 16, 2] and flags [..., 16]."""
    flags = labelled[..., None].astype(np.float64)
    return np.concatenate([(joints - FIRST_PIXEL) * flags, flags], axis=-1)


def _file_name(value: Any) -> str:
    # A NUL or half a surrogate pair is not printable, and no file name.
    if not isinstance(value, str) or not value or not value.isprintable():
        raise RecordError(f"image must be the name of a file, got {value!r:.60}")
    return value


def _box(center: Any, scale: Any) -> Box:
    x, y = numbers(center, (2,), "the centre")
    size = float(numbers(scale, (), "the scale"))
    side = ENLARGED * PERSON_HEIGHT * size
    if not 0 < side <= LIMIT:
        raise RecordError(f"the scale must be positive and the crop at most {LIMIT:g} pixels wide, got scale {size:g}")
    return Box(float(x) - FIRST_PIXEL, float(y) + MOVED_DOWN * size - FIRST_PIXEL, side, side)


def _truth_file(path: Path) -> Path | None:
    files = [place / name for place in mpii_files.places(path) for name in TRUTH_FILES]
    return next((file for file in files if file.is_file()), None)


def _with_head_sizes(val: list[Person], path: Path) -> tuple[list[Person], list[str]]:
    """The val persons with head sizes, where a truth of just these persons is there; else a sentence that says so."""
    file = _truth_file(path) if val else None
    if file is None:
        return val, []
    truth = read_truth(file)
    if not _are_same(val, _in_pixels(truth.joints, truth.labelled)):
        doubt = f"{file.name} is of {len(truth.joints)} other persons than the {len(val)} of val: no head sizes"
        log.warning("%s: %s", path, doubt)
        return val, [doubt]
    sized = [replace(one, head_size=float(size)) for one, size in zip(val, truth.head_sizes, strict=True)]
    return sized, []


def _are_same(persons: Sequence[Person], truth: NDArray[np.float64]) -> bool:
    """Whether these are the persons of the truth [N, 16, 3], in its order: most joints of each are at the same place."""
    if len(persons) != len(truth) or not persons:
        return False
    joints = np.stack([person.joints for person in persons])
    distance = np.linalg.norm(joints[..., :2] - truth[..., :2], axis=-1)
    distance = np.where(joints[..., 2] > 0, distance, np.nan)
    return bool((joints[..., 2] == truth[..., 2]).all() and (np.nanmedian(distance, axis=1) < SAME_PLACE).all())
