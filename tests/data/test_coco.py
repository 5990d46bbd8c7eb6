import json
import re

import numpy as np
import pytest

from lapx_tf import geometry
from lapx_tf.data import coco
from lapx_tf.errors import InputError, NoSuchSplitError
from lapx_tf.skeletons import COCO_17
from tests.data.coco_files import FOX, PERSON, SIZE, annotation, image, unlabelled, write

NOTHING = unlabelled(PERSON)
SOUND = annotation(1, PERSON)


def write_coco(folder, annotations, images=None, part="val2017", category=PERSON):
    """Two images, the annotations, and no picture."""
    file = folder / "annotations" / f"person_keypoints_{part}.json"
    return write(file, images or [image(1), image(2)], annotations, category)


def read(folder, annotations, **options):
    write_coco(folder, annotations, **options)
    return coco.load(folder, "val")


def ids(people):
    return [record["id"] for record in people.ground_truth["annotations"]]


def without(record, key):
    return {name: value for name, value in record.items() if name != key}


def test_the_real_files_are_read_whole(shared_data):
    counts = {}
    for split in ("train", "val", "all"):
        people = coco.load(shared_data / "coco", split)
        truth = people.ground_truth
        counts[split] = len(people), len(truth["images"]), len(truth["annotations"]), len(people.problems)
    assert counts == {"train": (86, 32, 148, 0), "val": (12, 4, 14, 0), "all": (98, 36, 162, 0)}
    assert (people.dataset, people.skeleton) == ("coco", COCO_17)
    assert (people.persons[0].read().shape, people.persons[0].image_id) == ((640, 480, 3), 535506)


def test_real_joints_lie_in_their_boxes(shared_data):
    inside = []
    for person in coco.load(shared_data / "coco", "all").persons:
        crop = geometry.transform(geometry.crop_from_image(person.box, (256, 256)), person.joints)
        inside.append(((crop >= 0) & (crop <= 255))[person.joints[:, 2] > 0, :2].all(axis=-1))
    assert np.concatenate(inside).mean() > 0.99


def test_hidden_joints_are_labelled_and_others_have_no_place(tmp_path):
    keypoints = [[7, 9, 0], [30, 40, 1], [50, 60, 2]] + [[0, 0, 0]] * 14
    changed = {"keypoints": np.ravel(keypoints).tolist(), "num_keypoints": 2}
    joints = read(tmp_path, [annotation(1, PERSON, **changed)]).joints[0]
    assert joints[:3].tolist() == [[0, 0, 0], [30, 40, 1], [50, 60, 1]]
    assert not joints[3:].any()


def test_crowds_and_unlabelled_persons_are_in_the_ground_truth_alone(tmp_path):
    people = read(
        tmp_path,
        [SOUND, annotation(2, PERSON, **NOTHING), annotation(3, PERSON, iscrowd=1), annotation(4, PERSON, image_id=2)],
    )
    assert [person.name for person in people.persons] == ["001.png #1", "002.png #4"]
    assert ids(people) == [1, 2, 3, 4]
    assert not people.problems


def test_the_box_of_a_whole_image_is_the_image(tmp_path):
    height, width = SIZE
    box = read(tmp_path, [annotation(1, PERSON, bbox=[0, 0, width, height])]).persons[0].box
    whole = geometry.box_of_image(SIZE)
    assert box == geometry.Box(whole.x, whole.y, 1.25 * width, 1.25 * height)


def test_boxes_are_clipped_to_the_image_and_enlarged_by_a_quarter(tmp_path):
    box = read(tmp_path, [annotation(1, PERSON, bbox=[-10, 100, 50, 40])]).persons[0].box
    assert box == geometry.Box(19.5, 109.5, 50, 25)  # the pixels 0 to 39 and 100 to 119


@pytest.mark.parametrize("place", ["val2014", "images/val2014"])
def test_images_are_found_in_both_usual_places(tmp_path, place):
    write_coco(tmp_path, [SOUND], part="val2014")
    write(tmp_path / "unused.json", [image(1)], [], PERSON, folder=tmp_path / place)
    assert coco.load(tmp_path, "val").persons[0].read().shape == (*SIZE, 3)


def test_of_several_years_the_last_is_read_and_other_names_are_not(tmp_path):
    for number, part in enumerate(("val2014", "val2017", "valminusminival2014", "val2017_copy"), start=1):
        write_coco(tmp_path, [annotation(number, PERSON)], part=part)
    assert ids(coco.load(tmp_path, "val")) == [2]


