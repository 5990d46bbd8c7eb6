import copy
import math

import numpy as np
import pytest

from lapx_tf.data import mpii
from lapx_tf.errors import InputError, NoSuchSplitError
from lapx_tf.skeletons import MPII_16
from tests.data.mpii_writers import (
    EMPTY,
    PLACES,
    common_person,
    published_person,
    wei_person,
    write_json,
    write_published,
    write_truth,
)


def names(people):
    return [person.name for person in people.persons]


def sizes(people):
    return [person.head_size for person in people.persons]


@pytest.fixture(scope="module")
def real(shared_data):
    return mpii.load(shared_data / "mpii", "all")


def test_the_real_annotations_have_the_persons_that_papers_count(real):
    assert len(real) == 22246 + 2958
    assert len(set(names(real))) == len(real)
    assert not real.problems
    # val, whose head sizes are known, comes last
    assert np.isnan(sizes(real)[:22246]).all()
    assert np.isfinite(sizes(real)[22246:]).all()


def test_the_first_pixel_of_the_real_annotations_is_0_here(real):
    own = [i for i, joint in enumerate(MPII_16.joints) if joint not in ("neck", "head_top")]
    joints = real.joints[:, own]
    assert (joints[joints[..., 2] > 0].min(axis=0)[:2] == 0).all()


def test_the_other_common_json_is_read_to_the_same_persons(real, shared_data):
    by_name = dict(zip(names(real), real.persons, strict=True))
    sample = mpii.load(shared_data / "mpii" / "sample_5.json", "train")
    assert len(sample) == 5
    for person in sample.persons:
        same = by_name[person.name]
        np.testing.assert_allclose(person.joints, same.joints, atol=1e-3)
        assert person.box.x == same.box.x
        assert person.box.width == pytest.approx(same.box.width, abs=0.2)  # three decimals of the scale x 250
        height, width, _ = person.read().shape
        labelled = person.joints[person.joints[:, 2] > 0]
        assert ((labelled[:, :2] >= 0) & (labelled[:, :2] < [width, height])).all()


def test_the_real_truth_for_pckh_differs_in_13_joints_of_10_persons(real, shared_data):
    truth = mpii.val_truth(shared_data / "mpii")
    assert names(truth) == names(real)[22246:]  # read with the split val
    differs = np.abs(truth.joints - real.joints[22246:]).max(axis=-1) > 0.01
    assert (differs.sum(), differs.any(axis=1).sum()) == (13, 10)
    assert (truth.joints[differs][:, :2] == -mpii.FIRST_PIXEL).any(axis=1).all()


def test_every_format_gives_the_same_person(tmp_path):
    write_json(tmp_path / "a" / "mpii_annotations.json.gz", [wei_person()])
    write_json(tmp_path / "b" / "train.json", [common_person()])
    (tmp_path / "c").mkdir()
    write_published(tmp_path / "c", [("a.jpg", [published_person()])], [1])
    for name in "abc":
        people = mpii.load(tmp_path / name, "train")
        (person,) = people.persons
        assert (people.dataset, people.skeleton) == ("mpii", MPII_16)
        assert (person.name, person.image) == ("a.jpg #1", tmp_path / name / "images" / "a.jpg")
        assert person.joints.dtype == np.float32
        np.testing.assert_array_equal(person.joints, np.column_stack([np.subtract(PLACES, 1), np.ones(16)]))
        # 15 pixels x scale down, 1.25 x 200 pixels x scale wide, and the first pixel is 0.
        assert (person.box.x, person.box.y) == (199, 180 + 30 - 1)
        assert (person.box.width, person.box.height) == (500, 500)


def test_a_hidden_joint_counts_and_an_unlabelled_one_does_not(tmp_path):
    joint_self = [[*place, 0.0] for place in PLACES]
    joint_self[3] = [0, 0, 0]
    write_json(tmp_path / "a" / "mpii_annotations.json", [wei_person(joint_self=joint_self)])
    places, flags = copy.deepcopy(PLACES), [1] * 16
    places[3], flags[3] = [-1, -1], 0
    write_json(tmp_path / "b" / "train.json", [common_person(joints=places, joints_vis=flags)])
    write_json(tmp_path / "c" / "train.json", [common_person(joints=places)])  # the flag is wrong
    write_json(tmp_path / "d" / "train.json", [common_person(joints_vis=flags)])  # the place means nothing
    for name in "abcd":
        joints = mpii.load(tmp_path / name).joints[0]
        assert np.flatnonzero(joints[:, 2] == 0).tolist() == [3]
        assert joints[3].tolist() == [0, 0, 0]


def test_persons_of_one_image_are_told_apart_whatever_the_split(tmp_path):
    write_json(tmp_path / "mpii_annotations.json", [wei_person(), wei_person(val=1.0), wei_person("b.jpg", 1)])
    assert names(mpii.load(tmp_path, "train")) == ["a.jpg #1"]
    assert names(mpii.load(tmp_path, "val")) == ["a.jpg #2", "b.jpg #1"]
    assert names(mpii.load(tmp_path, "all")) == ["a.jpg #1", "a.jpg #2", "b.jpg #1"]


