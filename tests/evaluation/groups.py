"""People to score, made from random numbers."""

import math

import cv2
import numpy as np

from lapx_tf.data.people import People, Person
from lapx_tf.geometry import box_around
from lapx_tf.skeletons import COCO_17, MPII_16, Skeleton
from lapx_tf.spec import ModelSpec, TensorSpec

PICTURE = cv2.imencode(".jpg", np.full((200, 200, 3), 127, np.uint8))[1].tobytes()


def persons(skeleton: Skeleton, count: int, head_size: float = math.nan) -> list[Person]:
    """Persons with all joints labelled, each alone in a grey picture of 200 pixels."""
    rng = np.random.default_rng(0)
    joints = np.ones((count, len(skeleton.joints), 3), np.float32)
    joints[..., :2] = rng.uniform(50, 150, (*joints.shape[:2], 2))
    return [
        Person(f"<p{i}>.jpg", PICTURE, one, box_around(one[:, :2]), head_size, image_id=i)
        for i, one in enumerate(joints)
    ]


def lsp_people(count: int = 5) -> People:
    return People("lsp", MPII_16, persons(MPII_16, count))


def mpii_people(count: int = 5, head_size: float = 20.0) -> People:
    return People("mpii", MPII_16, persons(MPII_16, count, head_size))


def coco_people(count: int = 5) -> People:
    """People with ground truth of COCO's kind, of large size (100 x 100 pixels)."""
    group = persons(COCO_17, count)
    return People("coco", COCO_17, group, ground_truth(group))


def ground_truth(group: list[Person]) -> dict:
    return {
        "images": [
            {"id": i, "file_name": person.name, "path": person.image, "width": 200, "height": 200}
            for i, person in enumerate(group)
        ],
        "annotations": [
            {
                "id": 100 + i, "image_id": i, "category_id": 1, "bbox": [50, 50, 100, 100], "area": 10_000,
                "iscrowd": 0, "num_keypoints": len(person.joints),
                "keypoints": (person.joints * [1, 1, 2]).ravel().tolist(),
            }
            for i, person in enumerate(group)
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO_17.joints)}],
    }  # fmt: skip


class Brightness:
    """A session whose heat maps are the crop's brightness, from left to right a little more."""

    def __init__(self, skeleton: Skeleton, file: str = "none") -> None:
        joints = len(skeleton.joints)
        output = TensorSpec("o", (1, 16, 16, joints))
        self.spec = ModelSpec(file, "0" * 64, "float32", TensorSpec("i", (1, 64, 64, 3)), output, skeleton)

    def run(self, crops: np.ndarray) -> np.ndarray:
        pooled = crops.mean(axis=-1).reshape(len(crops), 16, 4, 16, 4).mean(axis=(2, 4)) + np.arange(16) / 100
        return np.repeat(pooled[..., None], self.spec.output.shape[-1], axis=-1).astype(np.float32)
