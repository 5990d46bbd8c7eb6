"""`Detection`: where a person is in a picture, as detectors and annotation files say it."""

from collections.abc import Sequence
from dataclasses import dataclass

from lapx_tf.errors import InputError
from lapx_tf.geometry import Box


@dataclass(frozen=True)
class Detection:
    """A person found in a picture.

    Attributes:
        box: the person's extent without padding, pixels of the picture (centres at integers, see `geometry`).
        score: 0 to 1.
    """

    box: Box
    score: float = 1.0


def from_edges(edges: Sequence[float]) -> Box:
    """The box of a person from its edges (left, top, right, bottom) as detectors give them: the picture covers [0, width].

    Raises:
        InputError: a number is not finite, or nothing lies between the edges.
    """
    left, top, right, bottom = map(float, edges)
    try:
        # Half a pixel: here the first pixel covers [-0.5, 0.5].
        return Box((left + right - 1) / 2, (top + bottom - 1) / 2, right - left, bottom - top)
    except ValueError as error:
        raise InputError(f"the edges {[left, top, right, bottom]} leave no box between them") from error


def from_coco(bbox: Sequence[float]) -> Box:
    """The box of a person from COCO's `bbox`: (x, y, width, height), x and y the left and the upper edge.

    Raises:
        InputError: a number is not finite, or width or height are not positive.
    """
    x, y, width, height = map(float, bbox)
    return from_edges((x, y, x + width, y + height))


def padded(box: Box, padding: float) -> Box:
    """What to crop of a person's extent: enlarged about its centre as in training (Xiao et al., ECCV 2018)."""
    return Box(box.x, box.y, box.width * padding, box.height * padding)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    width = min(one.x + one.width / 2, other.x + other.width / 2) - max(
        one.x - one.width / 2, other.x - other.width / 2
    )
    height = min(one.y + one.height / 2, other.y + other.height / 2) - max(
        one.y - one.height / 2, other.y - other.height / 2
    )
    common = max(width, 0.0) * max(height, 0.0)
    return common / (one.width * one.height + other.width * other.height - common)