@pytest.mark.parametrize("name", ["valid.json", "val.json"])
def test_a_file_for_each_part_may_lie_in_a_subfolder(tmp_path, name):
    write_json(tmp_path / "annot" / "train.json", [common_person("a.jpg")])
    write_json(tmp_path / "annot" / name, [common_person("b.jpg")])
    write_json(tmp_path / "annot" / "trainval.json", [common_person("a.jpg"), common_person("b.jpg")])
    for path in (tmp_path, tmp_path / "annot"):
        assert mpii.recognises(path)
        assert names(mpii.load(path, "train")) == ["a.jpg #1"]
        assert names(mpii.load(path, "val")) == ["b.jpg #1"]
        assert mpii.load(path, "all").persons[1].image == tmp_path / "images" / "b.jpg"
    with pytest.raises(NoSuchSplitError, match=r"train\.json has no val persons"):
        mpii.load(tmp_path / "annot" / "train.json", "val")


def test_one_json_of_another_name_is_train_and_several_are_refused(tmp_path):
    write_json(tmp_path / "sample_5.json", [common_person()])
    assert len(mpii.load(tmp_path, "train")) == len(mpii.load(tmp_path)) == 1
    with pytest.raises(NoSuchSplitError, match="no val persons"):
        mpii.load(tmp_path, "val")
    write_json(tmp_path / "mine.json", [common_person()])
    with pytest.raises(InputError, match=r"mine\.json, sample_5\.json: give one"):
        mpii.load(tmp_path)
    assert len(mpii.load(tmp_path / "mine.json")) == 1


def test_the_file_with_all_persons_is_preferred(tmp_path):
    write_json(tmp_path / "train.json", [common_person()] * 2)
    write_published(tmp_path, [("a.jpg", [published_person()] * 3)], [1])
    assert len(mpii.load(tmp_path)) == 2
    write_json(tmp_path / "mpii_annotations.json", [wei_person()])
    assert len(mpii.load(tmp_path)) == 1


def test_the_published_file_has_train_persons_with_joints_and_head_sizes(tmp_path):
    nobody = published_person(annopoints=EMPTY, objpos=EMPTY, scale=EMPTY)
    no_points = published_person(annopoints={"point": EMPTY})
    no_head = published_person(x1=EMPTY)
    one_joint = published_person(annopoints={"point": {"id": 9, "x": 7.5, "y": -3.0, "is_visible": EMPTY}})
    images = [
        ("a.jpg", [nobody, published_person(), no_points, no_head]),
        ("test.jpg", [published_person()]),
        ("b.jpg", [one_joint]),
        ("c.jpg", []),
    ]
    write_published(tmp_path, images, [1, 0, 1, 1])
    people = mpii.load(tmp_path, "train")
    assert names(people) == ["a.jpg #1", "a.jpg #2", "b.jpg #1"]
    assert not people.problems
    assert sizes(people)[::2] == [0.6 * 50, 0.6 * 50]
    assert math.isnan(sizes(people)[1])
    assert people.joints[2, 9].tolist() == [6.5, -4, 1]
    assert people.joints[2, :, 2].sum() == 1
    with pytest.raises(NoSuchSplitError):
        mpii.load(tmp_path, "val")


def test_head_sizes_of_val_come_from_the_truth_beside_it(tmp_path):
    write_json(tmp_path / "annot" / "valid.json", [common_person(), common_person()])
    assert np.isnan(sizes(mpii.load(tmp_path))).all()
    write_truth(tmp_path / "annot", 2, name="gt_valid.mat")
    assert sizes(mpii.load(tmp_path)) == pytest.approx([30, 60])
    assert sizes(mpii.load(tmp_path / "annot" / "valid.json")) == pytest.approx([30, 60])


@pytest.mark.parametrize(("count", "joints"), [(3, PLACES), (2, PLACES[::-1])])
def test_head_sizes_of_other_persons_are_not_taken(tmp_path, count, joints):
    write_json(tmp_path / "valid.json", [common_person(), common_person()])
    write_truth(tmp_path, count, joints)
    people = mpii.load(tmp_path)
    assert np.isnan(sizes(people)).all()
    assert "other persons" in people.problems[0]


def test_the_truth_of_val_is_read_with_annotations_and_without(tmp_path):
    with pytest.raises(InputError, match=r"detections_our_format\.mat or gt_valid\.mat"):
        mpii.val_truth(tmp_path)
    wrong = [[0.0, place[1]] if joint == 5 else place for joint, place in enumerate(PLACES)]
    write_truth(tmp_path, 1, wrong)
    alone = mpii.val_truth(tmp_path / "detections_our_format.mat")
    write_json(tmp_path / "train.json", [common_person()])
    without_val = mpii.val_truth(tmp_path)
    write_json(tmp_path / "valid.json", [common_person("v.jpg")])
    annotated = mpii.val_truth(tmp_path)
    assert [names(people) for people in (alone, without_val, annotated)] == [
        ["val person 1"],
        ["val person 1"],
        ["v.jpg #1"],
    ]
    assert annotated.persons[0].box.width == 500
    for people in (alone, without_val, annotated):
        np.testing.assert_allclose(people.joints[0, :, :2], np.subtract(wrong, 1), atol=1e-4)
        assert sizes(people) == pytest.approx([30])


def test_other_folders_and_splits_are_refused(tmp_path):
    assert not mpii.recognises(tmp_path)
    assert not mpii.recognises(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no annotations of MPII"):
        mpii.load(tmp_path)
    write_json(tmp_path / "train.json", {"images": [], "annotations": [], "joints_vis": 1})  # COCO-style
    write_json(tmp_path / "annotations" / "other.json", [{"joints": 1}])
    assert not mpii.recognises(tmp_path)
    write_json(tmp_path / "train.json", [common_person()])
    with pytest.raises(InputError, match="accepted are train, val, all"):
        mpii.load(tmp_path, "test")
