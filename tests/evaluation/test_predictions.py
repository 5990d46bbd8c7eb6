from dataclasses import replace

import numpy as np
import pytest

from lapx_tf.codecs.decode import decode
from lapx_tf.errors import InputError
from lapx_tf.evaluation.predictions import predict, predict_readable
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.skeletons import COCO_17
from tests.evaluation.groups import Brightness, coco_people


def estimator(**options) -> PoseEstimator:
    return PoseEstimator(Brightness(COCO_17), **options)


def with_pictures(images):
    """People, one for each picture; None for one that can be read."""
    people = coco_people(len(images))
    persons = [p if image is None else replace(p, image=image) for p, image in zip(people.persons, images, strict=True)]
    return replace(people, persons=persons)


def test_pictures_that_can_not_be_read_are_left_out_named_and_counted(tmp_path):
    people = with_pictures([None, b"", tmp_path / "none.jpg", None, tmp_path])
    done = []
    found = predict_readable(estimator(), people, 3, batch_size=2, on_batch=done.append)
    assert done == [2, 2, 1]
    assert [person.image_id for person in found.people.persons] == [0, 3]
    assert found.joints.shape == (2, 17, 3)
    assert [sentence.partition(":")[0] for sentence in found.unreadable] == ["<p1>.jpg", "<p2>.jpg", "<p4>.jpg"]
    truth = found.people.ground_truth
    assert [image["id"] for image in truth["images"]] == [0, 3]
    assert [annotation["image_id"] for annotation in truth["annotations"]] == [0, 3]
    readable = replace(people, persons=[people.persons[0], people.persons[3]])
    np.testing.assert_array_equal(found.joints, predict(estimator(), readable))


def test_one_more_than_the_limit_is_an_error_and_none_is_left_out_unasked():
    people = with_pictures([None, b"", b"none", None])
    for limit in (0, 1):
        with pytest.raises(InputError, match=r"<p1>\.jpg"):
            predict_readable(estimator(), people, limit)
    with pytest.raises(InputError, match=r"<p1>\.jpg"):
        predict(estimator(), people)


def test_nobody_at_all_is_an_error_whatever_the_limit():
    with pytest.raises(InputError, match="2 of 2 pictures"):
        predict_readable(estimator(), with_pictures([b"", b"none"]), 10)


def test_the_decoder_and_the_flip_shift_are_those_asked_for():
    people = with_pictures([None])
    plain = predict(estimator(), people)
    moved = predict(estimator(decoder=lambda maps: decode(maps) + np.float32([1, 0, 0])), people)
    box = people.persons[0].box
    np.testing.assert_allclose(moved[..., 0] - plain[..., 0], 4 * box.width / 64, rtol=1e-4)
    flipped = [predict(estimator(flip_test=True, flip_shift=shift), people) for shift in (0, 3)]
    assert (flipped[0] != flipped[1]).any()
