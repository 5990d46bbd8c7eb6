import logging
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapx_tf.data import augmentation
from lapx_tf.data.augmentation import Augmentation
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import FilePart, People
from lapx_tf.data.pipeline import dataset
from lapx_tf.data.pydataset import Batches
from lapx_tf.errors import InputError
from tests.data.dots import SIZE, assert_same, dots, expected, rgb


def broken(path: Path, kind: str) -> Path | FilePart:
    """A picture that can't be read, for one reason or another."""
    picture = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    encoded = cv2.imencode(".jpg", picture)[1].tobytes()
    if kind == "empty":
        path.touch()
    elif kind == "truncated":
        path.write_bytes(encoded[: len(encoded) * 9 // 10])
    elif kind == "text":
        path.write_text("not a picture")
    elif kind == "folder":
        path.mkdir()
    elif kind == "shard cut short":
        path.write_bytes(encoded)
        return FilePart(path, 100, len(encoded))
    return path


KINDS = ["missing", "empty", "truncated", "text", "folder", "shard cut short"]


def with_broken(people: People, folder: Path, kinds: dict[int, str]) -> People:
    persons = [
        replace(person, image=broken(folder / f"{i}.jpg", kinds[i])) if i in kinds else person
        for i, person in enumerate(people.persons)
    ]
    return replace(people, persons=persons)


@pytest.mark.parametrize("kind", KINDS)
def test_in_training_the_next_readable_person_takes_the_place_of_an_unreadable_one(kind, tmp_path, caplog):
    people = with_broken(dots(12), tmp_path, {5: kind, 7: "missing"})
    loader, sound = Loader(people, SIZE, 4, Augmentation()), Loader(dots(12), SIZE, 4, Augmentation())
    with caplog.at_level(logging.WARNING, "lapx_tf"):
        for epoch in range(3):
            order = augmentation.draw(people, SIZE, Augmentation(), 0, epoch).order
            places = stand_ins(order, {5, 7})
            for found, of_sound in zip(everybody(loader, epoch), everybody(sound, epoch), strict=True):
                np.testing.assert_array_equal(found, of_sound[places])
    warnings = sorted(record.message.split(": ", 1)[1] for record in caplog.records)  # one for each, in all epochs
    assert warnings == sorted(loader.unreadable.found.values())
    assert [warning.split(":")[0] for warning in warnings] == ["dots-5", "dots-7"]


def everybody(loader: Loader, epoch: int) -> tuple[np.ndarray, np.ndarray]:
    """Crops and joints of an epoch, in its order."""
    crops, joints = zip(*expected(loader, range(epoch, epoch + 1)), strict=True)
    return np.concatenate(crops), np.concatenate(joints)


def stand_ins(order: np.ndarray, unreadable: set[int]) -> list[int]:
    """For each place in the order the first place from there on, around the end, of a person who can be read."""
    count = len(order)
    return [
        next(p % count for p in range(place, 2 * count) if order[p % count] not in unreadable) for place in range(count)
    ]


def test_unreadable_pictures_change_nothing_about_order_and_threads(tmp_path):
    people = with_broken(dots(20), tmp_path, {3: "empty", 4: "folder", 11: "truncated"})
    wanted = expected(Loader(people, SIZE, 4, Augmentation()), range(2))
    loader = Loader(people, SIZE, 4, Augmentation())
    assert_same(list(islice(Batches(loader, 0, 2, workers=4), len(wanted))), wanted)
    assert_same(list(dataset(Loader(people, SIZE, 4, Augmentation()), 0, 2)), wanted)
    assert len(loader.unreadable.found) == 3


def test_in_evaluation_an_unreadable_picture_is_black_and_counts_nothing(tmp_path):
    people = with_broken(dots(6), tmp_path, {1: "empty"})
    crops, joints = Loader(people, SIZE, 6, None).batch(0, 0)
    np.testing.assert_allclose(rgb(crops[1]), 0, atol=1e-4)
    assert not joints[1, :, 2].any()
    of_sound = Loader(dots(6), SIZE, 6, None).batch(0, 0)
    others = [0, 2, 3, 4, 5]
    assert_same([(crops[others], joints[others])], [(of_sound[0][others], of_sound[1][others])])


def test_more_unreadable_pictures_than_the_limit_stop_training_with_their_number_and_names(tmp_path):
    people = with_broken(dots(12), tmp_path, {1: "empty", 4: "missing", 9: "text"})
    list(dataset(Loader(people, SIZE, 12, Augmentation(), unreadable_limit=3)))
    with pytest.raises(InputError, match=r"3 of 12 pictures can't be read, at most 2 may be skipped: dots-\d") as error:
        list(Batches(Loader(people, SIZE, 12, Augmentation(), unreadable_limit=2), workers=2))
    assert all(f"dots-{person}: " in str(error.value) for person in (1, 4, 9))
    loader = Loader(people, SIZE, 12, None, unreadable_limit=0)
    with pytest.raises(Exception, match="1 of 12 pictures"):
        list(dataset(loader))
    assert "dots-1: " in str(loader.failure)  # where TensorFlow wraps it
    with pytest.raises(ValueError, match="`unreadable_limit` must be 0 or more, got -1"):
        Loader(people, SIZE, 12, None, unreadable_limit=-1)


@pytest.mark.parametrize("strength", [None, Augmentation()], ids=["evaluation", "training"])
def test_when_no_picture_can_be_read_no_limit_hides_it(strength, tmp_path):
    people = with_broken(dots(3), tmp_path, {0: "empty", 1: "missing", 2: "text"})
    with pytest.raises(InputError, match="3 of 3 pictures can't be read"):
        Loader(people, SIZE, 3, strength, unreadable_limit=100).batch(0, 0)


def test_people_of_one_picture_count_once(tmp_path):
    people = dots(6)
    shared = broken(tmp_path / "a.jpg", "empty")
    persons = [replace(person, image=shared) if i in (0, 1, 2) else person for i, person in enumerate(people.persons)]
    loader = Loader(replace(people, persons=persons), SIZE, 6, Augmentation(), unreadable_limit=1)
    loader.batch(0, 0)
    assert len(loader.unreadable.found) == 1
