import json
import logging

import numpy as np
import pytest

from lapx_tf import geometry
from lapx_tf.data import own
from lapx_tf.data.coco_category import SIGMA, skeleton_of
from lapx_tf.data.records import RecordError
from lapx_tf.errors import InputError, NoSuchSplitError
from lapx_tf.evaluation import oks
from lapx_tf.skeletons import COCO_17
from tests.data.coco_files import FOX, PERSON, SIZE, annotation, image, write


def foxes(numbers, **changed):
    """An image with one fox for each number, which is the id of both."""
    return [image(n) for n in numbers], [annotation(n, FOX, image_id=n, **changed) for n in numbers], FOX


def image_ids(people):
    return {person.image_id for person in people.persons}


def test_five_joints_of_an_animal_need_no_code(tmp_path):
    file = write(tmp_path / "foxes.json", *foxes(range(1, 4)), folder=tmp_path)
    people = own.load(file)
    assert (people.dataset, people.skeleton.name, len(people)) == ("own", "fox_5", 3)
    assert people.skeleton.joints == tuple(FOX["keypoints"])
    assert people.skeleton.limbs == ((0, 1), (0, 2), (3, 4))
    assert people.skeleton.flip_pairs == ((1, 2),)
    assert people.skeleton.sigmas == (0.026, 0.035, 0.035, SIGMA, SIGMA)  # nose and ears are COCO's, too
    assert people.persons[2].read().shape == (*SIZE, 3)
    scores = oks.coco_ap(people.joints, people)
    assert scores["AP"] == pytest.approx(1)


def test_cocos_joints_in_a_file_of_ones_own_have_cocos_skeleton(tmp_path):
    skeleton = own.load(write(tmp_path / "a.json", [image(1)], [annotation(1, PERSON)], PERSON)).skeleton
    for part in ("joints", "limbs", "flip_pairs", "sigmas"):
        assert getattr(skeleton, part) == getattr(COCO_17, part)


@pytest.mark.parametrize(
    ("stated", "pairs"),
    [
        ([["nose", "tail_tip"]], ((0, 4),)),
        ([[0, 4], ["right_ear", "left_ear"]], ((0, 4), (2, 1))),
        ([], ()),
    ],
)
def test_flip_pairs_can_be_stated_by_name_and_by_index_from_0(stated, pairs, caplog):
    assert skeleton_of({**FOX, "flip_pairs": stated}).flip_pairs == pairs
    assert not caplog.records


def test_joints_without_sides_are_remarked_on(caplog):
    with caplog.at_level(logging.WARNING):
        assert skeleton_of({"keypoints": ["head", "tail"]}).flip_pairs == ()
    assert "no left and right in the joint names head, tail" in caplog.text


def test_sigmas_can_be_stated():
    assert skeleton_of({**FOX, "sigmas": [0.1, 0.2, 0.2, 0.3, 0.4]}).sigmas == (0.1, 0.2, 0.2, 0.3, 0.4)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"keypoints": "nose"}, "must be a list of names"),
        ({"keypoints": []}, "must be a list of names"),
        ({"keypoints": ["a", "a"], "skeleton": []}, "unique"),
        ({"keypoints": ["a", 3]}, "must be printable text, got 3"),
        ({"keypoints": ["a", "\ud800"]}, "must be printable text"),
        ({"name": ["fox"]}, "name must be printable text"),
        ({"skeleton": [[0, 1]]}, "skeleton: 0 is no joint; they are numbered from 1 to 5"),
        ({"skeleton": [[5, 6]]}, "6 is no joint"),
        ({"skeleton": [[1, 2, 3]]}, "list of pairs"),
        ({"skeleton": [["nose", "tail_tip"]]}, "'nose' is no joint"),
        ({"flip_pairs": [["left_ear", "right_eye"]]}, "flip_pairs: 'right_eye' is no joint"),
        ({"flip_pairs": [[1, 5]]}, "numbered from 0 to 4"),
        ({"flip_pairs": [[1, True]]}, "True is no joint"),
        ({"flip_pairs": [[1, 2], [2, 3]]}, "name a joint once at most"),
        ({"flip_pairs": [[1, 1]]}, "name a joint once at most"),
        ({"flip_pairs": None}, "flip_pairs must be a list of pairs"),
        ({"sigmas": [0.1]}, r"sigmas must be numbers of the shape \[5\]"),
        ({"sigmas": [0.1, 0, 0.1, 0.1, 0.1]}, "sigmas must be positive"),
    ],
)
def test_a_category_that_is_no_skeleton_is_refused(tmp_path, changed, sentence):
    category = {**FOX, **changed}
    with pytest.raises(RecordError, match=sentence):
        skeleton_of(category)
    with pytest.raises(InputError, match=r"a\.json: categories\[0\]: "):
        own.load(write(tmp_path / "a.json", *foxes([1])[:2], category))


