"""A posed body in clothes as solids to paint, and the camera that sees it."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from lapx_tf.data.synthetic.body import Body, rotation
from lapx_tf.data.synthetic.decoration import head_surface, trunk_decoration
from lapx_tf.data.synthetic.outfit import Colour, Outfit
from lapx_tf.data.synthetic.paint import PLAIN, STATIONS, Ellipsoid, Fabric, Floats, Image, Layer, Light, Tube, paint
from lapx_tf.skeletons import MPII_16

_PELVIS, _THORAX, _NECK, _HEAD_TOP = MPII_16.indices_of(["pelvis", "thorax", "neck", "head_top"])
_ARMS = [
    MPII_16.indices_of([f"{side}_{part}" for part in ("wrist", "elbow", "shoulder")]) for side in ("right", "left")
]
_LEGS = [MPII_16.indices_of([f"{side}_{part}" for part in ("ankle", "knee", "hip")]) for side in ("right", "left")]

_T = np.linspace(0, 1, STATIONS, dtype=np.float32)

# The camera's y points up, the picture's down.
_DOWN = np.array([1.0, -1.0])

# Half the width to the side and to the front along the trunk, from the hip joints (0) to the shoulders (1), in statures.
_TRUNK_T = (0.0, 0.2, 0.45, 0.7, 0.86, 0.95, 1.0)
_TRUNK_SIDE = (0.088, 0.088, 0.074, 0.086, 0.093, 0.080, 0.050)
_TRUNK_FRONT = (0.066, 0.066, 0.056, 0.068, 0.068, 0.050, 0.036)

# Radii along the limbs, in statures at average girth.
_UPPER_ARM = (0.034, 0.036, 0.031, 0.026)
_FOREARM = (0.026, 0.028, 0.023, 0.017)
_HAND = (0.017, 0.023, 0.020, 0.012)
_THIGH = (0.058, 0.056, 0.046, 0.036)
_SHIN = (0.035, 0.038, 0.029, 0.021)
_FOOT = (0.021, 0.023, 0.021, 0.015)

# Length and radii of a stick, a racket and a ball, in statures.
_PROPS = ((0.5, (0.010, 0.012, 0.018)), (0.38, (0.007, 0.007, 0.045, 0.065, 0.05)), (0.07, (0.05, 0.055, 0.05)))


@dataclass(frozen=True)
class View:
    """A camera `distance` statures away: `scale` pixels for a stature at the origin, which lies at pixel (x, y)."""

    x: float
    y: float
    scale: float
    distance: float

    def project(self, points: ArrayLike) -> Floats:
        """Points [..., 3] of the camera's frame as pixels [..., 2]."""
        points = np.asarray(points, np.float64)
        return points[..., :2] * (self.near(points[..., 2:]) * _DOWN) + np.array([self.x, self.y])

    def near(self, z: ArrayLike) -> Floats:
        """Pixels for a stature at a depth z."""
        return self.scale * self.distance / (self.distance - np.asarray(z))


@dataclass(frozen=True, eq=False)
class Figure:
    """A body in an outfit, seen by a camera."""

    body: Body
    outfit: Outfit
    view: View

    @property
    def joints(self) -> Floats:
        """float64 [16, 2] (x, y), pixels."""
        return self.view.project(self.body.joints)

    def layer(self, size: tuple[int, int], light: Light) -> Layer:
        """The painted figure on a picture of (height, width)."""
        layer = Layer.empty(size)
        paint(layer, [*_trunk(self), *_head(self), *_arms(self), *_legs(self)], light)
        return layer

    def tube(
        self, start: Floats, end: Floats, radii: Image, colour: Image, fabric: Fabric = PLAIN, nearer: float = 0.0
    ) -> Tube:
        """A tube between points of the camera's frame; radii [STATIONS] in statures, `nearer` a bias of its depth."""
        pixels = self.view.project([start, end])
        depth = float(start[2] + end[2]) / 2
        radii = (radii * self.view.near(depth)).astype(np.float32)
        return Tube(pixels[0], pixels[1], radii, colour, depth + nearer, fabric)


