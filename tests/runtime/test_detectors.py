"""Detectors: what goes into their files, and what their answers mean, in pixels of the picture."""

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from lapx_tf.errors import InputError
from lapx_tf.geometry import Box
from lapx_tf.runtime.detections import from_coco, overlap
from lapx_tf.runtime.detectors import Detector, ssd, yolox
from lapx_tf.runtime.detectors.inputs import letterboxed
from tests.runtime import detector_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("detectors")


@pytest.fixture(scope="module")
def ssd_file(folder) -> Path:
    return detector_files.ssd_tflite(folder / "ssd.tflite")


def picture(height: int = 100, width: int = 200) -> np.ndarray:
    """The left half is red, the right half a darker green."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2, 0], image[:, width // 2 :, 1] = 255, 204
    return image


def boxes(detections) -> np.ndarray:
    return np.array([astuple(one.box) for one in detections])


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1), (3, 2, 1, 0)])
def test_ssd_finds_persons_in_pixels_of_the_picture(folder, dtype, order):
    name = f"ssd_{dtype}_{''.join(map(str, order))}.tflite"
    found = Detector(detector_files.ssd_tflite(folder / name, dtype, order))(picture())
    # Fractions of 200 x 100; the first pixel covers -0.5 to 0.5.
    assert boxes(found) == pytest.approx(np.array([(49.5, 49.5, 60, 50), (149.5, 49.5, 100, 100)]), abs=1e-4)
    assert [one.score for one in found] == pytest.approx([1.0, 0.8], abs=1e-3)


def test_another_class_can_be_the_person_s_and_unsure_ones_are_left_out(ssd_file):
    assert boxes(Detector(ssd_file, person=17)(picture())) == pytest.approx(np.array([(29.5, 14.5, 20, 10)]), abs=1e-4)
    assert len(Detector(ssd_file, min_score=0.9)(picture())) == 1
    assert Detector(ssd_file)(np.zeros((50, 50, 3), np.uint8)) == []


def test_scores_and_classes_of_an_ssd_are_told_by_name_then_by_value():
    given = [np.float32([[[0, 0, 1, 1]]]), np.float32([[1]]), np.float32([[0]]), np.float32([1])]
    of_names = ssd.read(given, ["boxes", "detection_scores", "detection_classes", "count"], 0)
    assert of_names[1].tolist() == [1]
    by_order = ssd.read(given, ["a", "b", "c", "d"], 1)
    assert by_order[1].tolist() == [0]
    given[1] = np.float32([[0.75]])
    assert ssd.read(given, ["a", "b", "c", "d"], 0)[1].tolist() == [0.75]


@pytest.mark.parametrize("decoded", [False, True])
@pytest.mark.parametrize("channels_first", [False, True])
def test_yolox_finds_each_person_once_in_pixels_of_the_picture(folder, decoded, channels_first):
    file = detector_files.yolox_onnx(folder / f"yolox_{decoded}_{channels_first}.onnx", decoded, channels_first)
    image = np.full((256, 192, 3), (10, 20, 204), np.uint8)  # a quarter of it fits, 64 high and 48 wide
    (found,) = Detector(file)(image)
    # (40, 24), 16 x 32 of the input, four times as large.
    assert astuple(found.box) == pytest.approx((159.5, 95.5, 64, 128), abs=1e-3)
    assert found.score == pytest.approx(0.8, abs=1e-3)
    assert Detector(file, min_score=0.85)(image) == []


def test_the_rest_of_a_letterbox_is_grey_and_the_picture_keeps_its_aspect():
    image = np.full((50, 100, 3), 200, np.uint8)
    canvas, ratio = letterboxed(image, (64, 96), yolox.FILL)
    assert ratio == 0.96
    assert (canvas[:48] == 200).all()
    assert (canvas[48:] == 114).all()


def test_a_cell_of_each_stride_lies_where_it_should():
    cells = yolox.cells((64, 96))
    assert cells[[0, 11, 12, 95, 96, 119, 120, 125]].tolist() == [
        [0, 0, 8], [11, 0, 8], [0, 1, 8], [11, 7, 8], [0, 0, 16], [5, 3, 16], [0, 0, 32], [2, 1, 32],
    ]  # fmt: skip


def test_a_pose_model_or_a_yolox_without_the_class_is_no_detector(models, folder):
    with pytest.raises(InputError, match=r"float32.tflite has the outputs \[1, 24, 16, 5\]; accepted are SSD's"):
        Detector(models["float32"])
    file = detector_files.yolox_onnx(folder / "few.onnx", decoded=True)
    with pytest.raises(InputError, match="columns more than 7"):
        Detector(file, person=2)(picture())
    with pytest.raises(InputError, match="no such file"):
        Detector(folder / "none.tflite")
    (folder / "text.tflite").write_text("no detector")
    with pytest.raises(InputError, match="can't be loaded"):
        Detector(folder / "text.tflite")


def test_coco_s_box_covers_the_same_pixels():
    assert from_coco((10, 20, 30, 40)) == Box(24.5, 39.5, 30, 40)
    for wrong in ((10, 20, 0, 40), (10, float("nan"), 30, 40)):
        with pytest.raises(InputError, match="no box"):
            from_coco(wrong)


def test_overlap_is_intersection_over_union():
    one = Box(10, 10, 10, 20)
    assert overlap(one, one) == 1
    assert overlap(one, Box(15, 10, 10, 20)) == pytest.approx(1 / 3)
    assert overlap(one, Box(40, 10, 10, 20)) == 0
