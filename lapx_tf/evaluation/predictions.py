"""Predictions for a data set: of a model, and of the mean pose, the baseline that every model must beat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry, images
from lapx_tf.data.people import People, Person
from lapx_tf.data.unreadable import Unreadable
from lapx_tf.errors import InputError
from lapx_tf.runtime.estimator import PoseEstimator

BATCH_SIZE = 16


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model finds in a data set.

    Attributes:
        people: those whose picture could be read.
        joints: float32 [N, K, 3] (x, y, score) of these people, pixels of the stored image.
        unreadable: one sentence for each picture that could not be read.
    """

    people: People
    joints: NDArray[np.float32]
    unreadable: Sequence[str] = ()


def predict(
    estimator: PoseEstimator,
    people: People,
    batch_size: int = BATCH_SIZE,
    on_batch: Callable[[int], None] = lambda _: None,
) -> NDArray[np.float32]:
    """The joints of each person from the crop of the person's box.

    Args:
        estimator: any session behind it.
        people: N persons with boxes.
        batch_size: crops at a time.
        on_batch: is called with the number of persons done in a batch.

    Returns:
        float32 [N, K, 3] (x, y, score) in the model's joints, pixels of the stored image.

    Raises:
        InputError: a picture can't be read.
    """
    return predict_readable(estimator, people, 0, batch_size, on_batch).joints


def predict_readable(
    estimator: PoseEstimator,
    people: People,
    limit: int,
    batch_size: int = BATCH_SIZE,
    on_batch: Callable[[int], None] = lambda _: None,
) -> Predictions:
    """Like `predict`, but people whose picture can't be read are left out and named, up to `limit` pictures.

    Raises:
        InputError: there are more of them, or no other.
    """
    size = estimator.session.spec.input_size
    unreadable = Unreadable(limit, len({person.image for person in people.persons}))
    kept: list[Person] = []
    found: list[NDArray[np.float32]] = []
    for start in range(0, len(people), batch_size):
        persons = people.persons[start : start + batch_size]
        crops = [(person, crop) for person in persons if (crop := _crop(person, size, unreadable)) is not None]
        if crops:
            kept += [person for person, _ in crops]
            found.append(_joints(estimator, *zip(*crops, strict=True)))
        on_batch(len(persons))
    return Predictions(_part(people, kept), np.concatenate(found), list(unreadable.found.values()))


def _crop(person: Person, size: tuple[int, int], unreadable: Unreadable) -> NDArray[np.float32] | None:
    """The crop, float32 [*size, 3]; None where the picture can't be read."""
    try:
        return images.warp(person.read(), geometry.crop_from_image(person.box, size), size)
    except (InputError, OSError) as error:
        unreadable.add(person.image, person.name, error)
        return None


def _joints(
    estimator: PoseEstimator, persons: Sequence[Person], crops: Sequence[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """float32 [B, K, 3] (x, y, score) of a batch, pixels of the stored images."""
    size = estimator.session.spec.input_size
    to_image = [geometry.invert(geometry.crop_from_image(person.box, size)) for person in persons]
    of_crops = estimator.predict_crops(np.stack(crops))
    return np.stack([geometry.transform(m, one) for m, one in zip(to_image, of_crops, strict=True)]).astype(np.float32)


def _part(people: People, kept: list[Person]) -> People:
    """The people kept; where COCO's measure counts every annotated image, without the images of the others."""
    if len(kept) == len(people):
        return people
    truth = people.ground_truth
    if truth is not None:
        lost = {person.image_id for person in people.persons} - {person.image_id for person in kept}
        truth = truth | {
            "images": [image for image in truth["images"] if image["id"] not in lost],
            "annotations": [one for one in truth["annotations"] if one["image_id"] not in lost],
        }
    return replace(people, persons=kept, ground_truth=truth)


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
