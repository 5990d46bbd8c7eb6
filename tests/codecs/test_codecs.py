import numpy as np
import pytest

from lapx_tf import geometry
from lapx_tf.codecs.dark import DECODERS, decode_dark
from lapx_tf.codecs.decode import decode, merge_flipped
from lapx_tf.codecs.encode import encode
from lapx_tf.skeletons import MPII_16
from tests.codecs.samples import random_joints, rough_maps


def encoded(joints: np.ndarray, size: tuple[int, int], sigma: float) -> np.ndarray:
    return np.asarray(encode(joints, size, sigma))


@pytest.mark.parametrize("sigma", [1.0, 1.7, 3.0])
@pytest.mark.parametrize("size", [(48, 32), (3, 5)])
def test_quarter_decoding_inverts_encoding_borders_included(size, sigma):
    joints = random_joints(200, size)
    found = decode(encoded(joints, size, sigma))
    assert np.abs(found - joints)[..., :2].max() <= 0.2501
    assert found[..., 2].min() > 0.75


@pytest.mark.parametrize("sigma", [1.0, 1.7, 3.0])
@pytest.mark.parametrize("size", [(48, 32), (3, 5)])
def test_unbiased_decoding_inverts_encoding_to_the_outer_edge_of_the_border_pixels(size, sigma):
    joints = random_joints(200, size, beyond=0.5)
    heatmaps = encoded(joints, size, sigma)
    found = decode_dark(heatmaps)
    assert np.abs(found - joints)[..., :2].max() < 1e-3
    np.testing.assert_array_equal(found[..., 2], heatmaps.max(axis=(1, 2)))
    np.testing.assert_allclose(decode_dark(7 * heatmaps)[..., :2], found[..., :2], atol=1e-4)


@pytest.mark.parametrize("size", [(256, 192), (128, 128)])
def test_a_joint_of_the_image_comes_back_from_its_heat_map(size):
    rng = np.random.default_rng(2)
    for _ in range(20):
        box = geometry.Box(*rng.uniform(0, 600, 2), *rng.uniform(60, 500, 2))
        to_crop, from_heatmap = geometry.crop_from_image(box, size), geometry.crop_from_heatmap()
        to_heatmap = geometry.compose(geometry.invert(from_heatmap), to_crop)
        of_map = geometry.heatmap_size(size)
        in_image = geometry.transform(geometry.invert(to_heatmap), random_joints(4, of_map, beyond=0.5))
        in_map = geometry.transform(to_heatmap, in_image).astype(np.float32)
        in_crop = geometry.transform(from_heatmap, decode_dark(encoded(in_map, of_map, 2.0)))
        found = geometry.transform(geometry.invert(to_crop), in_crop)
        assert np.abs(found - in_image)[..., :2].max() < 0.01


