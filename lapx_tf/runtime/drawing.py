"""Drawing poses, and sheets of small pictures.

Colours tell the person's sides apart for colour-blind people too (Okabe and Ito's palette): blue is left, orange is right and
white is the middle. A dark outline keeps them readable on any background.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from lapx_tf.runtime.poses import Pose
from lapx_tf.skeletons import Skeleton

Image = NDArray[np.uint8]
Color = tuple[int, int, int]

LEFT: Color = (48, 164, 255)
RIGHT: Color = (255, 150, 0)
MIDDLE: Color = (245, 245, 245)
OUTLINE: Color = (20, 20, 24)
PAPER: Color = (32, 32, 36)

CLEAR = 0.25
"""Joints are drawn from this fraction of the pose's best score on: weak networks have low scores throughout."""

_SHIFT = 4  # OpenCV's fixed point: coordinates in sixteenths of a pixel
_ROUND = 8  # corners of each half circle at a limb's ends


def draw_people(image: Image, poses: Sequence[Pose]) -> Image:
    """A copy of the picture with everybody on it, without joints that are unclear beside the others of the same pose.

    Args:
        image: uint8 [H, W, 3], RGB.
        poses: the surest first: it is drawn last, so that nobody covers it.

    Returns:
        uint8 [H, W, 3], RGB.
    """
    canvas = np.array(image, order="C")
    for pose in reversed(poses):
        least = CLEAR * max(float(pose.joints[:, 2].max()), 0.0)
        _draw(canvas, pose.joints.astype(np.float64), pose.skeleton, least)
    return canvas


def draw_pose(image: Image, joints: ArrayLike, skeleton: Skeleton, min_score: float = 0.2) -> Image:
    """A copy of the picture with the pose on it.

    The lines are as thick as the picture and the person allow, so a pose reads in a thumbnail and in a large photograph.

    Args:
        image: uint8 [H, W, 3], RGB.
        joints: [K, 3] (x, y, score), pixels of the image.
        skeleton: what the K joints are.
        min_score: joints below it are left out, with their limbs; so are joints that are not finite.

    Returns:
        uint8 [H, W, 3], RGB.

    Raises:
        ValueError: `joints` has another shape.
    """
    joints = np.asarray(joints, np.float64)
    if joints.shape != (len(skeleton.joints), 3):
        raise ValueError(f"joints must be [{len(skeleton.joints)}, 3] for {skeleton.name}, got {list(joints.shape)}")
    canvas = np.array(image, order="C")
    _draw(canvas, joints, skeleton, min_score)
    return canvas


def _draw(canvas: Image, joints: NDArray[np.float64], skeleton: Skeleton, min_score: float) -> None:
    """Draws onto the picture itself; see `draw_pose`."""
    shown = np.isfinite(joints).all(axis=1) & (joints[:, 2] >= min_score)
    if not shown.any():
        return
    points, sides = joints[:, :2], [_side(name) for name in skeleton.joints]
    limbs = [(a, b, _mixed(sides[a], sides[b])) for a, b in skeleton.limbs if shown[a] and shown[b]]
    limbs.sort(key=lambda limb: limb[2] != MIDDLE)  # the middle lies behind
    width = _line_width(canvas.shape[:2], points[shown])
    outline = max(0.3 * width, 0.75)
    # Limb by limb, so that an arm before the trunk stays apart from it; the joints cover the seams.
    for a, b, color in limbs:
        _capsule(canvas, points[a], points[b], width / 2 + outline, OUTLINE)
        _capsule(canvas, points[a], points[b], width / 2, color)
    for index in np.flatnonzero(shown):
        _disc(canvas, points[index], 0.7 * width + outline, OUTLINE)
        _disc(canvas, points[index], 0.7 * width, _lightened(sides[index]))


