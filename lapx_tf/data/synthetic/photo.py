"""What stands between a scene and its photograph: light, things in front, shadows on the ground, the camera."""

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.synthetic.outfit import cloth_colour, skin_colour
from lapx_tf.data.synthetic.paint import Floats, Image, Layer, Light, noise_patch
from lapx_tf.data.synthetic.scene import pixel, polygon

Rng = np.random.Generator


def random_light(rng: Rng) -> Light:
    """From the upper left to the upper right, harsh or flat."""
    direction = np.array([rng.uniform(-0.9, 0.9), rng.uniform(0.0, 0.9), rng.uniform(0.3, 1.0)])
    direction /= np.linalg.norm(direction)
    harsh = rng.uniform(0.1, 0.75)
    return Light(*(float(value) for value in direction), ambient=1.0 - 0.75 * harsh, diffuse=harsh)


def occluder(rng: Rng, size: tuple[int, int]) -> Layer:
    """Something in front of the person, float colours: a bar, a ball, a box, a blob or somebody's arm, at random."""
    height, width = size
    mask = np.zeros(size, np.uint8)
    center = rng.uniform(0.1, 0.9, 2) * (width, height)
    reach = rng.uniform(0.03, 0.15) * max(size)
    kind = rng.integers(5)
    colour = cloth_colour(rng)
    if kind == 0:
        turn = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
        along = 2 * max(size) * np.array([np.cos(turn), np.sin(turn)])
        cv2.line(mask, pixel(center - along), pixel(center + along), 255, int(rng.integers(1, 8)), cv2.LINE_AA)
    elif kind == 1:
        cv2.circle(mask, pixel(center), int(reach * 0.6) + 1, 255, -1, cv2.LINE_AA)
    elif kind == 2:
        colour = skin_colour(rng)
        edge = center + max(size) * rng.choice([-1, 1], 2) * rng.uniform(0.3, 1, 2)
        cv2.line(mask, pixel(center), pixel(edge), 255, int(reach * 0.5) + 2, cv2.LINE_AA)
    else:
        cv2.fillPoly(mask, [polygon(rng, center, reach, 4 if kind == 3 else 9)], 255, cv2.LINE_AA)
    alpha = mask.astype(np.float32) / 255
    grain = 1 + rng.uniform(0.02, 0.2) * noise_patch(*size, int(rng.integers(1 << 18)))
    return Layer((colour * (grain * alpha)[..., None]).clip(0, 255).astype(np.float32), alpha)


def shadow(picture: Image, foot: Floats, width: float, depth: float) -> None:
    """Darkens the ground about a foot, in place: a soft ellipse of `width` pixels, `depth` 0 to 1."""
    x = (np.arange(picture.shape[1], dtype=np.float32) - foot[0]) / width
    y = (np.arange(picture.shape[0], dtype=np.float32) - foot[1]) / (0.3 * width)
    near = np.flatnonzero(np.abs(y) < 2)
    if len(near):
        rows = slice(near[0], near[-1] + 1)
        dark = np.exp(-(y[rows, None] ** 2)) * np.exp(-x * x)
        picture[rows] *= (1 - depth * dark)[..., None].astype(np.float32)


def photograph(rng: Rng, picture: Image) -> NDArray[np.uint8]:
    """Exposure, contrast, colour cast, blur and noise of a camera: float32 [H, W, 3] to uint8 of the same shape."""
    size = picture.shape[:2]
    contrast = rng.uniform(0.8, 1.25)
    gain = contrast * rng.uniform(0.75, 1.25) * rng.uniform(0.92, 1.08, 3)
    level = 118 * (1 - contrast) + rng.normal(0, 8)
    picture = picture * gain.astype(np.float32)
    if rng.random() < 0.6:
        grain = np.random.default_rng(rng.integers(1 << 32)).standard_normal(size, np.float32)
        picture += (np.float32(rng.uniform(0.5, 5)) * grain)[..., None]
    if rng.random() < 0.04:
        picture = np.repeat(picture.mean(axis=-1, keepdims=True), 3, axis=-1)
    pixels = (picture + np.float32(level)).clip(0, 255).astype(np.uint8)
    # Lenses and scaling leave no edge sharper than this; it also hides the steps of prints and faces.
    sigma = rng.uniform(0.35, 0.6) if rng.random() < 0.6 else rng.uniform(0.6, 1.2)
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)
