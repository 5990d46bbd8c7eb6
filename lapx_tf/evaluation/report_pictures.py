"""The drawn persons of a report: the truth and what was found, side by side."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry, images
from lapx_tf.errors import InputError
from lapx_tf.evaluation.details import Case
from lapx_tf.runtime.drawing import draw_pose
from lapx_tf.skeletons import Skeleton

TILE = (224, 224)
"""(height, width) of each of the two pictures."""

QUALITY = 80
"""Of the JPEG: twenty persons take about half a megabyte."""


def drawn(cases: Iterable[Case], skeleton: Skeleton, count: int) -> tuple[list[tuple[Case, bytes]], int]:
    """Draws the first persons whose picture can be read.

    Args:
        cases: persons in the order in which they matter.
        skeleton: of their joints.
        count: how many to draw.

    Returns:
        Each person drawn with a JPEG file, and how many before the last of them could not be read.
    """
    found, missing = [], 0
    for case in cases:
        if len(found) == count:
            break
        try:
            found.append((case, _jpeg(case, skeleton)))
        except (InputError, OSError):
            missing += 1
    return found, missing


def _jpeg(case: Case, skeleton: Skeleton) -> bytes:
    """The truth to the left of what was found; joints that are not labelled are not drawn."""
    to_tile = geometry.crop_from_image(case.person.box, TILE)
    tile = images.warp(case.person.read(), to_tile, TILE).round().astype(np.uint8)
    truth = draw_pose(tile, geometry.transform(to_tile, case.person.joints), skeleton, min_score=0.5)
    gap = np.full((TILE[0], 4, 3), 255, np.uint8)
    pair = np.hstack([truth, gap, _found(case, tile, to_tile, skeleton)])
    return cv2.imencode(".jpg", pair[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def _found(case: Case, tile: NDArray[np.uint8], to_tile: geometry.Matrix, skeleton: Skeleton) -> NDArray[np.uint8]:
    if case.found is None:
        return tile
    # All of them whatever their score, as all of them were scored.
    everything = np.concatenate([case.found[:, :2], np.ones((len(case.found), 1))], axis=1)
    return draw_pose(tile, geometry.transform(to_tile, everything), skeleton)
