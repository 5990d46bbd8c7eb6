"""Pictures that commands write."""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands


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
