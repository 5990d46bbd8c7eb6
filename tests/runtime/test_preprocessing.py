"""The device must see what training saw: the same crop for the same box, through `PoseEstimator` and through `tf.data`."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from lapx_tf.data import coco_json, lsp
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People
from lapx_tf.data.pipeline import dataset
from lapx_tf.runtime.detections import from_coco
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.skeletons import COCO_17
from lapx_tf.spec import ModelSpec, TensorSpec
from tests.data import coco_files
from tests.helpers import write_lsp

SIZE = (128, 96)
HEATMAPS = (1, SIZE[0] // 4, SIZE[1] // 4, 17)

BOXES = ([20, 30, 80, 60], [3.25, 2.5, 10.5, 20.75], [0, 0, 160, 120], [100, 5, 30, 110.5])
"""COCO's (x, y, width, height): usual, far enlarged, the whole picture, and one whose crop reaches over the border."""


class Recorder:
    """A session that keeps what would go into the network."""

    def __init__(self) -> None:
        self.spec = ModelSpec(
            "none", "0" * 64, "float32", TensorSpec("crops", (1, *SIZE, 3)), TensorSpec("heatmaps", HEATMAPS), COCO_17
        )
        self.seen: list[np.ndarray] = []

    def run(self, crops: np.ndarray) -> np.ndarray:
        self.seen.append(crops)
        return np.zeros((len(crops), *HEATMAPS[1:]), np.float32)


def of_training(people: People) -> np.ndarray:
    """[N, H, W, 3] what the network is evaluated on after an epoch, through `tf.data`."""
    return np.concatenate([crops for crops, _ in dataset(Loader(people, SIZE, 2, None)).as_numpy_iterator()])


@pytest.fixture
def in_coco(tmp_path: Path) -> People:
    """The people of `BOXES`; the last two in a picture that has to be averaged down first."""
    pictures = [coco_files.image(1), coco_files.image(2, height=480, width=640)]
    scale = (1, 1, 4, 4)
    records = [
        coco_files.annotation(n + 1, coco_files.PERSON, 1 + n // 2, bbox=[scale[n] * side for side in box])
        for n, box in enumerate(BOXES)
    ]
    file = coco_files.write(tmp_path / "a.json", pictures, records, coco_files.PERSON)
    for number, size in ((1, (120, 160, 3)), (2, (480, 640, 3))):
        noise = np.random.default_rng(number).integers(0, 256, size, np.uint8)
        cv2.imwrite(str(tmp_path / f"{number:03d}.png"), noise)
    return coco_json.read_people(file, [tmp_path])


def test_a_person_s_box_gives_the_crop_of_training(in_coco):
    session = Recorder()
    estimator = PoseEstimator(session)
    truth = in_coco.ground_truth
    assert truth is not None
    for person, record in zip(in_coco.persons, truth["annotations"], strict=True):
        estimator(person.read(), boxes=[from_coco(record["bbox"])])
    expected = of_training(in_coco)
    assert expected.std() > 0.1
    np.testing.assert_allclose(np.concatenate(session.seen), expected, atol=1e-3)


def test_a_region_gives_the_crop_of_training_too(tmp_path):
    write_lsp(tmp_path / "lsp")
    people = lsp.load(tmp_path / "lsp")
    session = Recorder()
    estimator = PoseEstimator(session)
    for person in people.persons:
        estimator.pose_in(person.read(), person.box)
    np.testing.assert_allclose(np.concatenate(session.seen), of_training(people), atol=1e-3)