def test_splits_that_are_not_there_are_named(tmp_path):
    write_coco(tmp_path, [SOUND])
    assert coco.recognises(tmp_path)
    assert len(coco.load(tmp_path, "all")) == 1
    with pytest.raises(NoSuchSplitError, match="person_keypoints_train<year>"):
        coco.load(tmp_path, "train")
    with pytest.raises(InputError, match="accepted are train, val, all"):
        coco.load(tmp_path, "test")


def test_the_same_image_id_in_train_and_val_is_refused_together(tmp_path):
    write_coco(tmp_path, [SOUND], part="train2017")
    write_coco(tmp_path, [SOUND])
    with pytest.raises(InputError, match="images of the same id; load one of them"):
        coco.load(tmp_path, "all")


def test_persons_of_other_joints_are_people_of_ones_own(tmp_path):
    people = read(tmp_path, [annotation(1, FOX)], category=FOX)
    assert (people.dataset, people.skeleton.name) == ("own", "fox_5")


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (None, "must be an object"),
        ([], "must be an object"),
        (without(SOUND, "image_id"), "has no 'image_id'"),
        (without(SOUND, "keypoints"), "has no 'keypoints'"),
        (without(SOUND, "id"), "has no 'id'"),
        (without(SOUND, "category_id"), "has no 'category_id'"),
        ({**SOUND, "id": 9}, "id 9 occurs twice"),
        ({**SOUND, "image_id": 77}, "no image with the id 77"),
        ({**SOUND, "image_id": "1"}, "image_id must be a whole number"),
        ({**SOUND, "category_id": 2}, "category_id is 2"),
        ({**SOUND, "keypoints": [1, 2, 2]}, r"keypoints must be numbers of the shape \[51\]"),
        ({**SOUND, "keypoints": [*SOUND["keypoints"], 1]}, r"keypoints must be numbers of the shape \[51\]"),
        ({**SOUND, "keypoints": ["1"] * 51}, "keypoints must be numbers"),
        ({**SOUND, "keypoints": [float("nan"), *SOUND["keypoints"][1:]]}, "keypoints holds a value"),
        ({**SOUND, "keypoints": [1e9, *SOUND["keypoints"][1:]]}, "keypoints holds a value"),
        ({**SOUND, "keypoints": [1, 1, 3, *SOUND["keypoints"][3:]]}, "must be 0, 1 or 2"),
        ({**SOUND, "num_keypoints": 0}, "num_keypoints is 0, but 17 joints are labelled"),
        ({**SOUND, **NOTHING, "num_keypoints": 4}, "num_keypoints is 4, but 0 joints are labelled"),
        ({**SOUND, "bbox": [1, 2, -3, 4]}, "must not have a negative size"),
        ({**SOUND, "bbox": [1, 2, 3]}, r"bbox must be numbers of the shape \[4\]"),
        ({**SOUND, "bbox": [1, 2, float("inf"), 4]}, "bbox holds a value"),
        ({**without(SOUND, "bbox"), **NOTHING}, "neither bbox nor a labelled joint"),
        ({**SOUND, "area": -1}, "area must be a number"),
        ({**SOUND, "area": float("nan")}, "area must be a number"),
        ({**SOUND, "area": True}, "area must be a number"),
        ({**SOUND, "iscrowd": "no"}, "iscrowd must be a whole number"),
    ],
)
def test_a_malformed_annotation_is_named_and_left_out(tmp_path, broken, sentence, caplog):
    people = read(tmp_path, [annotation(9, PERSON), broken, annotation(10, PERSON)])
    assert ids(people) == [9, 10]
    assert len(people) == 2
    (problem,) = people.problems
    assert problem.startswith("person_keypoints_val2017.json annotations[1]: ")
    assert re.search(sentence, problem)
    assert "1 problems" in caplog.text


@pytest.mark.parametrize("changed", [{"bbox": [200, 30, 80, 60]}, {"bbox": [20, 30, 80, 0]}, {"area": 0}])
def test_persons_that_no_crop_can_show_still_count_as_missed(tmp_path, changed):
    people = read(tmp_path, [SOUND, annotation(2, PERSON, **changed)])
    assert ([person.name for person in people.persons], ids(people)) == (["001.png #1"], [1, 2])
    assert len(people.problems) == 1


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ("1.jpg", "must be an object"),
        (without(image(1), "file_name"), "has no 'file_name'"),
        (without(image(1), "width"), "has no 'width'"),
        (image(1, file_name=7), "must be the name of a file"),
        (image(1, file_name="a\0b"), "must be the name of a file"),
        (image(1, file_name="\ud800"), "must be the name of a file"),
        (image(1, height=0), "must be positive"),
        (image(1, height="120"), "width and height must be numbers"),
        (image(1, id=1.5), "id must be a whole number"),
        (image(1, id=2**70), "id must be a whole number"),
        (image(2, file_name="other.png"), "id 2 occurs twice; neither"),
    ],
)
def test_a_malformed_image_is_named_and_its_persons_are_left_out(tmp_path, broken, sentence):
    annotations = [annotation(1, PERSON, image_id=3), annotation(2, PERSON), annotation(3, PERSON, image_id=2)]
    people = read(tmp_path, annotations, images=[image(3), image(2), broken])
    ambiguous = "twice" in sentence
    assert ids(people) == ([1] if ambiguous else [1, 3])
    assert re.search(sentence, people.problems[0])
    assert "annotations[1]: there is no image with the id 1" in people.problems[1]


