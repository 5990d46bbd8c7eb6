"""What is wrong with the images of a data set, and with what the records say about them.

Each image is read once. Images that look alike are found by their difference hash: 8 x 8 signs of the horizontal change of
brightness, as in "Kind of Like That" (N. Krawetz, 2013). In LSPET, 17 of the 18 pairs that it finds are the same photograph.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.checks import Finding
from lapx_tf.data.people import People, Person
from lapx_tf.errors import InputError

ALIKE = 3
"""Of the 64 signs that may differ between images that count as alike."""

_BLOCK = 512


@dataclass(frozen=True, eq=False)
class CheckedImage:
    """What an image gave when it was read.

    Attributes:
        name: its path; where it has none, the name of its first person.
        persons: in it.
        failure: why it could not be read, else None; then the rest means nothing.
        size: (height, width) in pixels.
        digest: of its pixels.
        signs: bool [64], the difference hash.
    """

    name: str
    persons: Sequence[Person]
    failure: Finding | None = None
    size: tuple[int, int] = (0, 0)
    digest: bytes = b""
    signs: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(64, bool))


def by_image(people: People) -> list[list[Person]]:
    """The persons of each image, in the order of the data set."""
    groups: dict[object, list[Person]] = {}
    for person in people.persons:
        groups.setdefault(person.image, []).append(person)
    return list(groups.values())


def read_images(groups: Sequence[Sequence[Person]]) -> Iterator[CheckedImage]:
    """Reads the images of `by_image` in parallel; yields them in order, as they come."""
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        yield from pool.map(_read, groups)
    finally:  # also where the user stops it: nobody waits for the rest
        pool.shutdown(cancel_futures=True)


def check_images(images: Sequence[CheckedImage], people: People) -> list[Finding]:
    """Missing and unreadable images, joints and boxes outside, and images that occur twice."""
    readable = [image for image in images if image.failure is None]
    findings = [image.failure for image in images if image.failure is not None]
    for image in readable:
        for person in image.persons:
            findings += _outside(person, image.size, people.skeleton.joints)
    return findings + _doubles(readable)


def _read(persons: Sequence[Person]) -> CheckedImage:
    first = persons[0]
    name = str(first.image) if isinstance(first.image, Path) else first.name
    try:
        pixels = first.read()
    except FileNotFoundError:
        return CheckedImage(name, persons, Finding("missing image", name, "there is no such file"))
    except (OSError, InputError) as error:
        return CheckedImage(name, persons, Finding("unreadable image", name, str(error).removeprefix(f"{name} ")))
    small = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (9, 8), interpolation=cv2.INTER_AREA)
    digest = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).digest()
    return CheckedImage(name, persons, None, pixels.shape[:2], digest, (small[:, 1:] > small[:, :-1]).ravel())


def _outside(person: Person, size: tuple[int, int], names: Sequence[str]) -> Iterator[Finding]:
    """Joints in no pixel of the image, and a box that holds no pixel of it."""
    height, width = size
    limit = np.array([width, height]) - 0.5
    points = person.joints[:, :2]
    beyond = (person.joints[:, 2] > 0) & ((points < -0.5) | (points > limit)).any(axis=1)
    if beyond.any():
        listed = ", ".join(
            f"{names[i]} ({points[i, 0]:.1f}, {points[i, 1]:.1f})" for i in np.flatnonzero(beyond).tolist()
        )
        yield Finding("joint outside", person.name, f"{listed}; the image has {width} x {height} pixels")
    box = person.box
    center, half = np.array([box.x, box.y]), np.array([box.width, box.height]) / 2
    if (center + half <= -0.5).any() or (center - half >= limit).any():
        what = f"the box is {box.width:.1f} x {box.height:.1f} about ({box.x:.1f}, {box.y:.1f})"
        yield Finding("box outside", person.name, f"{what}; the image has {width} x {height} pixels")


def _doubles(images: Sequence[CheckedImage]) -> list[Finding]:
    """Images with the pixels of an earlier one, or that look like it."""
    firsts: dict[bytes, CheckedImage] = {}
    findings = []
    for image in images:
        first = firsts.setdefault(image.digest, image)
        if first is not image:
            findings.append(Finding("duplicate image", image.name, f"has the pixels of {first.name}"))
    different = list(firsts.values())
    return findings + [
        Finding("similar image", different[i].name, f"looks like {different[j].name}") for i, j in _alike(different)
    ]


def _alike(images: Sequence[CheckedImage]) -> Iterator[tuple[int, int]]:
    """Indices of each image that looks like an earlier one, and of the first of these."""
    if not images:
        return
    signs = np.stack([image.signs for image in images]) * np.float32(2) - 1
    for start in range(0, len(signs), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(signs)))
        # The product of two images' signs is 64 less twice the number that differs.
        alike = signs[block] @ signs[: block[-1] + 1].T >= signs.shape[1] - 2 * ALIKE
        alike &= np.arange(block[-1] + 1) < block[:, None]
        for row in np.flatnonzero(alike.any(axis=1)):
            yield int(block[row]), int(alike[row].argmax())
