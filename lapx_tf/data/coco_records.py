"""What one image or one annotation of a COCO-style file says (Lin et al., ECCV 2014).

COCO's joints count pixels, its boxes are edges in an image that covers [0, width]: a box is moved by half a pixel to agree
with the joints and with `geometry`. The field takes a box of w pixels from the first pixel's centre to the last one's: the
same centre, and one pixel less in size.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.people import Person
from lapx_tf.data.records import LIMIT, RecordError, field, numbers
from lapx_tf.geometry import Box, box_around

PADDING = 1.25
"""Side of the box to crop as a multiple of the person's box (Xiao et al., ECCV 2018)."""

Record = dict[str, Any]


def whole_number(value: Any, what: str) -> int:
    """The value as it is, if it is a whole number that fits 64 bits.

    Raises:
        RecordError: it is not.
    """
    if type(value) is not int or abs(value) >= 2**63:
        raise RecordError(f"{what} must be a whole number, got {value!r:.60}")
    return value


def image_record(record: Any) -> Record:
    """A copy of an image's record with a valid id, file name and size.

    Raises:
        RecordError: one of them is missing or malformed.
    """
    whole_number(field(record, "id"), "id")
    name = field(record, "file_name")
    if not isinstance(name, str) or not name or "\0" in name or name.encode(errors="ignore").decode() != name:
        raise RecordError(f"file_name must be the name of a file, got {name!r:.60}")
    size = numbers([field(record, "width"), field(record, "height")], (2,), "width and height")
    if size.min() < 1:
        raise RecordError(f"width and height must be positive, got {size.tolist()}")
    return dict(record)


def image_of(record: Any, images: Mapping[int, Record]) -> Record:
    """The image that an annotation or a detection is about.

    Raises:
        RecordError: it names none of the images.
    """
    key = whole_number(field(record, "image_id"), "image_id")
    if key not in images:
        raise RecordError(f"there is no image with the id {key}")
    return images[key]


def annotation_of(record: Record, category: int, count: int) -> tuple[Record, NDArray[np.float32]]:
    """What a record says about a person.

    Args:
        record: of an image that is known.
        category: the id of the persons' category.
        count: K, the number of joints.

    Returns:
        The keys that the evaluator reads, completed where they are missing, and the joints, float32 [K, 3] (x, y, labelled),
        pixels of the image.

    Raises:
        RecordError: something in it is missing or malformed.
    """
    if field(record, "category_id") != category:
        raise RecordError(f"category_id is {record['category_id']!r:.60}, not that of the first category, {category}")
    joints = _joints(record, count)
    bbox = _bbox(record, joints)
    annotation = {
        "id": whole_number(field(record, "id"), "id"),
        "image_id": record["image_id"],
        "category_id": category,
        "bbox": bbox,
        "area": _area(record, bbox),
        "iscrowd": whole_number(record.get("iscrowd", 0), "iscrowd"),
        "num_keypoints": _labelled(record, joints),
        "keypoints": record["keypoints"],
    }
    return annotation, joints


def person_of(annotation: Record, joints: NDArray[np.float32], image: Record, boxed: bool) -> Person:
    """A person to crop.

    Args:
        annotation: as `annotation_of` gives it, with at least one labelled joint.
        joints: [K, 3] (x, y, labelled), pixels of the image.
        image: its record, with `path`.
        boxed: whether the box is stated; if not, the square around the joints is cropped.

    Raises:
        RecordError: nothing of the person is within the image.
    """
    if annotation["area"] == 0:
        raise RecordError("area is 0")
    size = image["height"], image["width"]
    box = box_of(annotation["bbox"], size) if boxed else box_around(joints[joints[:, 2] > 0, :2])
    name = f"{image['file_name']} #{annotation['id']}"
    return Person(name, image["path"], joints, box, image_id=image["id"])


def box_of(bbox: Sequence[float], size: tuple[int, int] | None = None) -> Box:
    """The box to crop, pixels of the image.

    Args:
        bbox: (x, y, width, height) as COCO has it: edges, in an image that covers [0, width].
        size: (height, width) of the image to clip to; None for no clipping.

    Raises:
        RecordError: less than a pixel is left of it.
    """
    left, top, right, bottom = bbox[0], bbox[1], bbox[0] + bbox[2], bbox[1] + bbox[3]
    if size is not None:
        left, top, right, bottom = max(left, 0), max(top, 0), min(right, size[1]), min(bottom, size[0])
    width, height = right - left, bottom - top
    if min(width, height) < 1:
        within = "" if size is None else f" within the {size[1]}x{size[0]} image"
        raise RecordError(f"bbox {list(bbox)} has less than one pixel{within}")
    return Box((left + right - 1) / 2, (top + bottom - 1) / 2, width * PADDING, height * PADDING)


def _joints(record: Record, count: int) -> NDArray[np.float32]:
    """[K, 3] (x, y, labelled). COCO's third number is 0 where there is no label, 1 for a hidden joint, 2 for a visible one."""
    joints = numbers(field(record, "keypoints"), (3 * count,), "keypoints").reshape(count, 3)
    flags = joints[:, 2].tolist()
    if not {0, 1, 2}.issuperset(flags):
        raise RecordError(f"the visibility of a joint must be 0, 1 or 2, got {flags}")
    labelled = joints[:, 2] > 0
    joints[:, 2] = labelled
    joints[~labelled] = 0
    return joints.astype(np.float32)


def _bbox(record: Record, joints: NDArray[np.float32]) -> list[float]:
    """(x, y, width, height), edges; the square around the joints where the record has none."""
    if "bbox" in record:
        bbox = numbers(record["bbox"], (4,), "bbox").tolist()
        if min(bbox[2:]) < 0:
            raise RecordError(f"bbox must not have a negative size, got {bbox}")
        return bbox
    if not joints[:, 2].any():
        raise RecordError("has neither bbox nor a labelled joint")
    around = box_around(joints[joints[:, 2] > 0, :2], padding=1)
    return [around.x + 0.5 - around.width / 2, around.y + 0.5 - around.height / 2, around.width, around.height]


def _area(record: Record, bbox: list[float]) -> float:
    """Of the person in square pixels; the box's where the record has none."""
    area = record.get("area", bbox[2] * bbox[3])
    if type(area) not in (int, float) or not 0 <= area <= LIMIT**2:
        raise RecordError(f"area must be a number of square pixels, got {area!r:.60}")
    return area


def _labelled(record: Record, joints: NDArray[np.float32]) -> int:
    """The number of labelled joints, which decides whether the evaluator counts the person."""
    counted = int(joints[:, 2].sum())
    stated = whole_number(record.get("num_keypoints", counted), "num_keypoints")
    if (stated == 0) != (counted == 0):
        raise RecordError(f"num_keypoints is {stated}, but {counted} joints are labelled")
    return counted
