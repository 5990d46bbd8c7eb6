"""Backgrounds that have the statistics of photographs: occluding shapes of all sizes, few hues, soft light."""

from colorsys import hsv_to_rgb

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.synthetic.outfit import cloth_colour
from lapx_tf.data.synthetic.paint import Image, noise_patch

Rng = np.random.Generator
Bytes = NDArray[np.uint8]
Points = NDArray[np.float64]

# Brown, green and blue.
_HUES = (0.07, 0.1, 0.25, 0.58, 0.62)


def background(rng: Rng, size: tuple[int, int]) -> Image:
    """A scene without people: float32 [height, width, 3], RGB 0 to 255."""
    kinds = (_outdoors, _field, _indoors, _blurred)
    drawn = kinds[rng.choice(4, p=[0.3, 0.3, 0.25, 0.15])](rng, size)
    if rng.random() < 0.7:
        drawn = cv2.GaussianBlur(drawn, (0, 0), rng.uniform(0.5, 3.0))
    picture = drawn.astype(np.float32)
    # Soft light and shade over everything, and a finer grain.
    picture *= (1 + rng.uniform(0.0, 0.1) * _noise(rng, size, 2))[..., None]
    picture += (rng.uniform(0, 5) * _noise(rng, size))[..., None]
    return picture


def polygon(rng: Rng, center: Points, reach: float, corners: int) -> NDArray[np.int32]:
    """The corners [N, 2] of a blob about a centre, pixels."""
    angles = 2 * np.pi * (np.arange(corners) + rng.uniform(0, 0.8, corners)) / corners
    radii = reach * rng.uniform(0.6, 1.2, (corners, 1)) * (1.0, rng.uniform(0.4, 1.6))
    return (center + radii * np.stack([np.cos(angles), np.sin(angles)], axis=1)).round().astype(np.int32)


def pixel(point: Points) -> tuple[int, int]:
    """The nearest pixel (x, y)."""
    return round(float(point[0])), round(float(point[1]))


