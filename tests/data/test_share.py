import numpy as np
import pytest

from lapx_tf.data.augmentation import Augmentation
from lapx_tf.data.loader import Loader
from lapx_tf.data.share import Share
from tests.data.dots import SIZE, assert_same, dots, expected


@pytest.mark.parametrize("strength", [None, Augmentation()], ids=["evaluation", "training"])
def test_the_shares_of_all_processes_are_the_whole_batches(strength):
    whole = Loader(dots(13), SIZE, 4, strength, seed=3)
    shares = [Share(dots(13), SIZE, 4, strength, seed=3, part=part, parts=2) for part in range(2)]
    assert [share.batches for share in shares] == [whole.batches] * 2
    for epoch in range(2):
        for index in range(whole.batches):
            parts = [share.batch(epoch, index) for share in shares]
            together = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
            assert [len(array) for array in together] == [4, 4]
            images, joints = whole.batch(epoch, index)
            assert_same([[array[: len(images)] for array in together]], [(images, joints)])
            assert not together[1][len(images) :].any()  # nobody


def test_a_share_reads_only_its_own_pictures():
    shares = [Share(dots(12), SIZE, 6, Augmentation(), part=part, parts=3) for part in range(3)]
    people, read = shares[1].people, []
    for person in people.persons:
        object.__setattr__(person, "read", lambda person=person: read.append(person.name) or type(person).read(person))
    expected(shares[1], range(1))
    order = shares[1]._samples(0).order
    assert read == [people.persons[index].name for index in order[[2, 3, 8, 9]]]


@pytest.mark.parametrize(("part", "parts"), [(0, 3), (2, 2), (-1, 2)])
def test_parts_that_there_are_not_are_refused(part, parts):
    with pytest.raises(ValueError, match=f"no part {part} of {parts}"):
        Share(dots(8), SIZE, 4, None, part=part, parts=parts)


def test_too_few_people_for_a_batch_of_all_processes_are_refused():
    with pytest.raises(ValueError, match="3 persons do not fill one batch of 4"):
        Share(dots(3), SIZE, 4, Augmentation(), part=0, parts=2)
