"""Augmentation: one affine map a person (crop, half body, flip, scale, rotation, translation) and one map of its colours.

The parameters of a whole epoch are drawn in one go from (seed, epoch), and loaders merely apply them. So the samples of
an epoch are the same whatever the backend, the number of threads, or where training was resumed.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data import half_body
from lapx_tf.data.people import People
from lapx_tf.geometry import crop_from_image

_LUMA = np.array([0.299, 0.587, 0.114])
_MIDDLE_GREY = 127.5


@dataclass(frozen=True)
class Augmentation:
    """Strengths; 0 switches a part off.

    What the field uses:

    | | MPII | COCO | source |
    |---|---|---|---|
    | flip | 0.5 | 0.5 | HRNet (Sun et al., CVPR 2019), as are the next three |
    | scale | 0.25 | 0.35 | factor N(1, s) cut at 1 - s and 1 + s |
    | rotation, its probability | 30, 0.6 | 45, 0.6 | 40 in Xiao et al., ECCV 2018, for COCO |
    | half body | 0 | 0.3 | |
    | translation | 0 | 0.16 for 0.3 of the samples | HRNet has none; MMPose 1.x `RandomBBoxTransform` |
    | tint | factor U(0.6, 1.4) | 0 | Newell et al., ECCV 2016, has no other change of colours; HRNet has none |
    | brightness, contrast, saturation | | 0.125, U(0.5, 1.5), U(0.5, 1.5), each for half | MMPose `PhotometricDistortion` |

    Attributes:
        flip: probability of mirroring.
        scale: the person is scaled by a factor of exp(U(-s, s)).
        rotation: degrees; the angle is normal with this deviation, cut at twice of it. 180 or more: the full circle.
        rotation_probability: share of samples that are rotated.
        translation: the crop is moved by U(-t, t) of its side, in x and in y.
        brightness: added to all channels, U(-b, b) of the full range.
        contrast: factor about middle grey, exp(U(-c, c)).
        saturation: factor about the grey of the same luma, exp(U(-s, s)).
        tint: factor of each channel, exp(U(-t, t)).
        half_body: probability that the crop shows the upper or the lower body only, of persons with more than 8 labelled
            joints; see `lapx_tf.data.half_body`. Joints of the other half keep their labels where they lie in the crop. A
            skeleton whose names tell no lower body (hip, knee, ankle) has no half bodies.
    """

    flip: float = 0.5
    scale: float = 0.25
    rotation: float = 30.0
    rotation_probability: float = 0.6
    translation: float = 0.05
    brightness: float = 0.1
    contrast: float = 0.2
    saturation: float = 0.2
    tint: float = 0.1
    half_body: float = 0.0


NONE = Augmentation(0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Samples:
    """What to do with each of N persons in one epoch.

    Attributes:
        order: int [N], the persons in the order of the epoch.
        matrices: float64 [N, 2, 3], pixels of the image -> pixels of the (perhaps mirrored) crop; by person.
        colors: float32 [N, 3, 4], the affine map of an RGB value 0 to 255; by person.
        joints: float32 [N, K, 3] (x, y, weight), pixels of the crop, left and right swapped where mirrored; the weight is 0
            where a joint is not labelled or lies outside the crop. By person.
    """

    order: NDArray[np.int64]
    matrices: NDArray[np.float64]
    colors: NDArray[np.float32]
    joints: NDArray[np.float32]


def draw(people: People, size: tuple[int, int], augmentation: Augmentation, seed: int, epoch: int) -> Samples:
    """Draws an epoch's samples for crops of `size` (height, width).

    Half bodies are drawn from a stream of their own, so that their probability changes nothing else of an epoch.
    """
    rng = np.random.default_rng([seed, epoch])
    halves = np.random.default_rng([seed, epoch, 1])
    crops = _crops(people, size)
    order = rng.permutation(len(crops))
    zoomed = _zoom(people, crops, size, augmentation.half_body, halves)
    matrices, mirrored = _geometric(zoomed, size, augmentation, rng)
    return Samples(
        order, matrices, _photometric(len(crops), augmentation, rng), _move(people, matrices, mirrored, size)
    )


def plain(people: People, size: tuple[int, int]) -> Samples:
    """The samples of an evaluation: the persons in their order, nothing changed."""
    samples = draw(people, size, NONE, seed=0, epoch=0)
    return Samples(np.arange(len(people)), samples.matrices, samples.colors, samples.joints)


@lru_cache(maxsize=2)  # training and validation: the boxes are the same in every epoch
def _crops(people: People, size: tuple[int, int]) -> NDArray[np.float64]:
    """[N, 2, 3] the maps from pixels of the image to pixels of the whole person's crop."""
    return np.stack([crop_from_image(person.box, size) for person in people.persons])


