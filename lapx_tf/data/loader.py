"""Batches of a data set: crops, warped and coloured by OpenCV, and joints in pixels of the heat map.

The heat maps themselves are made where the loss is computed (`lapx_tf.losses`): a joint is 12 bytes, its heat map 16 KiB.
Crops come from the same code as on the device (`images.warp`), so training and prediction see the same pixels.
"""

import math
import threading
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry, images, pixels
from lapx_tf.data.augmentation import Augmentation, Samples, draw, plain
from lapx_tf.data.people import People
from lapx_tf.data.unreadable import Unreadable
from lapx_tf.errors import InputError

Batch = tuple[NDArray[np.float32], NDArray[np.float32]]

_HEATMAP_FROM_CROP = geometry.invert(geometry.crop_from_heatmap())
_BLACK, _WHITE = pixels.normalize(np.zeros(3)), pixels.normalize(np.full(3, 255))

_NOBODY = -1
_ALIGNMENT = 64
"""Bytes."""


class Loader:
    """Makes the batches of any epoch of a data set, the same ones whenever and wherever it is asked.

    A picture that can't be read does not end an epoch: it is named in a warning and counted, and its sample is skipped. In
    training the next person in the order of the epoch that can be read takes its place. In evaluation its crop is black and
    none of its joints counts.

    Threads may ask for batches side by side, so OpenCV's own threads are switched off in the whole process: they would only
    be in the way.

    Args:
        people: the data set.
        size: (height, width) of the crops.
        batch_size: persons a batch. The last, smaller batch is dropped in training and kept in evaluation.
        augmentation: None for evaluation: every person once, in order, unchanged.
        seed: of the augmentation and the order.
        unreadable_limit: so many pictures may be skipped, but never all.

    Attributes:
        batches: in an epoch.
        unreadable: the pictures that could not be read.
        failure: what stopped a batch, such as too many unreadable pictures.
    """

    def __init__(
        self,
        people: People,
        size: tuple[int, int],
        batch_size: int,
        augmentation: Augmentation | None,
        seed: int = 0,
        unreadable_limit: int = 100,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1, got {batch_size}")
        self.people, self.size, self.batch_size = people, size, batch_size
        self.augmentation, self.seed = augmentation, seed
        full, rest = divmod(len(people), batch_size)
        self.batches = full + bool(rest) if augmentation is None else full
        if self.batches == 0:
            raise ValueError(f"{len(people)} persons do not fill one batch of {batch_size}")
        self.unreadable = Unreadable(unreadable_limit, len({person.image for person in people.persons}))
        self.failure: InputError | None = None
        # As large as a crop: NumPy takes five times as long to compare with three numbers over and over.
        self._black, self._white = (np.tile(color, (*size, 1)) for color in (_BLACK, _WHITE))
        cv2.setNumThreads(1)
        self._drawing = threading.Lock()
        # Two epochs live side by side when one ends while the next is being prepared.
        self._drawn = lru_cache(maxsize=2)(self._draw)

    def _draw(self, epoch: int) -> Samples:
        if self.augmentation is None:
            samples = plain(self.people, self.size)
        else:
            samples = draw(self.people, self.size, self.augmentation, self.seed, epoch)
        return replace(samples, colors=_normalized(samples.colors))

    def _samples(self, epoch: int) -> Samples:
        with self._drawing:  # one thread draws, the others wait for it
            return self._drawn(0 if self.augmentation is None else epoch)

    def batch(self, epoch: int, index: int) -> Batch:
        """Batch `index` of an epoch.

        Returns:
            Images float32 [B, H, W, 3], normalised as `pixels` says, and joints float32 [B, K, 3] (x, y, weight), pixels of
            the heat map.

        Raises:
            InputError: more pictures than `unreadable_limit` can't be read, or none can.
        """
        samples, first = self._samples(epoch), index * self.batch_size
        places = range(first, min(first + self.batch_size, len(self.people)))
        crops = _aligned((len(places), *self.size, 3))
        try:
            shown = np.array([self._fill(crop, samples, place) for crop, place in zip(crops, places, strict=True)])
        except InputError as error:
            self.failure = error  # TensorFlow would bury it in an error of its own
            raise
        joints = geometry.transform(_HEATMAP_FROM_CROP, samples.joints[shown])
        joints[shown == _NOBODY] = 0  # -1 has taken somebody's joints
        return crops, joints.astype(np.float32)

    def _fill(self, crop: NDArray[np.float32], samples: Samples, place: int) -> int:
        """Writes the crop [H, W, 3] for a place in the order of the epoch; returns whose it is, or `_NOBODY`."""
        found = self._readable(samples.order, place)
        if found is None:
            crop[:] = self._black
            return _NOBODY
        person, picture = found
        warped = images.warp(picture, samples.matrices[person], self.size)
        cv2.transform(warped, samples.colors[person], dst=crop)
        np.minimum(np.maximum(crop, self._black, out=crop), self._white, out=crop)
        return person

    def _readable(self, order: NDArray[np.int64], place: int) -> tuple[int, NDArray[np.uint8]] | None:
        """The person at a place and its picture; in training perhaps a later person, in evaluation perhaps none."""
        for after in range(1 if self.augmentation is None else len(order)):
            index = int(order[(place + after) % len(order)])
            person = self.people.persons[index]
            try:
                return index, person.read()
            except (InputError, OSError) as error:
                self.unreadable.add(person.image, person.name, error)
        return None


def _normalized(colors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps of colours [N, 3, 4] that give what the network sees of an RGB value 0 to 255, all in one pass of OpenCV."""
    normalized = colors * ((_WHITE - _BLACK) / 255)[:, None]
    normalized[..., 3] += _BLACK
    return normalized.astype(np.float32)


def _aligned(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """An array without content, that begins where TensorFlow and JAX (on the CPU) take an array over without a copy."""
    room = np.empty(math.prod(shape) + _ALIGNMENT // 4, np.float32)
    first = -room.ctypes.data % _ALIGNMENT // 4
    return room[first : first + math.prod(shape)].reshape(shape)
