import numpy as np
import pytest

from lapx_tf.runtime.drawing import LEFT, MIDDLE, RIGHT, contact_sheet, draw_pose
from lapx_tf.skeletons import COCO_17, LSP_14, MPII_16

# (x, y) of the five dots in a picture of 100 x 100.
POINTS = np.array([[50, 10], [80, 40], [20, 40], [80, 90], [20, 90.0]])
POSE = np.column_stack([POINTS, np.ones(5)])


def near(pixel: np.ndarray, color: tuple[int, int, int]) -> bool:
    return int(np.abs(pixel.astype(int) - color).max()) <= 12


def drawn(scale: float, skeleton, pose=POSE, gray: int = 128) -> np.ndarray:
    side = round(100 * scale)
    return draw_pose(np.full((side, side, 3), gray, np.uint8), pose * (scale, scale, 1), skeleton)


@pytest.mark.parametrize("scale", [1.5, 5, 15])
def test_limbs_have_the_colour_of_their_side(skeleton, scale):
    image = drawn(scale, skeleton)
    left, right = (image[round(65 * scale), round(x * scale)] for x in (80, 20))
    assert near(left, LEFT)
    assert near(right, RIGHT)


def test_a_limb_between_the_sides_is_of_the_middle():
    pose = np.column_stack([np.tile([[5.0, 5.0]], (14, 1)), np.zeros(14)])
    pose[[2, 3]] = [[100, 150, 1], [200, 150, 1]]  # the hips of LSP
    image = draw_pose(np.zeros((300, 300, 3), np.uint8), pose, LSP_14)
    assert near(image[150, 150], MIDDLE)


@pytest.mark.parametrize("gray", [0, 128, 255])
def test_a_dark_outline_surrounds_the_limbs(skeleton, gray):
    row = drawn(5, skeleton, gray=gray)[325, 350:451]
    colored = np.flatnonzero([near(pixel, LEFT) for pixel in row])
    assert len(colored) >= 3
    dark = row.max(axis=1) < 75  # antialiased, so hardly ever OUTLINE itself
    assert any(dark[: colored[0]])
    assert any(dark[colored[-1] + 1 :])


@pytest.mark.parametrize(("scale", "least", "most"), [(0.5, 2, 5), (1.5, 3, 7), (15, 20, 35)])
def test_lines_are_as_wide_as_the_picture_asks(skeleton, scale, least, most):
    row = drawn(scale, skeleton)[round(65 * scale)]
    assert least <= np.any(row != 128, axis=1).sum() / 2 <= most  # two limbs cross the row


def test_a_small_person_in_a_large_picture_has_thin_lines(skeleton):
    pose = POSE * (0.5, 0.5, 1)
    image = draw_pose(np.full((1500, 1500, 3), 128, np.uint8), pose, skeleton)
    assert np.any(image[32] != 128, axis=1).sum() / 2 <= 6


def test_a_shift_of_half_a_pixel_shows(skeleton):
    rows = [drawn(1, skeleton, POSE + np.array([shift, 0, 0]))[65, 60:].astype(float) for shift in (0, 0.5)]
    plain, shifted = (np.average(np.arange(40), weights=np.abs(row - 128).sum(axis=1)) for row in rows)
    assert shifted - plain == pytest.approx(0.5, abs=0.15)


def test_joints_that_are_unsure_or_not_finite_are_left_out(skeleton):
    unsure, missing = POSE.copy(), POSE.copy()
    unsure[:, 2] = 0.1
    missing[:, 0] = np.nan
    gray = np.full((100, 100, 3), 128, np.uint8)
    for pose in (unsure, missing):
        np.testing.assert_array_equal(draw_pose(gray, pose, skeleton), gray)
    one = POSE.copy()
    one[3, 2] = 0.1  # the left foot
    image = draw_pose(gray, one, skeleton)
    np.testing.assert_array_equal(image[60:, 60:], gray[60:, 60:])
    assert (image != gray).any()


def test_the_picture_itself_is_not_changed(skeleton):
    image = np.full((100, 100, 3), 128, np.uint8)
    result = draw_pose(image, POSE, skeleton)
    assert np.all(image == 128)
    assert result.shape == image.shape
    assert result.dtype == np.uint8
    assert (result != image).any()


@pytest.mark.parametrize("skeleton_", [MPII_16, LSP_14, COCO_17])
def test_joints_far_outside_and_on_one_spot_are_no_error(skeleton_):
    count = len(skeleton_.joints)
    for x, y in ((1e12, -1e12), (3.2, 4.1), (-7, 400)):
        draw_pose(np.zeros((9, 7, 3), np.uint8), np.tile([[x, y, 1.0]], (count, 1)), skeleton_)


def test_joints_of_another_skeleton_are_an_error(skeleton):
    with pytest.raises(ValueError, match=r"joints must be \[5, 3\] for dots_5, got \[4, 3\]"):
        draw_pose(np.zeros((9, 9, 3), np.uint8), POSE[:4], skeleton)


def test_a_sheet_places_tiles_in_rows_without_squeezing_them():
    red, green, blue = (np.full((20, 10, 3), np.eye(3)[channel] * 255, np.uint8) for channel in range(3))
    sheet = contact_sheet([red, green, blue], 2, (40, 60))
    assert sheet.shape == (80, 120, 3)
    assert sheet[20, 30].tolist() == [255, 0, 0]
    assert sheet[20, 90].tolist() == [0, 255, 0]
    assert sheet[60, 30].tolist() == [0, 0, 255]
    # 20 x 10 fits as 40 x 20 in the middle of the cell.
    assert np.flatnonzero((sheet[20, :60] == [255, 0, 0]).all(axis=1)).tolist() == list(range(20, 40))
    assert (sheet[40:, 60:] == sheet[79, 119]).all()


def test_a_caption_stands_below_its_tile_and_stays_in_its_cell():
    tile = np.zeros((50, 50, 3), np.uint8)
    sheet = contact_sheet([tile, tile], 2, (50, 50), ["a very long caption indeed", ""])
    height = len(sheet) - 50
    assert height > 0
    assert (sheet[50:, :50] > 150).any()
    assert (sheet[50:, 50:] == sheet[-1, -1]).all()


def test_wrong_sheets_are_errors():
    tile = np.zeros((5, 5, 3), np.uint8)
    with pytest.raises(ValueError, match="at least one tile"):
        contact_sheet([], 2, (5, 5))
    with pytest.raises(ValueError, match="one column"):
        contact_sheet([tile], 0, (5, 5))
    with pytest.raises(ValueError, match="as many as tiles"):
        contact_sheet([tile], 1, (5, 5), ["a", "b"])