def test_heat_maps_have_the_gaussian_s_values():
    heatmaps = encoded(np.array([[[3.25, 5.0, 1.0]]], np.float32), (12, 8), 1.5)
    expected = np.exp(-((4 - 3.25) ** 2 + (7 - 5.0) ** 2) / (2 * 1.5**2))
    assert heatmaps.shape == (1, 12, 8, 1)
    assert heatmaps[0, 7, 4, 0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("size", [(9, 7), (1, 5), (2, 2)])
@pytest.mark.parametrize("name", DECODERS)
def test_a_joint_stays_within_half_a_pixel_of_the_first_maximum_of_any_map(name, size):
    heatmaps = rough_maps(size)
    planes = np.moveaxis(heatmaps, -1, 1).reshape(len(heatmaps), 3, -1)
    y, x = np.divmod(planes.argmax(axis=-1), size[1])
    with np.errstate(all="raise", under="ignore"):
        found = DECODERS[name](heatmaps)
    assert found.dtype == np.float32
    assert np.abs(found[..., :2] - np.stack([x, y], axis=-1)).max() <= 0.5
    np.testing.assert_array_equal(found[..., 2], planes.max(axis=-1))


@pytest.mark.parametrize("name", DECODERS)
def test_a_mirrored_map_gives_the_mirrored_joint(name):
    heatmaps = np.random.default_rng(3).normal(size=(50, 6, 8, 2)).astype(np.float32)
    expected = DECODERS[name](heatmaps)
    expected[..., :2] = [7, 5] - expected[..., :2]
    np.testing.assert_allclose(DECODERS[name](heatmaps[:, ::-1, ::-1]), expected, atol=1e-5)


def test_without_a_parabola_the_unbiased_decoder_gives_the_quarter_offset():
    noise = np.random.default_rng(4).uniform(0.1, 1, (20, 5, 6, 2)).astype(np.float32)
    for heatmaps in (-noise, np.ones_like(noise), 1 + 1e-5 * noise, noise[:, :2, :1]):
        np.testing.assert_array_equal(decode_dark(heatmaps), decode(heatmaps))
    tail = np.array([1, 0.1, 0.05], np.float32).reshape(
        1, 1, 3, 1
    )  # falls ever more slowly from the border: no Gaussian's
    np.testing.assert_array_equal(decode_dark(tail), decode(tail))


def test_two_equal_pixels_give_the_point_between_them_and_an_empty_neighbour_pushes_away():
    heatmaps = np.zeros((1, 5, 6, 2), np.float32)
    heatmaps[0, 2, 1:5, 0] = [0.4, 0.9, 0.9, 0.4]
    heatmaps[0, 2, 1:4, 1] = [0.8, 0.9, -0.1]
    found = decode_dark(heatmaps)
    np.testing.assert_allclose(found[0, 0], [2.5, 2, 0.9], atol=1e-5)
    assert 1.5 <= found[0, 1, 0] < 1.6


def mirrored(joints: np.ndarray, width: float) -> np.ndarray:
    """Joints [B, 16, 3] of MPII in a mirrored picture of a width."""
    swapped = joints[:, MPII_16.flip_order].copy()
    swapped[..., 0] = width - 1 - swapped[..., 0]
    return swapped


def test_flip_test_puts_a_mirrored_crop_s_joints_where_they_belong():
    joints = random_joints(4, (16, 16), joints=16)
    of_crop, of_mirrored = (encoded(j, (16, 16), 1.5) for j in (joints, mirrored(joints, 16)))
    np.testing.assert_allclose(merge_flipped(of_crop, of_mirrored, MPII_16.flip_order), of_crop, atol=1e-6)


@pytest.mark.parametrize(("shift", "error"), [(0, 0.375), (1, 0.125)])
def test_the_shift_of_the_flip_test_repairs_the_other_mapping_of_pixels(shift, error):
    in_crop = random_joints(5, (48, 48), joints=16) + np.array([8, 8, 0], np.float32)
    # Such networks put x of the crop at x / 4: mirrored back, the two maps lie 3/4 of a pixel apart.
    of_crop, of_mirrored = (encoded(j / 4, (16, 16), 2.0) for j in (in_crop, mirrored(in_crop, 64)))
    merged = merge_flipped(of_crop, of_mirrored, MPII_16.flip_order, shift=shift)
    moved = decode_dark(merged)[..., 0] - in_crop[..., 0] / 4
    assert np.abs(moved).max() == pytest.approx(error, abs=0.02)


def test_the_shift_of_the_flip_test_moves_to_the_right_and_keeps_the_first_column():
    of_mirrored = np.arange(4, dtype=np.float32).reshape(1, 1, 4, 1)
    merged = merge_flipped(np.zeros_like(of_mirrored), of_mirrored, [0], shift=1)
    assert (2 * merged).ravel().tolist() == [3, 3, 2, 1]


@pytest.mark.parametrize("name", DECODERS)
def test_other_shapes_are_refused(name):
    with pytest.raises(ValueError, match=r"\[B, h, w, K\]"):
        DECODERS[name](np.zeros((4, 4, 2), np.float32))
