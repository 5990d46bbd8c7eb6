"""Poses as files: JSON (docs/runtime.md), COCO's keypoint results, and CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lapx_tf.runtime.poses import Pose

VERSION = 1
"""Of the JSON. Keys may be added within a version."""

_PERSON = 1  # COCO's category


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in a picture.

    Attributes:
        picture: its file.
        size: (height, width) of the upright picture.
        poses: of its people.
    """

    picture: Path
    size: tuple[int, int]
    poses: Sequence[Pose]


def as_json(found: Found, about: dict[str, Any]) -> dict[str, Any]:
    """The content of the JSON beside a picture; `about` tells of the model."""
    # "upright": joints are pixels of the picture as it is displayed, turned by its EXIF orientation.
    image = {"file": found.picture.name, "width": found.size[1], "height": found.size[0], "upright": True}
    people = [pose.to_dict() for pose in found.poses]
    return {"format_version": VERSION, "image": image} | about | {"people": people}


def as_coco(everything: Sequence[Found]) -> list[dict[str, Any]]:
    """COCO's keypoint results, as pycocotools reads them; `file_name` is added.

    A picture's id is the number that its name consists of, as COCO's pictures have it; where not all have different numbers as
    names, it is the place in the list, from 1. Joints are (x, y, score) in the model's order. The score of a person is that of
    the pose times that of the detection, where there was one (as in Xiao et al., ECCV 2018).
    """
    numbers = [int(found.picture.stem) if found.picture.stem.isdecimal() else -1 for found in everything]
    distinct = len(set(numbers)) == len(numbers) and min(numbers, default=0) >= 0
    ids = numbers if distinct else range(1, len(everything) + 1)
    return [
        {
            "image_id": key,
            "category_id": _PERSON,
            "keypoints": [round(float(value), 4) for value in pose.joints.ravel()],
            "score": round(pose.score * (1.0 if pose.detection is None else pose.detection), 6),
            "file_name": found.picture.name,
        }
        for key, found in zip(ids, everything, strict=True)
        for pose in found.poses
    ]


def as_csv(everything: Sequence[Found]) -> str:
    """A table with a row for each joint of each person (RFC 4180), with a line of titles."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["file", "person", "person_score", "joint", "x", "y", "score"])
    writer.writerows(_rows(everything))
    return text.getvalue()


def _rows(everything: Sequence[Found]) -> Iterator[list[Any]]:
    for found in everything:
        for number, pose in enumerate(found.poses):
            for name, (x, y, score) in zip(pose.names, pose.joints.tolist(), strict=True):
                yield [found.picture.name, number, f"{pose.score:.4f}", name, f"{x:.3f}", f"{y:.3f}", f"{score:.4f}"]
