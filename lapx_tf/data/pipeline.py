"""Batches for `fit`: crops, warped and coloured by OpenCV, and joints in pixels of the heat map.

The heat maps themselves are made where the loss is computed (`lapx_tf.losses`): a joint is 12 bytes, its heat map 16 KiB.
Crops come from the same code as on the device (`images.warp`), so training and prediction see the same pixels.
"""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry, images, pixels
from lapx_tf.data.augmentation import Augmentation, Samples, draw, plain
from lapx_tf.data.people import People
from lapx_tf.errors import InputError

Batch = tuple[NDArray[np.float32], NDArray[np.float32]]


class Loader:
    """Makes the batches of any epoch of a data set, the same ones whenever and wherever it is asked.

    Args:
        people: the data set.
        size: (height, width) of the crops.
        batch_size: persons a batch. The last, smaller batch is dropped in training and kept in evaluation.
        augmentation: None for evaluation: every person once, in order, unchanged.
        seed: of the augmentation and the order.

    Attributes:
        failure: what stopped a batch, such as a picture that can't be read.
    """

    def __init__(
        self, people: People, size: tuple[int, int], batch_size: int, augmentation: Augmentation | None, seed: int = 0
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1, got {batch_size}")
        self.people, self.size, self.batch_size = people, size, batch_size
        self.augmentation, self.seed = augmentation, seed
        full, rest = divmod(len(people), batch_size)
        self.batches = full + bool(rest) if augmentation is None else full
        if self.batches == 0:
            raise ValueError(f"{len(people)} persons do not fill one batch of {batch_size}")
        self.failure: InputError | None = None
        # Two epochs live side by side when one ends while the next is being prepared.
        self._samples = lru_cache(maxsize=2)(self._draw)

    def _draw(self, epoch: int) -> Samples:
        if self.augmentation is None:
            return plain(self.people, self.size)
        return draw(self.people, self.size, self.augmentation, self.seed, epoch)

    def batch(self, epoch: int, index: int) -> Batch:
        """Batch `index` of an epoch.

        Returns:
            Images float32 [B, H, W, 3], normalised as `pixels` says, and joints float32 [B, K, 3] (x, y, weight), pixels of
            the heat map.
        """
        samples = self._samples(epoch)
        chosen = samples.order[index * self.batch_size : (index + 1) * self.batch_size]
        try:
            crops = np.stack([self._crop(int(i), samples) for i in chosen])
        except InputError as error:
            self.failure = error  # TensorFlow would bury it in an error of its own
            raise
        joints = geometry.transform(geometry.invert(geometry.crop_from_heatmap()), samples.joints[chosen])
        return pixels.normalize(crops), joints.astype(np.float32)

    def _crop(self, person: int, samples: Samples) -> NDArray[np.float32]:
        crop = images.warp(self.people.persons[person].read(), samples.matrices[person], self.size)
        if self.augmentation is not None:
            crop = np.asarray(cv2.transform(crop, samples.colors[person]), np.float32).clip(0, 255)
        return crop


def dataset(loader: Loader, first_epoch: int = 0, epochs: int | None = 1) -> Any:
    """A `tf.data.Dataset` of (images, joints) batches, prepared in parallel ahead of training.

    It runs on from epoch to epoch, so that the next one is prepared while the last one trains: give `fit`
    `steps_per_epoch=loader.batches`.

    Args:
        loader: makes the batches.
        first_epoch: where to begin; training that resumes begins at the epoch it was in.
        epochs: how many; None without end.
    """
    import tensorflow as tf

    height, width = loader.size
    joints = len(loader.people.skeleton.joints)

    def load(step: Any) -> tuple[Any, Any]:
        epoch, index = step // loader.batches, step % loader.batches
        batch = tf.numpy_function(loader.batch, [epoch, index], (tf.float32, tf.float32), stateful=False)
        return tf.ensure_shape(batch[0], (None, height, width, 3)), tf.ensure_shape(batch[1], (None, joints, 3))

    first = first_epoch * loader.batches
    steps = tf.data.Dataset.range(first, tf.int64.max if epochs is None else first + epochs * loader.batches)
    return steps.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)
