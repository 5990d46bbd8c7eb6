"""One process' part of the batches, where several processes train together."""

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.augmentation import Augmentation
from lapx_tf.data.loader import Batch, Loader
from lapx_tf.data.people import People


class Share(Loader):
    """Reads and makes only the part of each batch that one of several processes trains on.

    The parts of all processes, one behind the other, are the batches of a `Loader` with the same arguments. All are of the
    same size: in evaluation, where the last batch is smaller, it is filled up with nobody (no joint counts).

    Args:
        people: see `Loader`.
        size: likewise.
        batch_size: of all processes together, a multiple of `parts`.
        augmentation: see `Loader`.
        seed: likewise.
        unreadable_limit: likewise; each process counts the pictures that it met itself.
        part: which one, from 0.
        parts: how many there are.

    Attributes:
        batches: in an epoch, of all processes together.
    """

    def __init__(
        self,
        people: People,
        size: tuple[int, int],
        batch_size: int,
        augmentation: Augmentation | None,
        seed: int = 0,
        unreadable_limit: int = 100,
        *,
        part: int = 0,
        parts: int = 1,
    ) -> None:
        if batch_size % parts or not 0 <= part < parts:
            raise ValueError(f"a batch of {batch_size} has no part {part} of {parts}")
        super().__init__(people, size, batch_size // parts, augmentation, seed, unreadable_limit)
        self.part, self.parts = part, parts
        full, rest = divmod(len(people), batch_size)
        self.batches = full + bool(rest) if augmentation is None else full
        if self.batches == 0:
            raise ValueError(f"{len(people)} persons do not fill one batch of {batch_size}")

    def batch(self, epoch: int, index: int) -> Batch:
        """The part of batch `index`; see `Loader.batch`, with B of this process."""
        mine = index * self.parts + self.part  # of the batches of `batch_size`, this process' own size
        if mine * self.batch_size < len(self.people):
            images, joints = super().batch(epoch, mine)
        else:
            images, joints = (np.empty((0, *shape), np.float32) for shape in self._shapes)
        return self._filled(images), self._filled(joints)

    @property
    def _shapes(self) -> tuple[tuple[int, int, int], tuple[int, int]]:
        """Of one person's image and joints."""
        return (*self.size, 3), (len(self.people.skeleton.joints), 3)

    def _filled(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        """The array [n, ...] with zeros behind it up to [B, ...]."""
        missing = self.batch_size - len(array)
        return np.concatenate([array, np.zeros((missing, *array.shape[1:]), np.float32)]) if missing else array