def contact_sheet(
    tiles: Sequence[Image], columns: int, tile_size: tuple[int, int], captions: Sequence[str] | None = None
) -> Image:
    """Pictures in rows, each scaled to fit its cell without being squeezed.

    Args:
        tiles: uint8 [H, W, 3], RGB, of any sizes.
        columns: pictures in a row.
        tile_size: (height, width) of a cell, in pixels, without its caption.
        captions: one line under each picture; it is cut off where the cell ends.

    Returns:
        uint8 [rows * cell height, columns * cell width, 3], RGB.

    Raises:
        ValueError: no tiles, no columns, or another number of captions than of tiles.
    """
    if not tiles or columns < 1:
        raise ValueError(f"a sheet needs at least one tile and one column, got {len(tiles)} and {columns}")
    if captions is not None and len(captions) != len(tiles):
        raise ValueError(f"captions must be as many as tiles (={len(tiles)}), got {len(captions)}")
    cells = [_letterbox(tile, tile_size) for tile in tiles]
    if captions is not None:
        cells = [np.vstack([cell, _caption(text, tile_size)]) for cell, text in zip(cells, captions, strict=True)]
    blank = np.full_like(cells[0], PAPER)
    cells += [blank] * (-len(cells) % columns)
    rows = [np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    return np.vstack(rows)


def _side(joint: str) -> Color:
    if joint.startswith("left"):
        return LEFT
    return RIGHT if joint.startswith("right") else MIDDLE


def _mixed(one: Color, other: Color) -> Color:
    """A limb has the side of its joints; from the middle to a side it belongs to the side."""
    if one == other or other == MIDDLE:
        return one
    return other if one == MIDDLE else MIDDLE


def _lightened(color: Color) -> Color:
    red, green, blue = (value + (255 - value) * 11 // 20 for value in color)
    return red, green, blue


def _line_width(size: Sequence[int], points: NDArray) -> float:
    """Width of a limb in pixels: of the picture's size, less for a small person, never hardly visible."""
    extent = float(np.ptp(points, axis=0).max())
    by_image = 0.0085 * math.hypot(*size)
    return max(1.4, min(by_image, 0.03 * extent) if extent > 0 else by_image)


def _fixed_point(values: NDArray) -> NDArray[np.int32]:
    # Far outside the picture OpenCV's integers would overflow.
    return np.rint(np.clip(values, -1e6, 1e6) * 2**_SHIFT).astype(np.int32)


def _disc(canvas: Image, center: NDArray, radius: float, color: Color) -> None:
    # Not cv2.circle: with a radius of two pixels it draws a cross.
    _capsule(canvas, center, center, radius, color)


def _capsule(canvas: Image, start: NDArray, end: NDArray, radius: float, color: Color) -> None:
    """A line with round ends. As a polygon, because OpenCV's lines have a whole number of pixels as width."""
    along = np.arctan2(end[1] - start[1], end[0] - start[0])
    arc = along + np.linspace(-np.pi / 2, np.pi / 2, _ROUND)
    half_circle = radius * np.stack([np.cos(arc), np.sin(arc)], axis=1)
    corners = np.concatenate([end + half_circle, start - half_circle])
    cv2.fillConvexPoly(canvas, _fixed_point(corners), color, cv2.LINE_AA, _SHIFT)


def _letterbox(tile: Image, size: tuple[int, int]) -> Image:
    scale = min(size[0] / tile.shape[0], size[1] / tile.shape[1])
    height, width = (max(1, round(side * scale)) for side in tile.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    cell = np.full((*size, 3), PAPER, np.uint8)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    cell[top : top + height, left : left + width] = cv2.resize(tile, (width, height), interpolation=method)
    return cell


def _caption(text: str, tile_size: tuple[int, int]) -> Image:
    """A strip [h, W, 3] as wide as the cell."""
    height = int(np.clip(tile_size[0] // 10, 14, 32))
    strip = np.full((height, tile_size[1], 3), PAPER, np.uint8)
    font, scale, margin = cv2.FONT_HERSHEY_SIMPLEX, height / 44, height // 4
    fitting = text
    while fitting and cv2.getTextSize(fitting, font, scale, 1)[0][0] > tile_size[1] - 2 * margin:
        text = text[:-1]
        fitting = text.rstrip() + "…" if text else ""
    cv2.putText(strip, fitting, (margin, round(0.72 * height)), font, scale, MIDDLE, 1, cv2.LINE_AA)
    return strip
