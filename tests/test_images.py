import cv2
import numpy as np
import pytest

from lapx_tf import geometry, images
from lapx_tf.errors import InputError
from lapx_tf.geometry import Box


def dot(x: float, y: float, size: tuple[int, int], deviation: float = 2.5) -> np.ndarray:
    """A picture with one soft white dot, whose centre of mass is (x, y)."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    value = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * deviation**2))
    return np.repeat(value[..., None], 3, axis=-1).astype(np.float32)


def center_of_mass(image: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    weight = image[..., 0].astype(np.float64)
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


@pytest.mark.parametrize("seed", range(8))
def test_pixels_move_with_points_to_a_fiftieth_of_a_pixel(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(70, 130, 2)
    box = Box(x + rng.uniform(-20, 20), y + rng.uniform(-20, 20), *rng.uniform(80, 160, 2))
    to_crop = geometry.crop_from_image(box, (128, 96))
    warped = images.warp(dot(x, y, (200, 200)), to_crop, (128, 96))
    assert np.abs(center_of_mass(warped) - geometry.transform(to_crop, [x, y])).max() < 0.02


@pytest.mark.parametrize("shrink", [2.0, 3.3, 7.9])
def test_large_pictures_are_averaged_without_moving(shrink):
    size, (x, y) = (701, 503), (233.3, 402.7)
    to_crop = geometry.crop_from_image(Box(x + 11, y - 7, 64 * shrink, 64 * shrink), (64, 64))
    warped = images.warp(dot(x, y, size, deviation=2.5 * shrink), to_crop, (64, 64))
    assert np.abs(center_of_mass(warped) - geometry.transform(to_crop, [x, y])).max() < 0.02
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.float32)
    # The mean of n independent pixels deviates by 1 / sqrt(n) of what one does.
    assert images.warp(noise, to_crop, (64, 64))[4:-4, 4:-4].std() < noise.std() / int(shrink)


def test_identity_warp_changes_nothing():
    image = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
    to_crop = geometry.crop_from_image(geometry.box_of_image((32, 48)), (32, 48))
    np.testing.assert_array_equal(images.warp(image, to_crop, (32, 48)), image)


def test_outside_of_the_picture_is_black():
    image = np.full((10, 10, 3), 200, np.uint8)
    crop = images.warp(image, geometry.crop_from_image(Box(-50, -50, 20, 20), (16, 16)), (16, 16))
    assert not crop.any()


@pytest.mark.parametrize(
    "stored",
    [
        np.full((6, 8), 90, np.uint8),
        np.full((6, 8, 4), 90, np.uint8),
        np.full((6, 8, 3), 90 * 257, np.uint16),
    ],
    ids=["grey", "rgba", "16 bit"],
)
def test_other_kinds_of_picture_become_rgb(stored, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), stored)
    image = images.read_image(tmp_path / "a.png")
    assert image.shape == (6, 8, 3)
    assert image.dtype == np.uint8
    assert (image == 90).all()


def test_colours_are_rgb(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 4, 3), (10, 20, 250), np.uint8))  # OpenCV writes BGR
    assert images.read_image(tmp_path / "a.png")[0, 0].tolist() == [250, 20, 10]


@pytest.mark.parametrize("content", [b"", b"this is text", b"\xff\xd8\xff\xe0 cut"])
def test_what_is_no_picture_is_named(content, tmp_path):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.jpg"):
        images.read_image(tmp_path / "a.jpg")


def test_pictures_are_listed_by_name_and_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no picture in"):
        images.list_images(tmp_path)
    for name in ("b.JPG", "a.png", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in images.list_images(tmp_path)] == ["a.png", "b.JPG"]
