import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapx_tf import geometry
from lapx_tf.geometry import Box

pixel = st.floats(-1000, 1000)
side = st.floats(1, 2000)


@given(pixel, pixel, side, side, st.sampled_from([(256, 256), (256, 192), (64, 96)]))
def test_the_box_fills_the_crop_and_keeps_its_aspect(x, y, width, height, size):
    to_crop = geometry.crop_from_image(Box(x, y, width, height), size)
    assert to_crop[0, 0] == pytest.approx(to_crop[1, 1])
    corners = np.array([[x - width / 2, y - height / 2], [x + width / 2, y + height / 2]])
    low, high = geometry.transform(to_crop, corners)
    edges = np.array([-0.5, -0.5, size[1] - 0.5, size[0] - 0.5])
    found = np.concatenate([low, high])
    inside = [
        found[0] >= edges[0] - 1e-6,
        found[1] >= edges[1] - 1e-6,
        found[2] <= edges[2] + 1e-6,
        found[3] <= edges[3] + 1e-6,
    ]
    touching = np.isclose(found, edges, atol=1e-6)
    assert all(inside)
    assert (touching[0] and touching[2]) or (touching[1] and touching[3])


@given(pixel, pixel, side, pixel, pixel)
def test_image_to_heat_map_and_back_is_exact(x, y, width, at_x, at_y):
    to_heatmap = geometry.compose(
        geometry.invert(geometry.crop_from_heatmap()), geometry.crop_from_image(Box(x, y, width, width), (256, 256))
    )
    there = geometry.transform(to_heatmap, [at_x, at_y, 7.0])
    back = geometry.transform(geometry.invert(to_heatmap), there)
    np.testing.assert_allclose(back, [at_x, at_y, 7.0], atol=1e-6)


def test_pixel_centres_are_at_integers():
    whole = geometry.box_of_image((64, 128))
    np.testing.assert_allclose(geometry.crop_from_image(whole, (64, 128)), [[1, 0, 0], [0, 1, 0]], atol=1e-12)
    # Twice the size: pixel 0 becomes pixels 0 and 1, whose common centre is 0.5.
    np.testing.assert_allclose(geometry.transform(geometry.crop_from_image(whole, (128, 256)), [0, 0]), [0.5, 0.5])


def test_mirrored_crop_and_mirrored_heat_map_mean_the_same_point():
    point = np.array([37.25, 11.0])
    mirrored = np.array([255 - point[0], point[1]])
    to_heatmap = geometry.invert(geometry.crop_from_heatmap())
    expected = geometry.transform(to_heatmap, point)
    found = geometry.transform(to_heatmap, mirrored)
    np.testing.assert_allclose(63 - found[0], expected[0])


def test_box_around_is_the_padded_square():
    assert geometry.box_around([[10, 10], [30, 50]]) == Box(20, 30, 50, 50)
    assert geometry.box_around([[3, 4]]).width == 1


@pytest.mark.parametrize("values", [(0, 0, 0, 1), (0, 0, 1, -1), (np.nan, 0, 1, 1), (0, np.inf, 1, 1)])
def test_impossible_boxes_are_refused(values):
    with pytest.raises(ValueError, match="positive size"):
        Box(*values)


@pytest.mark.parametrize("size", [(0, 64), (63, 64), (-4, 4)])
def test_sizes_that_do_not_fit_the_stride_are_refused(size):
    with pytest.raises(ValueError, match="multiples of 4"):
        geometry.heatmap_size(size)