@lru_cache(maxsize=64)
def profile(*knots: float) -> Image:
    """Values at equal distances, interpolated to the stations of a tube [STATIONS]; shared, so never written to."""
    return np.interp(_T, np.linspace(0, 1, len(knots)), knots).astype(np.float32)


def dressed(skin: Colour, cloth: Colour, cover: float) -> Image:
    """Colours [STATIONS, 3] of a limb that cloth covers up to `cover`."""
    return np.where((cover > _T)[:, None], cloth, skin).astype(np.float32)


def loosened(radii: Image, cover: float, loose: float) -> Image:
    """The radii where cloth hangs about the limb; cloth hangs wider towards its end."""
    return radii * (1 + np.where(cover > _T, loose * (0.3 + 0.7 * _T), 0)).astype(np.float32)


def _trunk(figure: Figure) -> list[Tube | Ellipsoid]:
    body, outfit, girth = figure.body, figure.outfit, figure.body.build.girth
    pelvis, thorax, neck = body.joints[[_PELVIS, _THORAX, _NECK]]
    start, end = figure.view.project([pelvis, thorax])
    direction = (end - start) / max(float(np.hypot(*(end - start))), 1e-3)
    across = np.array([-direction[1], -direction[0], 0.0])  # in the camera's frame, whose y points up
    belly = 0.5 + 0.5 * girth
    widths = [
        np.hypot(
            np.interp(_T, _TRUNK_T, _TRUNK_SIDE) * (across @ axes[:, 0]),
            np.interp(_T, _TRUNK_T, _TRUNK_FRONT) * (across @ axes[:, 2]),
        )
        for axes in (body.pelvis, body.chest)
    ]
    radii = ((widths[0] * (1 - _T) + widths[1] * _T) * belly).astype(np.float32)
    colour = np.where((outfit.waist < _T)[:, None], outfit.top, outfit.bottom).astype(np.float32)
    trunk = figure.tube(pelvis, thorax, radii, colour, outfit.top_fabric, nearer=-0.03)
    trunk = replace(trunk, decorate=trunk_decoration(outfit, body.chest))
    skin = dressed(outfit.skin, outfit.skin, 0)
    neck_radii = (0.5 + 0.5 * girth) * profile(0.042, 0.033, 0.031)
    up = body.chest[:, 1] * 0.01
    return [trunk, figure.tube(thorax + up, neck + up, neck_radii, skin, outfit.skin_fabric, nearer=-0.02)]


def _head(figure: Figure) -> list[Tube | Ellipsoid]:
    body, outfit, view = figure.body, figure.outfit, figure.view
    neck, top = body.joints[[_NECK, _HEAD_TOP]]
    head = body.build.head
    middle = neck + 0.5 * (top - neck) + 0.02 * head * body.head[:, 2]
    radii = np.array([0.37, 0.5, 0.44]) * head * view.near(middle[2])
    depth = float(middle[2]) + 0.02
    solids: list[Tube | Ellipsoid] = [
        Ellipsoid(view.project(middle), body.head, radii, depth, head_surface(outfit)),
    ]
    if outfit.head.long_hair and outfit.head.hairline < 1:
        back = middle - 0.25 * head * body.head[:, 2] + 0.1 * head * body.head[:, 1]
        tip = back - outfit.head.long_hair * head * (0.6 * body.head[:, 1] + np.array([0, 0.4, 0]))
        colour = dressed(outfit.head.hair, outfit.head.hair, 0)
        solids.append(figure.tube(back, tip, head * profile(0.36, 0.33, 0.2), colour, Fabric(0.12, seed=7), -0.03))
    return solids


