"""Painting shaded solids: tubes of varying radius (limbs, trunk) and ellipsoids (heads), with exact anti-aliased edges.

Each solid is evaluated per pixel from its distance function, so no edge is rounded to whole pixels: pixel centres are at
integers, and the round end of a tube is a circle about the very joint.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Float32 throughout; NumPy's operators don't promise that to the type checker.
Image = NDArray[np.floating]
Floats = NDArray[np.float64]

STATIONS = 48
"""Samples along a tube for its radius and colour."""

_T = np.linspace(0, 1, STATIONS, dtype=np.float32)

_SHADOW_REACH = 0.4
_SHADOW_DEPTH = 0.4

# A limb casts no shadow on its neighbour in the joint that both share.
_SHADOW = _SHADOW_DEPTH * np.clip(8 * (_T - 0.12) * (0.88 - _T), 0, 1).astype(np.float32)


@dataclass(frozen=True)
class Light:
    """A distant light in the camera's frame: x to the picture's right, y up, z towards the viewer (unit length)."""

    x: float
    y: float
    z: float
    ambient: float = 0.55
    diffuse: float = 0.6


@dataclass(frozen=True, eq=False)
class Layer:
    """A picture of one figure on nothing: float32 colour [H, W, 3], multiplied by its alpha [H, W], RGB 0 to 255."""

    colour: Image
    alpha: Image

    @classmethod
    def empty(cls, size: tuple[int, int]) -> "Layer":
        """A transparent layer of (height, width)."""
        return cls(np.zeros((*size, 3), np.float32), np.zeros(size, np.float32))

    def over(self, picture: Image) -> Image:
        """The layer laid over a picture [H, W, 3]."""
        rows, columns = (np.flatnonzero(self.alpha.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return picture
        region = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        result = picture.copy()
        result[region] = picture[region] * (1 - self.alpha[region])[..., None] + self.colour[region]
        return result


@dataclass(frozen=True)
class Fabric:
    """What is printed or folded on a surface; periods are in pixels of the image.

    Attributes:
        folds: how much the brightness varies over the surface, 0 to 1.
        stripe: period of stripes along the tube, 0 for none.
        print_: how strongly stripes and blotches darken (below 0: brighten) the colour, -1 to 1.
        blotch: print blotches instead of stripes.
        seed: picks a place of the noise.
        until: the part of the tube that the fabric covers, from its start; the rest is plain.
    """

    folds: float = 0.0
    stripe: float = 0.0
    print_: float = 0.0
    blotch: bool = False
    seed: int = 0
    until: float = 1.0


PLAIN = Fabric()


# (t along the tube 0 to 1, normal in the camera's frame [h, w, 3], colour [h, w, 3]) -> colour
Decoration = Callable[[Image, Image, Image], Image]


@dataclass(frozen=True, eq=False)
class Tube:
    """A limb between two points of the picture.

    Attributes:
        start, end: float64 [2] (x, y), pixels.
        radius: float32 [STATIONS], pixels.
        colour: float32 [STATIONS, 3], RGB 0 to 255 in full light.
        depth: nearness to the viewer; nearer parts are painted later.
        fabric: print and folds.
        decorate: repaints the surface, or None.
    """

    start: Floats
    end: Floats
    radius: Image
    colour: Image
    depth: float
    fabric: Fabric = PLAIN
    decorate: Decoration | None = None


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """A head in the picture.

    Attributes:
        center: float64 [2] (x, y), pixels.
        axes: float64 [3, 3], columns are the left, up and forward axes in the camera's frame.
        radii: left, up and forward radius in pixels.
        depth: see `Tube`.
        surface: (point on the unit sphere in the axes' frame [h, w, 3]) -> colour [h, w, 3].
    """

    center: Floats
    axes: Floats
    radii: Floats
    depth: float
    surface: Callable[[Image], Image]


@lru_cache(maxsize=1)
def noise() -> Image:
    """A tile [512, 512] of 1/f noise, mean 0 and deviation 1, that repeats seamlessly; the same in every process."""
    rng = np.random.default_rng(0)
    frequency = np.hypot(*np.meshgrid(np.fft.rfftfreq(512), np.fft.fftfreq(512)))
    spectrum = np.fft.rfft2(rng.standard_normal((512, 512))) / np.maximum(frequency, 1 / 128) ** 1.2
    tile = np.fft.irfft2(spectrum)
    return ((tile - tile.mean()) / tile.std()).astype(np.float32)


def noise_patch(height: int, width: int, seed: int) -> Image:
    """A [height, width] part of `noise`, at a place that the seed picks."""
    top, left = seed % 512, seed // 512 % 512
    if top + height <= 512 and left + width <= 512:
        return noise()[top : top + height, left : left + width]
    rows, columns = np.arange(top, top + height) % 512, np.arange(left, left + width) % 512
    return noise()[rows[:, None], columns]


def paint(layer: Layer, solids: list[Tube | Ellipsoid], light: Light) -> None:
    """Paints the solids into the layer, the farthest first."""
    for solid in sorted(solids, key=lambda solid: solid.depth):
        if isinstance(solid, Tube):
            _paint_tube(layer, solid, light)
        else:
            _paint_ellipsoid(layer, solid, light)


def _paint_tube(layer: Layer, tube: Tube, light: Light) -> None:
    reach = float(tube.radius.max()) * (1 + _SHADOW_REACH) + 1
    low, high = np.minimum(tube.start, tube.end) - reach, np.maximum(tube.start, tube.end) + reach
    region = _region(layer, low, high)
    if region is None:
        return
    axis = tube.end - tube.start
    length = float(np.linalg.norm(axis))
    # A limb that points at the viewer has no direction in the picture; any will do.
    dx, dy = (axis / length).astype(np.float32) if length > 1e-3 else (np.float32(1), np.float32(0))
    length = max(length, 1e-3)
    x, y = _grid(region, tube.start)
    along, across = x * dx + y * dy, y * dx - x * dy
    inside = np.minimum(np.maximum(along, 0), length)
    station = (inside * ((STATIONS - 1) / length) + 0.5).astype(np.intp)
    radius = tube.radius[station]
    distance = np.sqrt(across * across + (along - inside) ** 2)
    u = np.minimum(np.maximum(across / radius, -1), 1)
    facing = np.sqrt(1 - u * u)
    # `across` grows along (-dy, dx) in the picture, whose y points down.
    lit = u * (-dy * light.x - dx * light.y) + facing * light.z
    colour = tube.colour[station]
    if tube.decorate is not None:
        normal = np.stack([u * -dy, u * -dx, facing], axis=-1)
        colour = tube.decorate(inside / length, normal, colour)
    shade = light.ambient + light.diffuse * np.maximum(lit, 0)
    if tube.fabric.until > 0 and (tube.fabric.folds or tube.fabric.print_):
        shade = shade * np.where(station < tube.fabric.until * STATIONS, _weave(tube.fabric, across), np.float32(1))
    _blend(layer, region, radius - distance, _SHADOW_REACH * radius, colour, shade, _SHADOW[station])


def _paint_ellipsoid(layer: Layer, solid: Ellipsoid, light: Light) -> None:
    extent = float(solid.radii.max()) * (1 + _SHADOW_REACH) + 1
    region = _region(layer, solid.center - extent, solid.center + extent)
    if region is None:
        return
    x, y = _grid(region, solid.center)
    # In the frame where the solid is the unit sphere, a view ray is base + z * ray.
    to_unit = (solid.axes / solid.radii).T.astype(np.float32)
    base = x[..., None] * to_unit[:, 0] - y[..., None] * to_unit[:, 1]
    ray = to_unit[:, 2]
    a, b, c = float(ray @ ray), base @ ray, (base * base).sum(axis=-1) - 1
    under = b * b - a * c
    z = (np.sqrt(under.clip(0)) - b) / a
    point = base + z[..., None] * ray
    normal = point @ (solid.axes / solid.radii).T.astype(np.float32)
    normal /= np.sqrt((normal * normal).sum(axis=-1, keepdims=True)) + 1e-6
    lit = normal @ np.array([light.x, light.y, light.z], np.float32)
    shade = light.ambient + light.diffuse * np.maximum(lit, 0)
    # The silhouette's size is measured by where the discriminant vanishes; its square root is about linear there.
    size = float(solid.radii.mean())
    edge = size * (1 - np.sqrt((c + 1 - b * b / a).clip(0)))
    reach = _SHADOW_REACH * size
    _blend(layer, region, edge, reach, solid.surface(point), shade, _SHADOW_DEPTH)


def _region(layer: Layer, low: Floats, high: Floats) -> tuple[slice, slice] | None:
    """The rows and columns of the layer that a box touches, or None."""
    height, width = layer.alpha.shape
    left, top = max(int(low[0]), 0), max(int(low[1]), 0)
    right, bottom = min(int(high[0]) + 2, width), min(int(high[1]) + 2, height)
    return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None


def _grid(region: tuple[slice, slice], origin: Floats) -> tuple[Image, Image]:
    """Offsets x [1, w] and y [h, 1] of the region's pixel centres from the origin."""
    rows, columns = region
    x = np.arange(columns.start, columns.stop, dtype=np.float32) - np.float32(origin[0])
    y = np.arange(rows.start, rows.stop, dtype=np.float32) - np.float32(origin[1])
    return x[None, :], y[:, None]


def _weave(fabric: Fabric, across: Image) -> Image:
    """The factor of the brightness by folds and print."""
    height, width = across.shape
    grain = noise_patch(height, width, fabric.seed)
    weave = 1 + fabric.folds * grain
    if fabric.blotch:
        weave -= fabric.print_ * (grain > 0.3)
    elif fabric.stripe:
        weave -= fabric.print_ * ((across / fabric.stripe) % 1 < 0.5)
    return np.maximum(weave, 0.2)


def _blend(
    layer: Layer,
    region: tuple[slice, slice],
    inside: Image,
    reach: Image | float,
    colour: Image,
    shade: Image,
    shadow: Image | float,
) -> None:
    """Lays a colour times its shade over the layer where `inside` (pixels from the edge, positive within) says so.

    Just outside, up to `reach` pixels, the part shadows what lies under it: the figure's own surface, never the background.
    """
    mask = np.minimum(np.maximum(inside + 0.5, 0), 1)
    keep = 1 - mask
    dimmed = keep * (1 - shadow * np.minimum(np.maximum(1 + inside / reach, 0), 1))
    target, alpha = layer.colour[region], layer.alpha[region]
    target *= dimmed[..., None]
    target += colour * (mask * shade)[..., None]
    alpha *= keep
    alpha += mask