def test_a_single_file_is_divided_by_image_the_same_way_every_time(tmp_path):
    images, annotations, _ = foxes(range(1, 1001))
    annotations += [annotation(1000 + n, FOX, image_id=n) for n in range(1, 101)]
    file = write(tmp_path / "a.json", images, annotations, FOX)
    train, val, everything = (own.load(file, split) for split in ("train", "val", "all"))
    assert image_ids(train).isdisjoint(image_ids(val))
    assert image_ids(train) | image_ids(val) == image_ids(everything)
    assert len(everything) == 1100
    assert len(val.ground_truth["images"]) == 102  # a tenth, by the hash of the names
    more = write(tmp_path / "b.json", *foxes(range(500, 1501)))
    kept = {key for key in image_ids(val) if key >= 500}
    assert {key for key in image_ids(own.load(more, "val")) if key <= 1000} == kept


def test_an_image_can_state_its_split(tmp_path):
    images, annotations, _ = foxes(range(1, 5))
    for record, split in zip(images, ("val", "train", "test", "val"), strict=True):
        record["split"] = split
    file = write(tmp_path / "a.json", images, annotations, FOX)
    assert {split: image_ids(own.load(file, split)) for split in ("train", "val", "all")} == {
        "train": {2},
        "val": {1, 4},
        "all": {1, 2, 3, 4},
    }


def test_a_few_images_may_have_no_val(tmp_path):
    file = write(tmp_path / "a.json", *foxes([7, 8]))
    with pytest.raises(NoSuchSplitError, match="no image of the split among 2"):
        own.load(file, "val")
    with pytest.raises(InputError, match="accepted are train, val, all"):
        own.load(file, "test")


@pytest.mark.parametrize("place", [".", "annotations"])
def test_a_folder_has_a_file_for_each_split(tmp_path, place):
    write(tmp_path / place / "train.json", *foxes([1, 2, 3]))
    assert own.recognises(tmp_path)
    with pytest.raises(NoSuchSplitError, match=r"no val\.json"):
        own.load(tmp_path, "val")
    write(tmp_path / place / "val.json", *foxes([4, 5]))
    sizes = {split: len(own.load(tmp_path, split)) for split in ("train", "val", "all")}
    assert sizes == {"train": 3, "val": 2, "all": 5}


@pytest.mark.parametrize("place", [".", "images", "annotations", "annotations/images"])
def test_images_are_found_beside_the_file_and_in_the_folder(tmp_path, place):
    write(tmp_path / "annotations" / "train.json", *foxes([1, 2]), folder=tmp_path / place)
    (tmp_path / place / "001.png").unlink()
    assert own.load(tmp_path, "train").persons[1].read().shape == (*SIZE, 3)


def test_files_that_are_none_of_ours_are_not_recognised(tmp_path):
    for name, content in (("list.json", b"[{}]"), ("empty.json", b""), ("bad.json.gz", b"{}"), ("a.png", b"\x89PNG")):
        (tmp_path / name).write_bytes(content)
        assert not own.recognises(tmp_path / name)
    (tmp_path / "train.json").write_text(' [{"image": "mpii.jpg"}]')
    for missing in (tmp_path, tmp_path / "missing"):
        assert not own.recognises(missing)
    for encoded in (b'\xef\xbb\xbf{"images": []}', b'\n  {"images'):
        (tmp_path / "own.json").write_bytes(encoded)
        assert own.recognises(tmp_path / "own.json")


def test_missing_boxes_and_areas_are_made_from_the_joints(tmp_path):
    joints = np.array([[30, 40, 2], [50, 40, 2], [0, 0, 0], [50, 110, 1], [40, 60, 2]])
    record = {"id": 7, "image_id": 1, "category_id": 3, "keypoints": joints.ravel().tolist()}
    people = own.load(write(tmp_path / "a.json", [image(1)], [record], FOX))
    (person,), (truth,) = people.persons, people.ground_truth["annotations"]
    assert person.box == geometry.box_around(joints[joints[:, 2] > 0, :2])
    assert truth["bbox"] == [5.5, 40.5, 70, 70]
    assert (truth["area"], truth["iscrowd"], truth["num_keypoints"]) == (4900, 0, 4)


def test_the_area_is_that_of_a_stated_box(tmp_path):
    record = annotation(1, FOX)
    del record["area"]
    people = own.load(write(tmp_path / "a.json", [image(1)], [record], FOX))
    assert people.ground_truth["annotations"][0]["area"] == 80 * 60


def test_the_file_may_be_compressed(tmp_path):
    import gzip

    plain = write(tmp_path / "a.json", *foxes([1, 2]))
    packed = tmp_path / "a.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert own.recognises(packed)
    assert len(own.load(packed)) == 2
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(InputError, match="not a whole JSON file"):
        own.load(packed)


def test_people_are_not_written_to_by_the_evaluator(tmp_path):
    people = own.load(write(tmp_path / "a.json", *foxes([1, 2])))
    before = json.dumps(people.ground_truth["annotations"])
    oks.coco_ap(people.joints, people)
    assert json.dumps(people.ground_truth["annotations"]) == before
