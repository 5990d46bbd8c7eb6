"""From a loader to what `fit` reads: `tf.data` where Keras runs on TensorFlow, a `keras.utils.PyDataset` elsewhere.

Both give the loader's batches in the same order, prepared in parallel ahead of training:

    model.fit(feed(loader, first_epoch, epochs), steps_per_epoch=loader.batches, shuffle=False, ...)
"""

from typing import Any

from lapx_tf.data.loader import Loader


def feed(loader: Loader, first_epoch: int = 0, epochs: int | None = 1, first_step: int = 0) -> Any:
    """What to give to `fit`, `evaluate` and `validation_data` on the backend that Keras runs on.

    Several epochs follow each other without a break, so that the next one is prepared while the last one trains: give
    `fit` `steps_per_epoch=loader.batches`, and `shuffle=False`, for the loader has shuffled.

    Args:
        loader: makes the batches.
        first_epoch: where to begin; training that resumes begins at the epoch it was in.
        epochs: how many; None without end.
        first_step: of the first epoch, whose steps before it are left out.
    """
    import keras

    if keras.backend.backend() == "tensorflow":
        return dataset(loader, first_epoch, epochs, first_step)
    from lapx_tf.data.pydataset import Batches

    return Batches(loader, first_epoch, epochs, first_step=first_step)


def dataset(loader: Loader, first_epoch: int = 0, epochs: int | None = 1, first_step: int = 0) -> Any:
    """A `tf.data.Dataset` of (images, joints) batches; see `feed`."""
    import tensorflow as tf

    height, width = loader.size
    joints = len(loader.people.skeleton.joints)

    def load(step: Any) -> tuple[Any, Any]:
        epoch, index = step // loader.batches, step % loader.batches
        batch = tf.numpy_function(loader.batch, [epoch, index], (tf.float32, tf.float32), stateful=False)
        return tf.ensure_shape(batch[0], (None, height, width, 3)), tf.ensure_shape(batch[1], (None, joints, 3))

    first = first_epoch * loader.batches
    end = tf.int64.max if epochs is None else first + epochs * loader.batches
    steps = tf.data.Dataset.range(first + first_step, end)
    return steps.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(tf.data.AUTOTUNE)
