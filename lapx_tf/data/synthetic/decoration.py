"""What a surface shows from where it is seen: faces and hair on heads, necklines and prints on trunks.

These tell front from back, and with it the person's left from right.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.synthetic.outfit import Outfit
from lapx_tf.data.synthetic.paint import Decoration, Floats, Image


def trunk_decoration(outfit: Outfit, chest: Floats) -> Decoration:
    """The neckline at the front, and prints at the front or back."""
    to_body = chest.astype(np.float32)

    def decorate(t: Image, normal: Image, colour: Image) -> Image:
        body = normal @ to_body
        side, front = body[..., 0], body[..., 2]
        # At the back the collar is high; at the front it dips.
        dip = np.where(front > 0, outfit.neckline, 0.02) * (1 - 1.6 * np.abs(side))
        open_ = t > 0.985 - dip
        size = outfit.emblem_size
        if outfit.emblem == 1:  # a number or a picture on the front
            mark = (front > 0) & (np.abs(side) < 0.5 * size) & (np.abs(t - 0.68) < 0.12 * size)
        elif outfit.emblem == 2:  # a number on the back
            mark = (front < 0) & (np.abs(side) < 0.5 * size) & (np.abs(t - 0.62) < 0.16 * size)
        elif outfit.emblem == 3:  # an open jacket, or a tie
            mark = (front > 0) & (np.abs(side) < 0.3 * size) & (t > 0.05)
        elif outfit.emblem == 4:  # a small badge on the left breast
            mark = (front > 0) & (np.abs(side - 0.4) < 0.12) & (np.abs(t - 0.75) < 0.05)
        elif outfit.emblem == 5:  # hoops
            mark = np.sin(t * 14 / (0.3 + size)) > 0.4
        else:
            mark = np.zeros(t.shape, bool)
        colour = np.where((mark & (t > outfit.waist))[..., None], outfit.accent, colour)
        return np.where(open_[..., None], outfit.skin, colour)

    return decorate


def head_surface(outfit: Outfit) -> Callable[[Image], Image]:
    """The face, the hair and what is worn on the head, as the colour of points of the unit sphere (left, up, forward)."""
    head = outfit.head

    def surface(point: Image) -> Image:
        left, up, front = point[..., 0], point[..., 1], point[..., 2]
        aside, facing = np.abs(left), front > 0.1
        colour = np.broadcast_to(outfit.skin, point.shape)
        dark = _near(aside - 0.37, up - 0.08, 0.17, 0.09)  # eyes
        dark = np.maximum(dark, 0.7 * _near(aside - 0.37, up - 0.26, 0.25, 0.06))  # brows
        dark = np.maximum(dark, 0.3 * _near(left, up + 0.22, 0.16, 0.08))  # below the nose
        if head.glasses:
            dark = np.maximum(dark, _near(aside - 0.37, up - 0.08, 0.34, 0.18))
        colour = _mix(colour, outfit.skin * 0.18, dark * facing)
        colour = _mix(colour, outfit.skin * (0.85, 0.5, 0.5), 0.8 * facing * _near(left, up + 0.5, 0.3, 0.09))
        colour = _mix(
            colour, outfit.skin * 0.72, _near(aside - 0.97, up + 0.02, 0.2, 0.25) * (np.abs(front) < 0.3)
        )  # ears
        if head.beard:
            colour = _mix(colour, head.hair, 0.8 * ((up < -0.3 + 0.25 * aside) & (front > -0.1) & (up > -0.95)))
        colour = _mix(colour, head.hair, up > head.hairline + 0.5 * front)
        if head.hat:
            edge = 0.42 if head.hat == 1 else 0.18
            colour = _mix(colour, outfit.accent, up > edge + (0.0 if head.hat == 1 else 0.25) * front)
            colour = _mix(colour, outfit.accent * 0.5, (np.abs(up - edge) < 0.09) & (front > 0.35))
        return colour

    return surface


def _near(x: Image, y: Image, width: float, height: float) -> Image:
    """1 within an ellipse about the origin, falling to 0 over its outer half."""
    return (2 - 2 * ((x / width) ** 2 + (y / height) ** 2)).clip(0, 1)


def _mix(colour: Image, other: Image, weight: NDArray) -> Image:
    """The other colour where the weight (0 to 1, or a mask) says so."""
    return colour + weight[..., None] * (np.asarray(other, np.float32) - colour)
