"""The picture as a detector's file wants it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.engines import UNKNOWN, Engine
from lapx_tf.runtime.sessions import quantize
from lapx_tf.spec import TensorSpec

_DTYPES = ("float32", "float16", "uint8", "int8")


@dataclass(frozen=True)
class PictureInput:
    """A file's only input, a picture of a fixed size.

    Attributes:
        tensor: as the file describes it.
        size: (height, width) in pixels.
        channels_first: [1, 3, H, W] and not [1, H, W, 3].
    """

    tensor: TensorSpec
    size: tuple[int, int]
    channels_first: bool

    def stored(self, pixels: NDArray, scale: float = 1.0, offset: float = 0.0) -> NDArray:
        """What goes into the file.

        A uint8 takes the pixels as they are, whatever it says that they mean; other inputs get scale * pixel + offset, as
        integers where they are quantised.

        Args:
            pixels: uint8 [H, W, 3] of `size`.
            scale: from 0 ... 255 to the values that the network wants.
            offset: likewise.
        """
        batch = (pixels.transpose(2, 0, 1) if self.channels_first else pixels)[None]
        if self.tensor.dtype == "uint8":
            return np.ascontiguousarray(batch)
        values = batch.astype(np.float32) * np.float32(scale) + np.float32(offset)
        return np.ascontiguousarray(quantize(values, self.tensor))


def picture_input(engine: Engine) -> PictureInput:
    """The input of a detector.

    Raises:
        InputError: it is no picture of a fixed size, or there are several inputs.
    """
    if len(engine.inputs) != 1:
        raise InputError(f"{engine.model} has {len(engine.inputs)} inputs, a detector has one")
    (tensor,) = engine.inputs
    shape = tensor.shape
    for channels_first, sides in ((False, shape[1:3]), (True, shape[2:4])):
        if len(shape) == 4 and shape[1 if channels_first else 3] == 3 and min(sides) > 0 and shape[0] in (1, UNKNOWN):
            if tensor.dtype not in _DTYPES or (tensor.dtype == "int8" and tensor.quantization is None):
                break
            return PictureInput(tensor, (sides[0], sides[1]), channels_first)
    raise InputError(
        f"the input of {engine.model} is {tensor.dtype} {list(shape)}; accepted are pictures [1, H, W, 3] or [1, 3, H, W] of"
        f" a fixed size as {', '.join(_DTYPES)}"
    )


def stretched(image: NDArray[np.uint8], size: Sequence[int]) -> NDArray[np.uint8]:
    """The picture, uint8 [H, W, 3], brought to (height, width) without regard to its aspect."""
    shrinks = image.shape[0] >= size[0] and image.shape[1] >= size[1]
    # Averaging: bilinear interpolation would look at four pixels only.
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (size[1], size[0]), interpolation=method), np.uint8)


def letterboxed(image: NDArray[np.uint8], size: tuple[int, int], fill: int) -> tuple[NDArray[np.uint8], float]:
    """The picture as large as fits into (height, width), in the upper left corner, the rest grey.

    Args:
        image: uint8 [H, W, 3].
        size: to fill.
        fill: the grey.

    Returns:
        uint8 [*size, 3], and pixels of it for one pixel of the picture.
    """
    ratio = min(size[0] / image.shape[0], size[1] / image.shape[1])
    height, width = (max(1, int(side * ratio)) for side in image.shape[:2])
    canvas = np.full((*size, 3), fill, np.uint8)
    canvas[:height, :width] = stretched(image, (height, width))
    return canvas, ratio