def _arms(figure: Figure) -> list[Tube | Ellipsoid]:
    body, outfit, girth = figure.body, figure.outfit, figure.body.build.girth
    solids: list[Tube | Ellipsoid] = []
    props = outfit.right_prop, outfit.left_prop
    arms = zip(body.joints[_ARMS], body.hands, props, strict=True)
    for (wrist, elbow, shoulder), hand, prop in arms:
        upper, lower = outfit.sleeves, outfit.sleeves - 1
        solids += [
            figure.tube(
                shoulder, elbow, loosened(girth * profile(*_UPPER_ARM), upper, outfit.loose),
                dressed(outfit.skin, outfit.sleeve, upper), replace(outfit.top_fabric, until=upper), 0.01,
            ),
            figure.tube(
                elbow, wrist, loosened(girth * profile(*_FOREARM), lower, outfit.loose),
                dressed(outfit.skin, outfit.sleeve, lower), replace(outfit.top_fabric, until=lower), 0.02,
            ),
            figure.tube(wrist, hand, profile(*_HAND), dressed(outfit.glove, outfit.glove, 0), outfit.skin_fabric, 0.025),
        ]  # fmt: skip
        if prop:
            solids.append(_prop(figure, wrist, hand, prop))
    return solids


def _prop(figure: Figure, wrist: Floats, hand: Floats, prop: int) -> Tube:
    """What a hand holds, between the palm and beyond the finger tips."""
    palm, along = (wrist + hand) / 2, (hand - wrist) / figure.body.build.hand
    # A stick or racket points away from the forearm, to the side that the palm turns to.
    tilted = rotation(x=40, y=50) @ along
    length, radii = _PROPS[prop - 1]
    end = palm + length * (along if prop == 3 else tilted)
    accent = figure.outfit.accent
    return figure.tube(palm, end, profile(*radii), dressed(accent, accent, 0), PLAIN, 0.03)


def _legs(figure: Figure) -> list[Tube | Ellipsoid]:
    body, outfit, girth = figure.body, figure.outfit, figure.body.build.girth
    solids: list[Tube | Ellipsoid] = []
    knees = body.joints[[leg[1] for leg in _LEGS]]
    feet = zip(body.joints[_LEGS], body.heels, body.toes, strict=True)
    for (ankle, knee, hip), heel, toe in feet:
        upper, lower = outfit.legs, outfit.legs - 1
        shin = dressed(outfit.skin, outfit.bottom, lower)
        if lower <= 0 and outfit.socks:
            shin = np.where((1 - outfit.socks < _T)[:, None], outfit.sock, shin).astype(np.float32)
        solids += [
            figure.tube(
                hip, knee, loosened(girth * profile(*_THIGH), upper, outfit.loose),
                dressed(outfit.skin, outfit.bottom, upper), replace(outfit.bottom_fabric, until=upper),
            ),
            figure.tube(
                knee, ankle, loosened(girth * profile(*_SHIN), lower, outfit.loose), shin,
                replace(outfit.bottom_fabric, until=lower), -0.005,
            ),
            figure.tube(heel, toe, profile(*_FOOT), dressed(outfit.shoe, outfit.shoe, 0), Fabric(0.1)),
        ]  # fmt: skip
    if outfit.skirt:
        solids.append(_skirt(figure, body.joints[_PELVIS], knees))
    return solids


def _skirt(figure: Figure, pelvis: Floats, knees: Floats) -> Tube:
    """A bell from the hips towards the knees, wide enough for them, over both thighs."""
    outfit = figure.outfit
    hem = pelvis + outfit.skirt * (knees.mean(axis=0) - pelvis)
    spread = 0.06 + 0.4 * outfit.skirt * float(np.hypot(*(knees[0] - knees[1])[:2]))
    radii = 0.09 + (spread - 0.05) * profile(0.0, 1.0)
    bell = figure.tube(pelvis, hem, radii, dressed(outfit.bottom, outfit.bottom, 0), outfit.bottom_fabric)
    return replace(bell, depth=float(knees[:, 2].max() + pelvis[2]) / 2 + 0.01)
