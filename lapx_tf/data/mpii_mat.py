"""MPII's two MATLAB files: the annotations as published, and the truth that the field scores val with.

Coordinates are as stored, pixels of the image counted from 1 (see `mpii`).
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.data.records import RecordError, field, numbers
from lapx_tf.errors import InputError
from lapx_tf.skeletons import MPII_16

HEAD_SIZE = 0.6
"""Of the diagonal of the head box: `SC_BIAS` of MPII's evaluation."""

_JOINTS = len(MPII_16.joints)
_CORNERS = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True, eq=False)
class Truth:
    """What PCKh on val is measured against, N persons.

    Attributes:
        joints: float64 [N, 16, 2] (x, y), pixels counted from 1.
        labelled: bool [N, 16].
        head_sizes: float64 [N], pixels.
    """

    joints: NDArray[np.float64]
    labelled: NDArray[np.bool_]
    head_sizes: NDArray[np.float64]


def read_truth(path: Path) -> Truth:
    """Reads `detections_our_format.mat` of Tompson et al. (CVPR 2015), which Xiao et al. call `gt_valid.mat`.

    Raises:
        InputError: this is no such file.
    """
    stored = _load(path, ["pos_gt_src", "jnt_missing", "headboxes_src"])
    try:
        joints = numbers(field(stored, "pos_gt_src"), (_JOINTS, 2, -1), "pos_gt_src")
        count = joints.shape[-1]
        missing = numbers(field(stored, "jnt_missing"), (_JOINTS, count), "jnt_missing")
        boxes = numbers(field(stored, "headboxes_src"), (2, 2, count), "headboxes_src")
    except RecordError as error:
        raise InputError(f"{path} is not the truth for PCKh: {error}") from error
    sizes = HEAD_SIZE * np.linalg.norm(boxes[1] - boxes[0], axis=0)
    return Truth(joints.transpose(2, 0, 1), missing.T == 0, sizes)


def published_persons(path: Path) -> list[Any]:
    """The persons of `mpii_human_pose_v1_u12_1.mat` whose joints are published: each an `annorect` with its `image`, a name.

    Thousands of persons in it have no joints or no position, among them all of the test images. Nothing is wrong with them:
    they are no problem to report, and the JSON files do not hold them either.

    Raises:
        InputError: this is no such file.
    """
    try:
        release = field(_load(path, ["RELEASE"], simplify_cells=True), "RELEASE")
        images = _listed(field(release, "annolist"))
        training = numbers(np.atleast_1d(field(release, "img_train")), (len(images),), "img_train")
    except RecordError as error:
        raise InputError(f"{path} is not MPII's annotations: {error}") from error
    return [person for image, used in zip(images, training, strict=True) if used for person in _persons(image)]


def in_common_form(record: Any) -> dict[str, Any]:
    """One of `published_persons` with the keys of Xiao's JSON and, where it has a head box, `head_size` in pixels.

    Raises:
        RecordError: a key is missing, or a joint does not exist or is listed twice.
    """
    position = field(record, "objpos")
    listed = [[field(point, key) for key in ("id", "x", "y")] for point in _points(record)]
    points = numbers(listed, (-1, 3), "annopoints")
    ids = points[:, 0].tolist()
    if len(set(ids)) < len(ids) or not set(ids) <= set(range(_JOINTS)):
        raise RecordError(f"each joint must have an id of its own from 0 to {_JOINTS - 1}, got {ids}")
    joints, labelled = np.zeros((_JOINTS, 2)), np.zeros(_JOINTS)
    index = points[:, 0].astype(int)
    joints[index], labelled[index] = points[:, 1:], 1
    fields = {
        "image": field(record, "image"),
        "center": [field(position, "x"), field(position, "y")],
        "scale": field(record, "scale"),
        "joints": joints,
        "joints_vis": labelled,
    }
    return fields | _head_size(record)


def _load(path: Path, names: list[str], **options: Any) -> dict[str, Any]:
    """The named variables of a MATLAB file; options of `scipy.io.loadmat`."""
    import scipy.io  # here, because only those who train have it

    try:
        return scipy.io.loadmat(str(commands.existing_file(path)), variable_names=names, **options)
    except InputError:
        raise
    except Exception as error:  # a damaged file makes scipy raise nearly anything
        raise InputError(f"{path} is not a whole MATLAB file: {error}") from error


def _persons(image: Any) -> list[Any]:
    """The persons of an entry of `annolist` that have joints and a position.

    What is no structure is handed on, so that it is refused as a record and counted.
    """
    if not isinstance(image, dict):
        return [image]
    of_image = image.get("image")
    name = of_image.get("name") if isinstance(of_image, dict) else None
    persons = [{**one, "image": name} if isinstance(one, dict) else one for one in _listed(image.get("annorect"))]
    return [person for person in persons if not isinstance(person, dict) or _is_annotated(person)]


def _is_annotated(person: dict[str, Any]) -> bool:
    points = person.get("annopoints")
    if isinstance(points, dict):
        points = points.get("point")
    return not _is_empty(points) and not _is_empty(person.get("objpos"))


def _points(person: Any) -> list[Any]:
    return _listed(field(field(person, "annopoints"), "point"))


def _head_size(person: dict[str, Any]) -> dict[str, float]:
    corners = [person.get(key) for key in _CORNERS]
    if any(_is_empty(corner) for corner in corners):
        return {}
    x1, y1, x2, y2 = numbers(corners, (4,), "the head box")
    return {"head_size": HEAD_SIZE * math.hypot(x2 - x1, y2 - y1)}


def _is_empty(value: Any) -> bool:
    """Whether MATLAB's file leaves the field out or holds [] there."""
    return value is None or (isinstance(value, np.ndarray) and value.size == 0)


def _listed(value: Any) -> list[Any]:
    """The elements of a structure array; one of length 1 comes as the structure itself."""
    if _is_empty(value):
        return []
    return list(value) if isinstance(value, list) or np.ndim(value) else [value]
