"""Synthetic people: clothed figures in cluttered scenes with exact joints, made in memory from a seed.

They stand in where no data set is at hand: the demo and the tests train on them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.people import People, Person
from lapx_tf.data.synthetic.body import Body, pose_body
from lapx_tf.data.synthetic.figure import Figure, View
from lapx_tf.data.synthetic.outfit import random_outfit
from lapx_tf.data.synthetic.paint import Floats
from lapx_tf.data.synthetic.photo import occluder, photograph, random_light, shadow
from lapx_tf.data.synthetic.poses import random_build, random_pose
from lapx_tf.data.synthetic.scene import background
from lapx_tf.errors import InputError
from lapx_tf.geometry import box_around
from lapx_tf.skeletons import MPII_16

Rng = np.random.Generator


def synthetic_people(count: int, seed: int, size: tuple[int, int] = (192, 192), *, quality: int = 92) -> People:
    """Makes people. Person i of a seed is the same whatever the count.

    Args:
        count: how many, one a picture.
        seed: picks everything; at least 0.
        size: (height, width) of the pictures in pixels.
        quality: of the JPEG, 1 to 100.

    Returns:
        People with MPII's 16 joints in pixels of their picture, exact to a tenth of a pixel; hidden joints are labelled,
        those outside the picture are not.

    Raises:
        InputError: an argument is out of range.
    """
    if count < 1 or seed < 0 or min(size) < 32 or not 1 <= quality <= 100:
        raise InputError(
            "count must be 1 or more, seed 0 or more, each side of size 32 or more, quality 1 to 100; "
            f"got {count}, {seed}, {tuple(size)}, {quality}"
        )
    persons = [_person(seed, index, size, quality) for index in range(count)]
    return People("synthetic", MPII_16, persons)


def _person(seed: int, index: int, size: tuple[int, int], quality: int) -> Person:
    rng = np.random.default_rng([seed, index])
    light = random_light(rng)
    main = _main_figure(rng, size)
    picture = background(rng, size)
    middle = float(main.joints[:, 0].mean())
    behind = [_bystander(rng, size, middle) for _ in range(rng.choice(4, p=[0.5, 0.3, 0.15, 0.05]))]
    before = [_bystander(rng, size, middle)] if rng.random() < 0.05 else []
    depth = rng.uniform(0, 0.6)
    for figure in (*behind, main, *before):
        for foot in figure.view.project(figure.body.toes):
            shadow(picture, foot, 0.12 * figure.view.scale, depth)
        picture = figure.layer(size, light).over(picture)
    for _ in range(rng.choice(3, p=[0.65, 0.25, 0.1])):
        picture = occluder(rng, size).over(picture)
    pixels = photograph(rng, picture)
    _, encoded = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    joints = _labelled(main.joints, size)
    box = box_around(joints[joints[:, 2] > 0, :2])
    return Person(f"synthetic-{seed}-{index}", encoded.tobytes(), joints, box)


def _labelled(points: Floats, size: tuple[int, int]) -> NDArray[np.float32]:
    """Joints float32 [16, 3] of points [16, 2] in pixels: labelled where they lie in the picture, else zero."""
    height, width = size
    inside = np.all((points > -0.5) & (points < (width - 0.5, height - 0.5)), axis=1)
    return (np.concatenate([points, np.ones((len(points), 1))], axis=1) * inside[:, None]).astype(np.float32)


def _random_body(rng: Rng) -> Body:
    return pose_body(random_build(rng), random_pose(rng), camera_pitch=float(rng.normal(4, 9)))


def _main_figure(rng: Rng, size: tuple[int, int]) -> Figure:
    """The person of the picture: 55 to 85 % of its longer side, near its middle."""
    height, width = size
    body = _random_body(rng)
    extent = rng.uniform(0.55, 0.85) * max(size)
    view = _view(body, float(rng.uniform(3, 9)), extent, size)
    points = view.project(body.joints)
    low, high = points.min(axis=0), points.max(axis=0)
    room = (np.array([width, height]) - (high - low)) / 2
    shift = np.minimum(0.8 * room, 0.15 * max(size)) * rng.uniform(-1, 1, 2)
    if rng.random() < 0.08:  # cut off by an edge, by up to a fifth
        edge = rng.integers(2)
        shift[edge] = rng.choice([-1, 1]) * (room[edge] + rng.uniform(0, 0.2) * (high - low)[edge])
    x, y = np.array([(width - 1) / 2, (height - 1) / 2]) - (low + high) / 2 + shift
    return _figure(rng, body, View(float(x), float(y), view.scale, view.distance))


def _bystander(rng: Rng, size: tuple[int, int], middle: float) -> Figure:
    """Another person, to the side of the main one, whose middle is given (x in pixels); often cut by the picture's edge."""
    height, width = size
    body = _random_body(rng)
    view = _view(body, 6.0, rng.uniform(0.2, 0.75) * max(size), size)
    x = middle + rng.choice([-1, 1]) * rng.uniform(0.33, 0.6) * width
    return _figure(rng, body, View(x, rng.uniform(0.3, 0.7) * height, view.scale, view.distance))


def _view(body: Body, distance: float, extent: float, size: tuple[int, int]) -> View:
    """A camera that shows the joints with `extent` pixels on the longer side, less where the picture has no room."""
    points = View(0.0, 0.0, 1.0, distance).project(body.joints)
    width, height = points.max(axis=0) - points.min(axis=0)
    # A crouching person fills less of a photograph than the same person standing: 0.55 of the stature or more counts.
    scale = min(extent / max(width, height, 0.55), 0.92 * size[1] / width, 0.92 * size[0] / height)
    return View(0.0, 0.0, float(scale), distance)


def _figure(rng: Rng, body: Body, view: View) -> Figure:
    return Figure(body, random_outfit(rng, view.scale), view)
