"""Reading pictures and cutting crops out of them: one implementation for training, evaluation and the device."""

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.geometry import Matrix, compose

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp")

_TOO_MANY = "more pixels than are read, to keep memory bounded: make it smaller, or set OPENCV_IO_MAX_IMAGE_PIXELS"


def decode_image(encoded: bytes, name: str, *, upright: bool = True) -> NDArray[np.uint8]:
    """Pixels of a picture.

    Grey, RGBA and 16-bit pictures become 8-bit RGB.

    Args:
        encoded: the content of the file.
        name: the file's name, for the error.
        upright: turn the picture as its EXIF orientation says. Off for data sets, whose coordinates mean stored pixels.

    Returns:
        uint8 [H, W, 3], RGB.

    Raises:
        InputError: this is no picture.
    """
    flags = cv2.IMREAD_COLOR_RGB | (0 if upright else cv2.IMREAD_IGNORE_ORIENTATION)
    try:
        image = cv2.imdecode(np.frombuffer(encoded, np.uint8), flags) if encoded else None
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in error.err:
            raise InputError(f"{name} has {_TOO_MANY}") from error
        raise InputError(f"{name} can't be read as a picture: {error.err}") from error
    if image is None:
        raise InputError(f"{name} is not a picture that can be read; accepted are {', '.join(ENDINGS)}")
    return np.asarray(image, np.uint8)


def read_image(path: Path, *, upright: bool = True) -> NDArray[np.uint8]:
    """Like `decode_image`, of a file."""
    return decode_image(path.read_bytes(), str(path), upright=upright)


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """The content of a PNG file of a picture, uint8 [H, W, 3], RGB."""
    return cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()


def list_images(folder: Path) -> list[Path]:
    """The pictures in a folder (by their ending, not in its subfolders), sorted by name.

    Raises:
        InputError: there is none.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    if not found:
        raise InputError(f"no picture in {folder}; accepted are {', '.join(ENDINGS)}")
    return found


def warp(image: NDArray, crop_from_image: Matrix, size: tuple[int, int]) -> NDArray[np.float32]:
    """Cuts a crop out of a picture with bilinear interpolation; black outside the picture.

    A picture that has to shrink to less than half is first averaged down by a whole factor: bilinear interpolation looks at
    four pixels only and would turn the rest into noise.

    Args:
        image: [H, W, 3], 0 to 255.
        crop_from_image: the map from pixels of the image to pixels of the crop (see `geometry`).
        size: (height, width) of the crop.

    Returns:
        float32 [height, width, 3], 0 to 255.
    """
    image, crop_from_image = _around_crop(*_averaged(image, crop_from_image), size)
    # In 8 bits OpenCV rounds the result; in float32 it does not.
    floats = image.astype(np.float32, copy=False)
    return np.asarray(
        cv2.warpAffine(floats, crop_from_image, size[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT),
        np.float32,
    )


def _averaged(image: NDArray, crop_from_image: Matrix) -> tuple[NDArray, Matrix]:
    """The picture averaged down as far as the crop's scale allows, and the map from there."""
    (a, b, _), (c, d, _) = crop_from_image.tolist()
    factor = int(1 / max(math.sqrt(abs(a * d - b * c)), 1e-6))
    if factor < 2:
        return image, crop_from_image
    height, width = image.shape[:2]
    small = cv2.resize(image, (-(-width // factor), -(-height // factor)), interpolation=cv2.INTER_AREA)
    x, y = width / small.shape[1], height / small.shape[0]
    # Pixel i covers [i - 0.5, i + 0.5] here and there.
    image_from_small = np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]])
    return small, compose(crop_from_image, image_from_small)


def _around_crop(image: NDArray, crop_from_image: Matrix, size: tuple[int, int]) -> tuple[NDArray, Matrix]:
    """The part of the picture that the crop shows, and the map from there.

    So a person in a large picture costs no conversion of the whole picture to floats, and OpenCV computes in float32 with
    small coordinates, which it rounds less.
    """
    half = size[1] / 2, size[0] / 2
    first, last = [], []
    # Numbers of Python's own: for so few of them NumPy takes three times as long.
    for (a, b, c), length in zip(cv2.invertAffineTransform(crop_from_image).tolist(), image.shape[1::-1], strict=True):
        center = a * (half[0] - 0.5) + b * (half[1] - 0.5) + c
        reach = abs(a) * half[0] + abs(b) * half[1] + 1  # interpolation looks one pixel further
        # At least one pixel is left where the crop lies beside the picture.
        first.append(min(max(math.floor(center - reach), 0), length - 1))
        last.append(max(math.ceil(center + reach), first[-1]))
    moved = crop_from_image.copy()
    moved[:, 2] += crop_from_image[:, :2] @ first
    return image[first[1] : last[1] + 1, first[0] : last[0] + 1], moved
