"""Predictions for a data set: of a model, and of the mean pose, the baseline that every model must beat."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry, images
from lapx_tf.data.people import People
from lapx_tf.runtime.predictor import PosePredictor


def predict(
    predictor: PosePredictor, people: People, batch_size: int = 16, on_batch: Callable[[int], None] = lambda _: None
) -> NDArray[np.float32]:
    """The joints of each person from the crop of the person's box.

    Args:
        predictor: any session behind it.
        people: N persons with boxes.
        batch_size: crops at a time.
        on_batch: is called with the number of persons done in a batch.

    Returns:
        float32 [N, K, 3] (x, y, score) in the model's joints, pixels of the stored image.
    """
    size = predictor.session.spec.input_size
    found = []
    for start in range(0, len(people), batch_size):
        persons = people.persons[start : start + batch_size]
        maps = [geometry.crop_from_image(person.box, size) for person in persons]
        crops = np.stack([images.warp(p.read(), to_crop, size) for p, to_crop in zip(persons, maps, strict=True)])
        joints = predictor.predict_crops(crops)
        found += [geometry.transform(geometry.invert(m), of_one) for m, of_one in zip(maps, joints, strict=True)]
        on_batch(len(persons))
    return np.asarray(found, np.float32)


def mean_pose(training: People, people: People) -> NDArray[np.float32]:
    """What can be known without looking: the mean of the training joints in the box, put into each person's box.

    Returns:
        float32 [N, K, 3] (x, y, 1), pixels of the image.
    """
    unit = (1, 1)
    joints = np.stack([geometry.transform(geometry.crop_from_image(p.box, unit), p.joints) for p in training.persons])
    weight = joints[..., 2:]
    mean = (joints[..., :2] * weight).sum(axis=0) / np.maximum(weight.sum(axis=0), 1)
    mean = np.concatenate([mean, np.ones((len(mean), 1))], axis=-1)
    return np.stack(
        [geometry.transform(geometry.invert(geometry.crop_from_image(p.box, unit)), mean) for p in people.persons]
    ).astype(np.float32)
