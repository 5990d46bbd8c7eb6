"""What a figure wears and how it looks: skin, hair and clothes, drawn at random."""

from colorsys import hsv_to_rgb
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.synthetic.paint import Fabric

Rng = np.random.Generator
Colour = NDArray[np.float32]

# From the lightest to the darkest skin, RGB in full light.
_SKIN = np.array([
    (255, 224, 199), (241, 203, 172), (226, 181, 146), (202, 150, 115), (168, 117, 83), (130, 87, 61), (94, 62, 45),
    (62, 42, 34),
], np.float32)  # fmt: skip
_HAIR = np.array([
    (22, 18, 17), (40, 28, 22), (66, 44, 30), (104, 70, 42), (150, 108, 64), (205, 170, 112), (140, 62, 30),
    (170, 168, 165),
], np.float32)  # fmt: skip

# Hues of sports clothes: reds and blues, then yellow, orange, green, violet.
_DYES = np.array([0.99, 0.0, 0.01, 0.6, 0.62, 0.65, 0.57, 0.14, 0.07, 0.35, 0.4, 0.78])


@dataclass(frozen=True, eq=False)
class Head:
    """What is on a head.

    Attributes:
        hair: colour, float32 [3] RGB 0 to 255.
        hairline: height of the hair over the ears, on the unit sphere of the head; 2 is bald.
        long_hair: length in heads; 0 for short hair.
        hat: 0 none, 1 cap, 2 helmet.
        beard, glasses: whether.
    """

    hair: Colour
    hairline: float
    long_hair: float
    hat: int
    beard: bool
    glasses: bool


@dataclass(frozen=True, eq=False)
class Outfit:
    """Colours are float32 [3] RGB 0 to 255; covers run from 0 (none) over 1 (to the elbow or knee) to 2 (wrist, ankle).

    Attributes:
        head: what is on the head.
        skin, top, sleeve, bottom, shoe, sock, accent, glove: colours; a bare chest is a top of skin.
        sleeves: cover of the arms, and `legs` of the legs; `socks` is the part of the shin, from the ankle up.
        loose: how much wider than the limb the cloth is, 0 to 0.3.
        waist: where the top ends on the trunk, 0 the hip joints to 1 the shoulders.
        skirt: its length as a part of the thigh, 0 for none.
        neckline: depth of the neckline at the front, 0 to 0.25 of the trunk.
        emblem: what is printed on the trunk, an index into `figure`'s decorations; `emblem_size` 0 to 1.
        right_prop, left_prop: what the hand holds, 0 nothing, 1 a stick, 2 a racket, 3 a ball.
    """

    head: Head
    skin: Colour
    top: Colour
    sleeve: Colour
    bottom: Colour
    shoe: Colour
    sock: Colour
    accent: Colour
    glove: Colour
    sleeves: float
    legs: float
    socks: float
    loose: float
    waist: float
    skirt: float
    neckline: float
    emblem: int
    emblem_size: float
    right_prop: int
    left_prop: int
    top_fabric: Fabric
    bottom_fabric: Fabric
    skin_fabric: Fabric


def cloth_colour(rng: Rng) -> Colour:
    """White, black and grey as often as in a street; else saturated (sports) or muted."""
    kind = rng.random()
    if kind < 0.35:
        value = rng.choice([rng.uniform(0.05, 0.25), rng.uniform(0.8, 1.0), rng.uniform(0.25, 0.8)])
        rgb = hsv_to_rgb(rng.random(), rng.uniform(0, 0.1), value)
    elif kind < 0.6:
        rgb = hsv_to_rgb(rng.choice(_DYES) + rng.normal(0, 0.02), rng.uniform(0.55, 0.9), rng.uniform(0.35, 0.9))
    else:
        rgb = hsv_to_rgb(rng.normal(0.6, 0.2) % 1, rng.uniform(0.1, 0.5), rng.uniform(0.15, 0.8))
    return np.array(rgb, np.float32) * 255


def skin_colour(rng: Rng) -> Colour:
    """Anywhere in the human range."""
    place = rng.uniform(0, len(_SKIN) - 1)
    tone = _SKIN[int(place)] + (place % 1) * (_SKIN[min(int(place) + 1, len(_SKIN) - 1)] - _SKIN[int(place)])
    return (tone * rng.uniform(0.93, 1.05, 3)).astype(np.float32)


def random_outfit(rng: Rng, pixels: float) -> Outfit:
    """An outfit for a figure whose stature is so many pixels (prints scale with it)."""
    skin, top, bottom = skin_colour(rng), cloth_colour(rng), cloth_colour(rng)
    bare, suit = rng.random() < 0.1, rng.random() < 0.15
    if bare:
        top = skin
    elif suit:
        bottom = top
    skirted = not bare and rng.random() < 0.1
    legs = rng.choice(
        [rng.uniform(0.15, 0.4), rng.uniform(0.5, 0.95), rng.uniform(1.3, 1.7), 1.95], p=[0.2, 0.35, 0.05, 0.4]
    )
    return Outfit(
        head=_random_head(rng),
        skin=skin,
        top=top,
        sleeve=top if rng.random() < 0.75 else cloth_colour(rng),
        bottom=bottom,
        shoe=skin if rng.random() < 0.12 else cloth_colour(rng),
        sock=cloth_colour(rng),
        accent=cloth_colour(rng),
        glove=skin if rng.random() < 0.92 else cloth_colour(rng),
        sleeves=0.0 if bare else float(rng.choice([0.0, 0.2, rng.uniform(0.4, 0.85), 1.95], p=[0.15, 0.1, 0.4, 0.35])),
        legs=0.0 if skirted else float(legs),
        socks=rng.uniform(0.1, 0.8) if rng.random() < 0.5 else 0.0,
        loose=rng.uniform(0.0, 0.28),
        waist=float(rng.choice([0.0, rng.uniform(0.05, 0.2)])),
        skirt=rng.uniform(0.35, 1.0) if skirted else 0.0,
        neckline=rng.uniform(0.02, 0.2),
        emblem=0 if bare else int(rng.integers(0, 7)),
        emblem_size=rng.uniform(0.3, 1.0),
        right_prop=int(rng.integers(1, 4)) if rng.random() < 0.12 else 0,
        left_prop=int(rng.integers(1, 4)) if rng.random() < 0.06 else 0,
        top_fabric=Fabric(0.03, seed=int(rng.integers(1 << 18))) if bare else _fabric(rng, pixels),
        bottom_fabric=_fabric(rng, pixels),
        skin_fabric=Fabric(folds=0.04, seed=int(rng.integers(1 << 18))),
    )


def _random_head(rng: Rng) -> Head:
    return Head(
        hair=_HAIR[rng.integers(len(_HAIR))] * np.float32(rng.uniform(0.7, 1.2)),
        hairline=2.0 if rng.random() < 0.08 else rng.uniform(-0.15, 0.2),
        long_hair=rng.uniform(0.6, 1.8) if rng.random() < 0.3 else 0.0,
        hat=int(rng.choice([0, 1, 2], p=[0.75, 0.17, 0.08])),
        beard=bool(rng.random() < 0.15),
        glasses=bool(rng.random() < 0.12),
    )


def _fabric(rng: Rng, pixels: float) -> Fabric:
    printed = rng.random() < 0.25
    return Fabric(
        folds=rng.uniform(0.02, 0.11),
        stripe=pixels * rng.uniform(0.015, 0.06),
        print_=rng.uniform(-0.5, 0.6) if printed else 0.0,
        blotch=bool(rng.random() < 0.4),
        seed=int(rng.integers(1 << 18)),
    )
