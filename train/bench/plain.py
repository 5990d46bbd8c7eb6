"""The loop that `train.bench.pipeline` compares with: one sample at a time in plain NumPy and OpenCV.

It does what the data sets of the field do (Xiao et al., ECCV 2018, and HRNet after it): read the whole picture, warp it in 8
bits, normalise, move the joints and draw their heat maps one by one. The colours are ours, and so are the numbers of the
augmentation, so that the work is the same. Left out, in its favour: drawing these numbers, making batches, and copying them
between processes.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf import pixels
from lapx_tf.data.augmentation import Samples
from lapx_tf.data.people import FilePart, People, Person
from lapx_tf.geometry import STRIDE
from lapx_tf.skeletons import Skeleton

MEAN, STD = np.array(pixels.MEAN, np.float32), np.array(pixels.STD, np.float32)


def sample(
    people: People, samples: Samples, index: int, size: tuple[int, int], sigma: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Person `index`: image [H, W, 3], normalised; heat maps [K, h, w]; weights of the joints [K]."""
    person = people.persons[index]
    picture = cv2.cvtColor(read(person), cv2.COLOR_BGR2RGB)
    crop = cv2.warpAffine(picture, samples.matrices[index], size[::-1], flags=cv2.INTER_LINEAR)
    coloured = np.clip(cv2.transform(crop.astype(np.float32), samples.colors[index]), 0, 255)
    image = np.asarray((coloured / 255 - MEAN) / STD, np.float32)
    joints = move(person.joints, samples.matrices[index], people.skeleton)
    return image, *heatmaps(joints, (size[0] // STRIDE, size[1] // STRIDE), sigma)


def read(person: Person) -> NDArray[np.uint8]:
    """The picture, [H, W, 3] BGR."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    if isinstance(person.image, (bytes, FilePart)):
        encoded = person.image if isinstance(person.image, bytes) else person.image.read()
        return np.asarray(cv2.imdecode(np.frombuffer(encoded, np.uint8), flags), np.uint8)
    return np.asarray(cv2.imread(str(person.image), flags), np.uint8)


def move(joints: NDArray[np.float32], matrix: NDArray[np.float64], skeleton: Skeleton) -> NDArray[np.float32]:
    """The joints [K, 3] (x, y, weight) of the image in pixels of the crop."""
    moved = joints.copy()
    for joint, (x, y, labelled) in enumerate(joints):
        if labelled:
            moved[joint, :2] = matrix @ np.array([x, y, 1.0])
    mirrored = matrix[0, 0] * matrix[1, 1] < matrix[0, 1] * matrix[1, 0]
    return moved[skeleton.flip_order] if mirrored else moved


def heatmaps(
    joints: NDArray[np.float32], size: tuple[int, int], sigma: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draws a patch of 3 sigma around each joint [K, 3] (x, y, weight), pixels of the crop."""
    maps = np.zeros((len(joints), *size), np.float32)
    weights = joints[:, 2].copy()
    reach = math.ceil(3 * sigma)
    for joint, (x, y, weight) in enumerate(joints):
        x, y = ((value - (STRIDE - 1) / 2) / STRIDE for value in (x, y))
        left, top = max(int(x) - reach, 0), max(int(y) - reach, 0)
        right, bottom = min(int(x) + reach + 1, size[1]), min(int(y) + reach + 1, size[0])
        if weight == 0 or left >= right or top >= bottom:
            weights[joint] = 0
            continue
        columns, rows = np.arange(left, right), np.arange(top, bottom)[:, None]
        gaussian = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
        maps[joint, top:bottom, left:right] = gaussian
    return maps, weights
