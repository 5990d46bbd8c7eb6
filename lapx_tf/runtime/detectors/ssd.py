"""Files that answer as an SSD with its post-processing inside: TensorFlow's Object Detection API, EfficientDet-Lite, MobileDet.

Four outputs, in any order: boxes [1, N, 4] (ymin, xmin, ymax, xmax, from 0 to 1), classes [1, N], scores [1, N] and how many of
the N there are [1]. The input is the whole picture, RGB, stretched to the input's size: uint8 as it is, other types as
rgb / 127.5 - 1.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.engines import UNKNOWN
from lapx_tf.spec import TensorSpec

SCALE, OFFSET = 1 / 127.5, -1.0
"""From a pixel to the network's value."""


def matches(outputs: Sequence[TensorSpec]) -> bool:
    """Whether a file has these outputs."""
    shapes = [tensor.shape for tensor in outputs]
    boxes = [shape for shape in shapes if len(shape) == 3 and shape[2] in (4, UNKNOWN)]
    return len(boxes) == 1 and sorted(len(shape) for shape in shapes if len(shape) != 3) in ([0, 2, 2], [1, 2, 2])


def read(
    answers: Sequence[NDArray[np.float32]], names: Sequence[str], person: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The persons among the detections.

    Args:
        answers: the four outputs, in the file's order.
        names: what the file calls them.
        person: the number of the class.

    Returns:
        float32 [n, 4] (left, top, right, bottom), as fractions of the picture, and float32 [n] scores.

    Raises:
        InputError: the outputs do not have the shapes above.
    """
    try:
        (boxes,) = [answer[0] for answer in answers if answer.ndim == 3]
        (count,) = [int(answer.item()) for answer in answers if answer.ndim < 2]
        classes, scores = _classes_and_scores([(n, a[0]) for n, a in zip(names, answers, strict=True) if a.ndim == 2])
        kept = np.flatnonzero(np.arange(len(boxes)) < count)
        kept = kept[np.rint(classes[kept]) == person]
        return boxes[kept][:, [1, 0, 3, 2]], scores[kept]
    except (ValueError, IndexError) as error:
        shapes = [list(answer.shape) for answer in answers]
        raise InputError(f"the detector gave outputs of the shapes {shapes}, which are none of an SSD") from error


def _classes_and_scores(named: Sequence[tuple[str, NDArray[np.float32]]]) -> tuple[NDArray, NDArray]:
    """Which of two outputs [N] is which: by their names, else by their values, else in the usual order, classes first."""
    (name, first), (other, second) = named
    if "score" in name.lower() or "class" in other.lower():
        return second, first
    if "class" in name.lower() or "score" in other.lower():
        return first, second
    # Classes are whole numbers. Where the scores are all 0 or 1 too, as where nothing was found, the order decides.
    return (second, first) if (first % 1).any() else (first, second)
