"""Crops for the calibration and the check."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io

from convert.calibration import CHECKED, load_crops
from lapx_tf import pixels

SIZE = (64, 48)


def grey(path: Path, value: int, height: int = 40, width: int = 40) -> None:
    cv2.imwrite(str(path), np.full((height, width, 3), value, np.uint8))


def levels(crops: np.ndarray) -> list[int]:
    """The grey value in the middle of each normalised crop."""
    middle = crops[:, SIZE[0] // 2, SIZE[1] // 2]
    return [round(value) for value in (middle * pixels.STD + pixels.MEAN).mean(axis=-1) * 255]


def test_pictures_are_shown_whole_and_each_is_used_once(tmp_path):
    for value in range(0, 80, 10):
        grey(tmp_path / f"{value:03}.png", value)
    crops = load_crops(tmp_path, SIZE, 100)
    assert crops.calibration.shape == (6, *SIZE, 3)
    assert sorted(levels(crops.calibration) + levels(crops.check)) == list(range(0, 80, 10))
    assert crops.source == f"pictures in {tmp_path.name}"


def test_pictures_that_are_asked_for_are_spread_over_the_folder(tmp_path):
    for value in range(200):
        grey(tmp_path / f"{value:03}.png", value)
    crops = load_crops(tmp_path, SIZE, 8)
    seen = levels(crops.calibration) + levels(crops.check)
    assert len(seen) == 8 + CHECKED
    assert min(seen) == 0
    assert max(seen) == 199


def test_one_picture_serves_for_both(tmp_path):
    grey(tmp_path / "a.png", 90)
    crops = load_crops(tmp_path, SIZE, 8)
    assert levels(crops.calibration) == levels(crops.check) == [90]


def test_persons_of_a_data_set_are_cropped_by_their_box(tmp_path):
    (tmp_path / "images").mkdir()
    # Everybody stands in a white square in a corner of a black picture.
    picture = np.zeros((120, 120, 3), np.uint8)
    picture[80:, 80:] = 255
    for i in range(5):
        cv2.imwrite(str(tmp_path / "images" / f"im{i}.png"), picture)
    joints = np.ones((14, 3, 5))
    joints[:, :2] = np.linspace(92, 108, 14)[:, None, None]
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": joints})
    crops = load_crops(tmp_path, SIZE, 8)
    assert crops.source == "lspet, training persons"
    assert levels(crops.calibration) == [255] * 4


def test_without_a_folder_synthetic_people_are_made():
    crops, again = load_crops(None, SIZE, 4), load_crops(None, SIZE, 4)
    assert crops.source == "synthetic people"
    assert crops.calibration.shape[1:] == (*SIZE, 3)
    np.testing.assert_array_equal(crops.check, again.check)
    assert np.unique(crops.check[:, 0, 0, 0]).size > 1


@pytest.mark.parametrize("count", [2, 3, 5, 40])
def test_what_is_checked_was_not_calibrated_with(tmp_path, count):
    for value in range(count):
        grey(tmp_path / f"{value:03}.png", value)
    crops = load_crops(tmp_path, SIZE, 100)
    assert len(crops.check) == max(1, count // 4)
    assert not set(levels(crops.check)) & set(levels(crops.calibration))
