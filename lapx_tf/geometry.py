"""The one pixel convention, and the affine maps between an image, a crop and a heat map (NumPy only).

Convention, for images, crops and heat maps alike: x to the right, y down, **pixel centres at integers**; pixel i covers
[i - 0.5, i + 0.5]. A picture of width W therefore covers [-0.5, W - 0.5] and its centre is (W - 1) / 2. Mirroring is
x -> W - 1 - x, and a heat map that mirrors with its crop needs no further shift.

Sizes are (height, width); points are (x, y). Maps are 2x3 float64 matrices that act on column points (x, y, 1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]

STRIDE = 4
"""Pixels of the crop for one pixel of the heat map (LAPX' stem halves the resolution twice)."""


@dataclass(frozen=True)
class Box:
    """A person's box in pixels of the image: centre (x, y), width and height (all float)."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        values = (self.x, self.y, self.width, self.height)
        if not np.all(np.isfinite(values)) or self.width <= 0 or self.height <= 0:
            raise ValueError(f"a box needs finite values and a positive size, got {values}")

    def to_aspect(self, size: tuple[int, int]) -> "Box":
        """The smallest box around this one, same centre, with the aspect of a crop of `size` (height, width)."""
        aspect = size[1] / size[0]
        height = max(self.height, self.width / aspect)
        return Box(self.x, self.y, height * aspect, height)


def box_of_image(size: tuple[int, int]) -> Box:
    """The box of a whole image of `size` (height, width)."""
    height, width = size
    return Box((width - 1) / 2, (height - 1) / 2, width, height)


def box_around(points: ArrayLike, padding: float = 1.25) -> Box:
    """The square around the extent of points, as the field crops LSP, which has no person boxes.

    Args:
        points: [N, 2] (x, y), the joints to enclose.
        padding: side of the square as a multiple of the longer side of the extent.

    Raises:
        ValueError: no points, or a value that is not finite.
    """
    points = np.asarray(points, np.float64).reshape(-1, 2)
    if len(points) == 0:
        raise ValueError("a box needs at least one point, got none")
    low, high = points.min(axis=0), points.max(axis=0)
    # A single joint has no extent; one pixel keeps the box valid.
    side = max(float((high - low).max()) * padding, 1.0)
    center = (low + high) / 2
    return Box(float(center[0]), float(center[1]), side, side)


def compose(*matrices: Matrix) -> Matrix:
    """The map that applies the last matrix first: `compose(a, b)(p) == a(b(p))`."""
    product = np.eye(3)
    for matrix in matrices:
        product = product @ np.vstack([matrix, [0.0, 0.0, 1.0]])
    return product[:2]


def invert(matrix: Matrix) -> Matrix:
    """The inverse map."""
    return np.linalg.inv(np.vstack([matrix, [0.0, 0.0, 1.0]]))[:2]


def transform(matrix: Matrix, points: ArrayLike) -> NDArray[np.float64]:
    """Applies a map to points [..., 2]; further columns (visibility, score) are kept as they are."""
    points = np.array(points, np.float64)
    points[..., :2] = points[..., :2] @ matrix[:, :2].T + matrix[:, 2]
    return points


def crop_from_image(box: Box, size: tuple[int, int]) -> Matrix:
    """The map from pixels of the image to pixels of the crop of `size` (height, width).

    The box is first enlarged to the crop's aspect, so the person is never squeezed.
    """
    height, width = size
    box = box.to_aspect(size)
    scale = width / box.width
    return np.array([
        [scale, 0.0, (width - 1) / 2 - scale * box.x],
        [0.0, scale, (height - 1) / 2 - scale * box.y],
    ])  # fmt: skip


def crop_from_heatmap(stride: float = STRIDE) -> Matrix:
    """The map from pixels of the heat map to pixels of the crop: x -> stride * x + (stride - 1) / 2."""
    offset = (stride - 1) / 2
    return np.array([[stride, 0.0, offset], [0.0, stride, offset]])


def heatmap_size(size: tuple[int, int]) -> tuple[int, int]:
    """(height, width) of the heat map for a crop of `size`.

    Raises:
        ValueError: a side is not a positive multiple of the stride.
    """
    if any(side <= 0 or side % STRIDE for side in size):
        raise ValueError(f"input height and width must be positive multiples of {STRIDE}, got {tuple(size)}")
    return size[0] // STRIDE, size[1] // STRIDE
