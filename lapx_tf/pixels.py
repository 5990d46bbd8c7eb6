"""What the network expects of its input pixels, written down once.

Images are **RGB**, 8 bit; the network sees `(rgb / 255 - MEAN) / STD`, with the statistics of ImageNet (the field's habit).
Pixels outside the image are black (0, 0, 0) before the normalisation.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def normalize(rgb: ArrayLike, mean: tuple[float, ...] = MEAN, std: tuple[float, ...] = STD) -> NDArray[np.float32]:
    """Network input from pixels.

    Args:
        rgb: [..., 3], values 0 to 255, any number type.
        mean: of the three channels, in units of 255.
        std: likewise.

    Returns:
        float32 [..., 3].
    """
    scale = (1 / (255 * np.asarray(std))).astype(np.float32)
    offset = (np.asarray(mean) / np.asarray(std)).astype(np.float32)
    rgb = np.asarray(rgb, np.float32)
    width = rgb.shape[-2] if rgb.ndim > 1 else 1
    rows = rgb.reshape(-1, 3 * width)  # NumPy takes seven times as long for rows of three numbers
    return (rows * np.tile(scale, width) - np.tile(offset, width)).reshape(rgb.shape)
