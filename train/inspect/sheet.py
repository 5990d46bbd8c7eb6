"""A sheet of people as training sees them: one row a person, by the code that training runs.

The columns: the image with box and joints, the crop and its heat maps, three augmented samples, the last one's heat maps.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry, images
from lapx_tf.data.augmentation import draw
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People, Person
from lapx_tf.errors import InputError
from lapx_tf.runtime.drawing import PAPER, contact_sheet, draw_pose
from lapx_tf.skeletons import Skeleton
from train.pictures import glowing, rgb
from train.recipe import Recipe

SAMPLES = 3
TILE = (256, 256)

_BOX_COLOR = (255, 230, 0)
_BORDER = 3

Tile = tuple[NDArray[np.uint8], str]
"""A picture to show, RGB, and its caption."""


def choose(people: People, count: int, seed: int) -> People:
    """Some people, drawn at random among those whose image can be read; fewer where there are no more.

    Raises:
        InputError: no image can be read.
    """
    chosen: list[int] = []
    for index in np.random.default_rng(seed).permutation(len(people)).tolist():
        if len(chosen) == count:
            break
        try:
            people.persons[index].read()
        except (OSError, InputError):
            continue
        chosen.append(index)
    if not chosen:
        raise InputError(f"no sheet: none of the images of {len(people)} persons of {people.dataset} can be read")
    return replace(people, persons=[people.persons[index] for index in sorted(chosen)], ground_truth=None)


def sheet(people: People, recipe: Recipe, seed: int) -> NDArray[np.uint8]:
    """The sheet of people whose images can be read, RGB.

    Args:
        people: one row each.
        recipe: its crop size, augmentation and sigma are used.
        seed: of the augmentation.
    """
    tiles = []
    for row, person in enumerate(people.persons):
        one = replace(people, persons=[person])
        tiles += [_whole(person, people.skeleton), *_crops(one, recipe), *_samples(one, recipe, seed + row)]
    framed = [_framed(tile) for tile, _ in tiles]
    cell = (TILE[0] + 2 * _BORDER, TILE[1] + 2 * _BORDER)
    return contact_sheet(framed, len(tiles) // len(people), cell, [caption for _, caption in tiles])


def _framed(tile: NDArray[np.uint8]) -> NDArray[np.uint8]:
    framed = cv2.copyMakeBorder(tile, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_CONSTANT, value=PAPER)
    return np.asarray(framed, np.uint8)


def _whole(person: Person, skeleton: Skeleton) -> Tile:
    """The whole image with box and joints, black where the box reaches out of it."""
    image = person.read()
    box, outline = _corners(person.box), _corners(geometry.box_of_image(image.shape[:2]))
    to_tile = geometry.crop_from_image(geometry.box_around(np.concatenate([box, outline]), padding=1.02), TILE)
    tile = images.warp(image, to_tile, TILE).round().astype(np.uint8)
    drawn = draw_pose(tile, geometry.transform(to_tile, person.joints), skeleton)
    frame = geometry.transform(to_tile, box).round().astype(np.int32)
    cv2.polylines(drawn, [frame], isClosed=True, color=_BOX_COLOR, thickness=1, lineType=cv2.LINE_AA)
    return drawn, person.name


def _corners(box: geometry.Box) -> NDArray[np.float64]:
    """[4, 2] (x, y), in order around the box."""
    return np.array([box.x, box.y]) + np.array([box.width, box.height]) / 2 * [[-1, -1], [1, -1], [1, 1], [-1, 1]]


def _crops(one: People, recipe: Recipe) -> Iterator[Tile]:
    """The crop of an evaluation with the joints, then with the heat maps."""
    crop, joints = (array[0] for array in Loader(one, recipe.size, 1, None).batch(0, 0))
    yield _drawn(crop, joints, one.skeleton), f"crop {recipe.size[1]} x {recipe.size[0]}"
    yield overlay(crop, joints, recipe.sigma), "heat maps of the crop"


def _samples(one: People, recipe: Recipe, seed: int) -> Iterator[Tile]:
    """Augmented samples with their joints, then the last one with its heat maps."""
    loader = Loader(one, recipe.size, 1, recipe.augmentation, seed)
    unchanged = geometry.crop_from_image(one.persons[0].box, recipe.size)
    for epoch in range(SAMPLES):
        crop, joints = (array[0] for array in loader.batch(epoch, 0))
        matrix = draw(one, recipe.size, recipe.augmentation, seed, epoch).matrices[0]
        yield _drawn(crop, joints, one.skeleton), describe(matrix, unchanged)
    yield overlay(crop, joints, recipe.sigma), "its heat maps"


def describe(matrix: geometry.Matrix, crop: geometry.Matrix) -> str:
    """How a sample differs from the crop: turned clockwise by so many degrees, scaled, then perhaps mirrored.

    Args:
        matrix: from pixels of the image to pixels of the sample.
        crop: from pixels of the image to pixels of the crop.
    """
    linear = geometry.compose(matrix, geometry.invert(crop))[:, :2]
    mirrored = np.linalg.det(linear) < 0
    if mirrored:
        linear[0] *= -1
    turned = math.degrees(math.atan2(linear[1, 0], linear[0, 0]))
    scale = math.sqrt(np.linalg.det(linear))
    return f"{turned:+.0f} degrees, x {scale:.2f}{', mirrored' if mirrored else ''}"


def _drawn(crop: NDArray, joints: NDArray, skeleton: Skeleton) -> NDArray[np.uint8]:
    return draw_pose(rgb(crop), geometry.transform(geometry.crop_from_heatmap(), joints), skeleton)


def overlay(crop: NDArray[np.float32], joints: NDArray[np.float32], sigma: float) -> NDArray[np.uint8]:
    """The crop in grey, and on it the maximum over the heat maps of its labelled joints.

    Args:
        crop: [H, W, 3] as `pixels` normalises it.
        joints: [K, 3] (x, y, weight), pixels of the heat map.
        sigma: deviation of the Gaussians in pixels of the heat map.

    Returns:
        uint8 [H, W, 3], RGB.
    """
    from keras import ops  # here, because Keras takes seconds

    from lapx_tf.codecs.encode import encode

    size = (crop.shape[0], crop.shape[1])
    heatmaps = np.asarray(ops.convert_to_numpy(encode(joints[None], geometry.heatmap_size(size), sigma)))[0]
    return glowing(crop, heatmaps * (joints[:, 2] > 0))
