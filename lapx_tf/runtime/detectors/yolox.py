"""Files that answer as YOLOX does (Ge et al., arXiv 2107.08430; `yolox_*.onnx` of its releases).

One output [1, N, 5 + classes]: (x, y, width, height) of the box, x and y its centre, the score that anything is there, and the
score of each class. N is the number of cells of the grids of stride 8, 16 and 32, in this order, each in reading order. The box
is in pixels of the input, or relative to its cell as the releases' files give it: x and y in cells from the cell's, the
logarithm of width and height in cells. Which of the two shows in the numbers: in pixels the centres spread over the input,
relative to their cells they stay near 0.

The input is the picture scaled to fit, in the upper left corner, grey (114) elsewhere; BGR, 0 to 255.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.engines import UNKNOWN
from lapx_tf.spec import TensorSpec

FILL = 114
STRIDES = (8, 16, 32)

SAME_PERSON = 0.45
"""Of two boxes whose intersection over union is larger, the less sure one is left out (YOLOX' own)."""

_SPREAD = 0.25
"""Centres that reach this part of the input's shorter side are in pixels: relative to their cells they are a few units."""


def matches(outputs: Sequence[TensorSpec], size: tuple[int, int]) -> bool:
    """Whether a file of an input (height, width) has this output."""
    shape = outputs[0].shape
    return (
        len(outputs) == 1
        and len(shape) == 3
        and shape[0] in (1, UNKNOWN)
        and shape[1] in (len(cells(size)), UNKNOWN)
        and shape[2] > 5
    )


def cells(size: tuple[int, int]) -> NDArray[np.float32]:
    """float32 [N, 3] (column, row, stride) of each cell for an input of (height, width)."""
    grids = []
    for stride in STRIDES:
        rows, columns = np.mgrid[: size[0] // stride, : size[1] // stride]
        grids.append(np.stack([columns.ravel(), rows.ravel(), np.full(rows.size, stride)], axis=1))
    return np.concatenate(grids).astype(np.float32)


def read(
    rows: NDArray[np.float32], size: tuple[int, int], person: int, min_score: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The persons among the rows.

    Args:
        rows: float32 [1, N, 5 + classes].
        size: (height, width) of the input.
        person: the number of the class.
        min_score: boxes below it are left out.

    Returns:
        float32 [n, 4] (left, top, right, bottom), pixels of the input, and float32 [n] scores; the surest box of each person.

    Raises:
        InputError: there is another number of rows, or no such class.
    """
    grid, rows = cells(size), rows[0]
    if rows.shape[0] != len(grid) or rows.shape[1] <= 5 + person:
        raise InputError(
            f"the detector gave {list(rows.shape)}; rows must be {len(grid)} for its input, columns more than {5 + person}"
        )
    scores = rows[:, 4] * rows[:, 5 + person]
    centers, sides = rows[:, :2], rows[:, 2:4]
    if centers.max() <= _SPREAD * min(size):
        centers = (centers + grid[:, :2]) * grid[:, 2:]
        sides = np.exp(np.minimum(sides, np.float32(math.log(max(size))))) * grid[:, 2:]
    corners = centers - sides / 2
    boxes = np.concatenate([corners, sides], axis=1)
    kept = np.array(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), min_score, SAME_PERSON), np.intp).ravel()
    edges = np.concatenate([corners, corners + sides], axis=1)
    return edges[kept].astype(np.float32), scores[kept].astype(np.float32)
