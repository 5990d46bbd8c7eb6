"""Pictures that commands write, and what the network sees as pictures."""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands, geometry, images, pixels

_GLOW = np.array([255, 210, 0], np.float32)


def picture_file(text: str) -> Path:
    """An argument that names a picture to write."""
    path = Path(text)
    if path.suffix not in (".png", ".jpg"):
        raise argparse.ArgumentTypeError(f"must end in .png or .jpg, got {text!r}")
    return path


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Writes a picture, uint8 [H, W, 3] RGB, whole."""
    with commands.whole_file(path) as beside:
        beside.write_bytes(cv2.imencode(path.suffix, picture[..., ::-1])[1].tobytes())


def rgb(crop: NDArray) -> NDArray[np.uint8]:
    """The picture, uint8 [H, W, 3], of a crop as the network sees it: the inverse of `pixels.normalize`."""
    return ((crop * pixels.STD + pixels.MEAN) * 255).round().clip(0, 255).astype(np.uint8)


def glowing(crop: NDArray[np.float32], heatmaps: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The crop in grey, and on it the maximum over heat maps, which glow where they are 1.

    Args:
        crop: [H, W, 3] as `pixels` normalises it.
        heatmaps: [h, w, K].

    Returns:
        uint8 [H, W, 3], RGB.
    """
    highest = heatmaps.max(axis=-1, keepdims=True).clip(0, 1)
    size = (crop.shape[0], crop.shape[1])
    glow = images.warp(np.repeat(highest, 3, axis=-1), geometry.crop_from_heatmap(), size)
    grey = cv2.cvtColor(rgb(crop), cv2.COLOR_RGB2GRAY)[..., None] * 0.7
    return (grey * (1 - glow) + _GLOW * glow).round().astype(np.uint8)
