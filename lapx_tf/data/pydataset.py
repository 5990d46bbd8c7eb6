"""The loader's batches as a `keras.utils.PyDataset`, for `fit` on JAX and PyTorch: no TensorFlow is imported."""

import math
import os
from concurrent.futures import Future, ThreadPoolExecutor

import keras

from lapx_tf.data.loader import Batch, Loader


class Batches(keras.utils.PyDataset):
    """The batches of one epoch or more, prepared ahead by threads of its own.

    Keras' own workers stay off: where `fit` peeks at a batch before the first epoch they drop it, and they give what they
    prepared for an epoch that ended early to the next one (Keras 3.15). Here item i is `loader.batch` number i counted from
    the first step, whatever was asked before.

    Args:
        loader: makes the batches.
        first_epoch: where to begin; training that resumes begins at the epoch it was in.
        epochs: how many. Of several, and of None (without end), `fit` takes `steps_per_epoch=loader.batches` at a time.
        workers: threads; None for one a core.
        first_step: of the first epoch, whose steps before it are left out.
    """

    def __init__(
        self,
        loader: Loader,
        first_epoch: int = 0,
        epochs: int | None = 1,
        workers: int | None = None,
        first_step: int = 0,
    ) -> None:
        super().__init__()
        self.loader, self.first_epoch, self.epochs, self.first_step = loader, first_epoch, epochs, first_step
        threads = workers or os.cpu_count() or 1
        self._depth = threads + 1  # one batch is taken while every thread prepares another
        self._pool = ThreadPoolExecutor(threads, "batches")
        self._pending: dict[int, Future[Batch]] = {}

    @property
    def num_batches(self) -> int | None:
        """Of one epoch; None where there are several, which Keras must neither shuffle nor begin again."""
        return self.loader.batches - self.first_step if self.epochs == 1 else None

    def __getitem__(self, index: int) -> Batch:
        """Batch `index`, counted from the first step on through all epochs."""
        ahead = range(index, self._end(index))
        self._pending = {step: self._pending.get(step) or self._pool.submit(self._batch, step) for step in ahead}
        return self._pending.pop(index).result()

    def _end(self, index: int) -> int:
        """Where what is prepared with batch `index` ends: with the last epoch, unless more is asked for.

        On an accelerator Keras asks for one batch more than it trains on.
        """
        last = math.inf if self.epochs is None else self.epochs * self.loader.batches - self.first_step
        return int(min(index + self._depth, max(last, index + 1)))

    def _batch(self, step: int) -> Batch:
        epoch, index = divmod(self.first_step + step, self.loader.batches)
        return self.loader.batch(self.first_epoch + epoch, index)