def _noise(rng: Rng, size: tuple[int, int], zoom: int = 1) -> Image:
    """1/f noise [height, width], enlarged."""
    patch = noise_patch(-(-size[0] // zoom), -(-size[1] // zoom), int(rng.integers(1 << 18)))
    return patch if zoom == 1 else np.asarray(cv2.resize(patch, size[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _tint(rng: Rng, hue: float, saturation: float, value: float) -> Points:
    """A colour near an HSV colour (all 0 to 1), RGB 0 to 255."""
    saturation, value = min(saturation * rng.uniform(0.6, 1.4), 1.0), min(value * rng.uniform(0.6, 1.4), 1.0)
    return np.array(hsv_to_rgb((hue + rng.normal(0, 0.03)) % 1, saturation, value)) * 255


def _any_tint(rng: Rng) -> list[float]:
    """What things that are nobody's clothes look like: muted, mostly brown, green, grey and blue."""
    if rng.random() < 0.15:
        return cloth_colour(rng).tolist()
    return _tint(rng, _HUES[rng.integers(len(_HUES))], rng.uniform(0.05, 0.5), rng.uniform(0.1, 0.9)).tolist()


def _gradient(size: tuple[int, int], top: Points, bottom: Points) -> Bytes:
    ramp = np.linspace(top, bottom, max(size[0], 1)).clip(0, 255).astype(np.uint8)
    return np.repeat(ramp[: size[0], None], size[1], axis=1)


def _clutter(rng: Rng, picture: Bytes, count: int, reach: float, low: float = 0.0, high: float = 1.0) -> None:
    """Scatters polygons, discs and bars of all sizes between two heights (parts of the picture's)."""
    height, width = picture.shape[:2]
    for _ in range(count):
        center = np.array([rng.uniform(0, width), rng.uniform(low, high) * height])
        radius = reach * max(height, width) * rng.uniform(0.15, 1.0) ** 2
        colour, kind = _any_tint(rng), rng.integers(4)
        if kind == 0:
            turn = rng.choice([0, 90, rng.uniform(0, 180)])
            cv2.ellipse(
                picture, pixel(center), pixel(radius * rng.uniform(0.3, 1, 2)), turn, 0, 360, colour, -1, cv2.LINE_AA
            )
        elif kind == 1:
            corner = center + radius * rng.uniform(0.2, 2, 2)
            cv2.rectangle(picture, pixel(center), pixel(corner), colour, -1)
        elif kind == 2:
            end = center + 3 * radius * rng.normal(0, 1, 2) * rng.choice([(1, 1), (0, 1), (1, 0)])
            cv2.line(picture, pixel(center), pixel(end), colour, int(rng.integers(1, 6)), cv2.LINE_AA)
        else:
            cv2.fillPoly(picture, [polygon(rng, center, radius, int(rng.integers(4, 12)))], colour, cv2.LINE_AA)


def _grid(rng: Rng, picture: Bytes, low: int, high: int) -> None:
    """Evenly spaced lines: bricks, planks, fences, windows."""
    width = picture.shape[1]
    step, colour = int(rng.integers(5, 40)), _any_tint(rng)
    slant = rng.choice([0.0, 0.0, 1.0]) * (high - low)
    for x in range(-int(slant), width + int(slant), step):
        cv2.line(picture, (x, low), (x + int(slant), high), colour, 1, cv2.LINE_AA)
        if slant:
            cv2.line(picture, (x, low), (x - int(slant), high), colour, 1, cv2.LINE_AA)
    for y in range(low, high, max(step // int(rng.integers(1, 4)), 4)) if not slant else ():
        cv2.line(picture, (0, y), (width, y), colour, 1, cv2.LINE_AA)


def _outdoors(rng: Rng, size: tuple[int, int]) -> Bytes:
    """Sky or haze, bushes or houses, and a ground."""
    height, width = size
    horizon = int(height * rng.uniform(0.1, 0.8))
    picture = _gradient(size, _tint(rng, 0.58, 0.35, 0.8), _tint(rng, 0.58, 0.1, 0.95))
    _clutter(rng, picture, int(rng.integers(0, 12)), 0.35, 0.5 * horizon / height, horizon / height)
    rows = (np.arange(height)[:, None] - horizon) / (height * rng.uniform(0.05, 0.6))
    bushes = (_noise(rng, size) > -1.5 - 2 * rows) & (rng.random() < 0.75)
    leaf = _tint(rng, 0.26, 0.45, 0.3) * (1 + 0.4 * _noise(rng, size))[..., None]
    picture[bushes] = leaf[bushes].clip(0, 255)
    hue, value = ((0.27, 0.45), (0.1, 0.6), (0.6, 0.5))[rng.integers(3)]
    near, far = _tint(rng, hue, 0.35, value), _tint(rng, hue, 0.35, value)
    picture[horizon:] = _gradient((height - horizon, width), 0.6 * far + 0.4 * near, near)
    _clutter(rng, picture, int(rng.integers(0, 15)), 0.15, horizon / height - 0.1, rng.uniform(horizon / height, 1.0))
    return picture


def _field(rng: Rng, size: tuple[int, int]) -> Bytes:
    """A sports ground with lines, and rows of spectators or a hoarding behind."""
    height, width = size
    horizon = int(height * rng.uniform(0.0, 0.7))
    hue, value = ((0.27, 0.45), (0.29, 0.5), (0.07, 0.6), (0.58, 0.6), (0.1, 0.7))[rng.integers(5)]
    picture = _gradient(size, _tint(rng, hue, 0.5, value), _tint(rng, hue, 0.5, value))
    if horizon > 8:
        picture[:horizon] = _any_tint(rng)
        if rng.random() < 0.5:
            cell = int(rng.integers(3, 10))
            crowd = rng.integers(10, 200, (horizon // cell + 1, width // cell + 1, 1)) + rng.integers(
                -40, 40, (1, 1, 3)
            )
            crowd = crowd + rng.normal(0, 25, (*crowd.shape[:2], 3))
            picture[:horizon] = cv2.resize(crowd.clip(0, 255).astype(np.uint8), (width, horizon))
        elif rng.random() < 0.5:
            _grid(rng, picture, 0, horizon)
        _clutter(rng, picture, int(rng.integers(0, 12)), 0.2, 0.0, horizon / height)
        if rng.random() < 0.5:
            board = horizon - int(rng.integers(4, 40))
            cv2.rectangle(picture, (0, board), (width, horizon), _any_tint(rng), -1)
    for _ in range(int(rng.integers(0, 4))):
        start, end = rng.uniform(-0.2, 1.2, (2, 2)) * (width, height - horizon) + (0, horizon)
        cv2.line(picture, pixel(start), pixel(end), (235.0, 235.0, 230.0), int(rng.integers(1, 4)), cv2.LINE_AA)
    return picture


def _indoors(rng: Rng, size: tuple[int, int]) -> Bytes:
    """A wall with things on it, and a floor."""
    height, width = size
    floor = int(height * rng.uniform(0.5, 1.0))
    wall = _tint(rng, rng.random(), 0.15, rng.uniform(0.4, 0.95))
    picture = _gradient(size, wall, wall * rng.uniform(0.6, 1.0))
    if rng.random() < 0.3:
        _grid(rng, picture, 0, floor)
    for _ in range(int(rng.integers(0, 7))):
        corner, extent = rng.uniform(-0.1, 0.9, 2) * (width, floor), rng.uniform(0.05, 0.45, 2) * (width, height)
        colour = _any_tint(rng)
        cv2.rectangle(picture, pixel(corner), pixel(corner + extent), colour, -1)
        frame = [0.6 * value for value in colour]
        cv2.rectangle(picture, pixel(corner), pixel(corner + extent), frame, int(rng.integers(1, 4)))
    near = _tint(rng, 0.09, 0.35, 0.5)
    picture[floor:] = _gradient((height - floor, width), 0.8 * near, near)
    _clutter(rng, picture, int(rng.integers(0, 15)), 0.2, 0.2, 1.0)
    return picture


def _blurred(rng: Rng, size: tuple[int, int]) -> Bytes:
    """Large soft patches of colour, as behind a portrait, under clutter."""
    cells = int(rng.integers(2, 8))
    colours = np.array([_any_tint(rng) for _ in range(cells * cells)]).reshape(cells, cells, 3).astype(np.uint8)
    picture = np.asarray(cv2.resize(colours, size[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
    _clutter(rng, picture, int(rng.integers(0, 50)), 0.25)
    return picture