def _zoom(
    people: People, crops: NDArray, size: tuple[int, int], probability: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The crops, some of them of half a body."""
    in_crop = _transform(crops, people.joints)
    factors, offsets = half_body.zooms(in_crop, people.skeleton, size, probability, rng)
    zoomed = factors[:, None, None] * crops
    zoomed[..., 2] += offsets
    return zoomed


def _transform(matrices: NDArray, joints: NDArray) -> NDArray[np.float64]:
    """Applies each person's map [N, 2, 3] to the person's joints [N, K, 3]."""
    moved = joints.astype(np.float64)
    moved[..., :2] = np.einsum("nij,nkj->nki", matrices[..., :2], moved[..., :2]) + matrices[:, None, :, 2]
    return moved


def _geometric(
    crops: NDArray, size: tuple[int, int], augmentation: Augmentation, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Turns, scales and moves each crop about its centre, then mirrors some."""
    count, (height, width) = len(crops), size
    angle = _angles(count, augmentation, rng)
    scale = np.exp(rng.uniform(-1, 1, count) * augmentation.scale)
    shift = rng.uniform(-1, 1, (count, 2)) * augmentation.translation * np.array([width, height])
    mirrored = rng.random(count) < augmentation.flip
    center = (np.array([width, height]) - 1) / 2

    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], axis=1)
    linear = turn @ crops[:, :, :2]
    offset = np.einsum("nij,nj->ni", turn, crops[:, :, 2] - center) + center + shift
    matrices = np.concatenate([linear, offset[..., None]], axis=-1)
    matrices[mirrored, 0] = [0, 0, width - 1] - matrices[mirrored, 0]
    return matrices, mirrored


def _angles(count: int, augmentation: Augmentation, rng: np.random.Generator) -> NDArray[np.float64]:
    """Radians, clockwise in a picture whose y points down."""
    if augmentation.rotation >= 180:
        degrees = rng.uniform(-180, 180, count)
    else:
        degrees = np.clip(rng.standard_normal(count), -2, 2) * augmentation.rotation
    return np.deg2rad(np.where(rng.random(count) < augmentation.rotation_probability, degrees, 0.0))


def _photometric(count: int, augmentation: Augmentation, rng: np.random.Generator) -> NDArray[np.float32]:
    """Tint, then saturation, contrast and brightness, joined in one map."""
    brightness, contrast, saturation = rng.uniform(-1, 1, (3, count))
    tint = np.exp(rng.uniform(-1, 1, (count, 3)) * augmentation.tint)
    saturated = np.exp(saturation * augmentation.saturation)[:, None, None]
    contrasted = np.exp(contrast * augmentation.contrast)
    linear = saturated * np.eye(3) + (1 - saturated) * np.ones((3, 1)) * _LUMA
    linear = contrasted[:, None, None] * linear * tint[:, None, :]
    offset = (1 - contrasted) * _MIDDLE_GREY + brightness * augmentation.brightness * 255
    return np.concatenate([linear, np.broadcast_to(offset[:, None, None], (count, 3, 1))], axis=-1).astype(np.float32)


def _move(people: People, matrices: NDArray, mirrored: NDArray, size: tuple[int, int]) -> NDArray[np.float32]:
    joints = _transform(matrices, people.joints)
    joints[mirrored] = joints[mirrored][:, people.skeleton.flip_order]
    limit = np.array([size[1], size[0]]) - 0.5
    joints[..., 2] *= ((joints[..., :2] >= -0.5) & (joints[..., :2] <= limit)).all(axis=-1)
    return joints.astype(np.float32)