def test_a_name_that_no_file_can_have_is_a_missing_picture(tmp_path):
    people = read(tmp_path, [SOUND], images=[image(1, file_name="x" * 5000)])
    with pytest.raises(OSError, match="too long"):
        people.persons[0].read()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "not a whole JSON file"),
        ('{"images": [', "not a whole JSON file"),
        ("[]", "no COCO-style file"),
        ('{"images": {}, "annotations": [], "categories": []}', "no COCO-style file"),
        ('{"images": [], "annotations": [], "categories": []}', r"categories\[0\]: has no 'keypoints'"),
        ('{"images": [], "annotations": [], "categories": [3]}', r"categories\[0\]: must be an object"),
        ('{"images": [], "annotations": [], "categories": [{"id": 1, "keypoints": ["a"]}]}', "nobody with a labelled"),
        ('{"images": [], "annotations": [], "categories": [{"keypoints": ["a"]}]}', "has no 'id'"),
        ('{"images": [], "annotations": [1], "categories": [{"id": 1, "keypoints": ["a"]}]}', "none of 1 records"),
    ],
)
def test_a_file_that_holds_no_people_is_refused_by_name(tmp_path, content, sentence):
    write_coco(tmp_path, [])
    (tmp_path / "annotations" / "person_keypoints_val2017.json").write_text(content)
    with pytest.raises(InputError, match=rf"person_keypoints_val2017\.json.*{sentence}"):
        coco.load(tmp_path, "val")


def detected(folder, *changes):
    """Detections in images 1 and 2, of which nobody is annotated in the second."""
    people = read(folder, [SOUND, annotation(2, PERSON, image_id=2, **NOTHING)])
    sound = {"image_id": 1, "category_id": 1, "bbox": [-10, 20, 40, 80], "score": 0.5}
    (folder / "found.json").write_text(json.dumps([{**sound, **change} for change in changes]))
    return people, folder / "found.json"


def test_detections_take_the_place_of_the_annotated_persons(tmp_path):
    people, file = detected(tmp_path, {}, {"image_id": 2, "score": 0.9}, {"score": 0.1}, {"category_id": 5})
    found = coco.with_detections(people, file, min_score=0.2)
    assert [(person.image_id, person.score) for person in found.persons] == [(1, 0.5), (2, 0.9)]
    assert found.persons[0].box == geometry.Box(9.5, 59.5, 50, 100)  # not clipped
    assert found.persons[1].image == tmp_path / "val2017" / "002.png"
    assert not found.joints.any()
    assert found.ground_truth is people.ground_truth
    assert not found.problems


def test_detections_that_mean_nothing_are_named(tmp_path):
    changes = [{"image_id": 7}, {"score": None}, {"bbox": [1, 2, 0, 5]}, {"bbox": "no"}, {"score": float("nan")}]
    people, file = detected(tmp_path, {}, *changes)
    found = coco.with_detections(people, file)
    assert len(found) == 1
    sentences = ["no image with the id 7", "score must be", "less than one pixel", "bbox must be", "score holds"]
    for problem, (index, sentence) in zip(found.problems, enumerate(sentences, start=1), strict=True):
        assert problem.startswith(f"found.json[{index}]: ")
        assert sentence in problem


def test_without_any_detection_there_is_nothing_to_test(tmp_path):
    people, file = detected(tmp_path, {}, {})
    with pytest.raises(InputError, match=r"no detection of category 1 with a score of 0\.6 or more"):
        coco.with_detections(people, file, min_score=0.6)
    file.write_text("{}")
    with pytest.raises(InputError, match="no list of detections"):
        coco.with_detections(people, file)


def test_real_detections_cover_all_images(shared_data):
    people = coco.load(shared_data / "coco", "val")
    found = coco.with_detections(people, shared_data / "coco" / "person_detection_val2017_4images.json")
    assert len(found) == 118
    assert {person.image_id for person in found.persons} == {image["id"] for image in people.ground_truth["images"]}
    assert not found.problems
