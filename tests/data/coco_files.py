"""Builders of COCO-style files: records that are sound until a test changes them."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from lapx_tf.skeletons import COCO_17

PERSON = {
    "id": 1,
    "name": "person",
    "keypoints": list(COCO_17.joints),
    "skeleton": [[a + 1, b + 1] for a, b in COCO_17.limbs],
}
FOX = {
    "id": 3,
    "name": "fox",
    "keypoints": ["nose", "left_ear", "right_ear", "tail_root", "tail_tip"],
    "skeleton": [[1, 2], [1, 3], [4, 5]],
}
SIZE = (120, 160)
"""(height, width) of every image."""


def image(number: int, **changed: Any) -> dict[str, Any]:
    return {"id": number, "file_name": f"{number:03d}.png", "height": SIZE[0], "width": SIZE[1], **changed}


def annotation(number: int, category: dict[str, Any], image_id: int = 1, **changed: Any) -> dict[str, Any]:
    """A person in the box (20, 30, 80, 60), all joints visible within it."""
    rng = np.random.default_rng(number)
    count = len(category["keypoints"])
    joints = np.column_stack([rng.integers(20, 100, count), rng.integers(30, 90, count), np.full(count, 2)])
    sound = {
        "id": number,
        "image_id": image_id,
        "category_id": category["id"],
        "bbox": [20, 30, 80, 60],
        "area": 4000.0,
        "iscrowd": 0,
        "num_keypoints": count,
        "keypoints": joints.ravel().tolist(),
    }
    return {**sound, **changed}


def unlabelled(category: dict[str, Any]) -> dict[str, Any]:
    """What to change in an annotation of which nobody has labelled the joints."""
    return {"num_keypoints": 0, "keypoints": [0] * (3 * len(category["keypoints"]))}


def write(
    file: Path, images: list[Any], annotations: list[Any], category: dict[str, Any], folder: Path | None = None
) -> Path:
    """Writes the annotation file, and the images into the folder where one is given."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"images": images, "annotations": annotations, "categories": [category]}))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for record in images:
            cv2.imwrite(str(folder / record["file_name"]), np.zeros((*SIZE, 3), np.uint8))
    return file
