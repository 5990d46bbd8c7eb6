import numpy as np
import pytest

from lapx_tf.codecs import encode
from lapx_tf.codecs.decode import decode, merge_flipped
from lapx_tf.skeletons import MPII_16


def random_joints(count: int, size: tuple[int, int], joints: int = 4, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, [size[1] - 1, size[0] - 1], (count, joints, 2))
    return np.concatenate([xy, np.ones((count, joints, 1))], axis=-1).astype(np.float32)


@pytest.mark.parametrize("sigma", [1.0, 2.0])
def test_decode_inverts_encode_to_the_quarter_pixel_borders_included(sigma):
    size = (48, 32)
    joints = random_joints(200, size)
    joints[:4, 0, :2] = [[0, 0], [31, 47], [0, 47], [31, 0.4]]
    found = decode(np.asarray(encode.encode(joints, size, sigma)))
    assert np.abs(found - joints)[..., :2].max() <= 0.2501
    assert found[..., 2].min() > 0.75


def test_heat_maps_have_the_gaussian_s_values():
    heatmaps = np.asarray(encode.encode(np.array([[[3.25, 5.0, 1.0]]], np.float32), (12, 8), 1.5))
    expected = np.exp(-((4 - 3.25) ** 2 + (7 - 5.0) ** 2) / (2 * 1.5**2))
    assert heatmaps.shape == (1, 12, 8, 1)
    assert heatmaps[0, 7, 4, 0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("size", [(9, 7), (1, 5), (16, 16)])
def test_decoding_in_the_graph_gives_what_numpy_gives(size):
    rng = np.random.default_rng(1)
    heatmaps = np.round(rng.normal(size=(20, *size, 3)), 1).astype(np.float32)  # rounded, so that values tie
    np.testing.assert_array_equal(np.asarray(encode.decode(heatmaps)), decode(heatmaps))


def test_flip_test_puts_a_mirrored_crop_s_joints_where_they_belong():
    joints = random_joints(3, (16, 16), joints=16)
    mirrored = joints[:, MPII_16.flip_order].copy()
    mirrored[..., 0] = 15 - mirrored[..., 0]
    of_crop, of_mirrored = (np.asarray(encode.encode(j, (16, 16), 1.5)) for j in (joints, mirrored))
    np.testing.assert_allclose(merge_flipped(of_crop, of_mirrored, MPII_16.flip_order), of_crop, atol=1e-6)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\[B, h, w, K\]"):
        decode(np.zeros((4, 4, 2), np.float32))
