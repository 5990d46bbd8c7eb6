import gzip
import json
import math

import numpy as np
import pytest
import scipy.io

from lapx_tf.data import mpii
from lapx_tf.errors import InputError
from tests.data.mpii_writers import (
    EMPTY,
    PLACES,
    common_person,
    published_person,
    struct_array,
    wei_person,
    write_json,
    write_published,
    write_truth,
)

BAD_CHANGES = [
    ({"joints": PLACES[:15]}, "joints must be numbers of the shape [16, 2]"),
    ({"joints": [[math.nan, 5]] * 16}, "joints holds a value that is not a number"),
    ({"joints": [[1e300, 5]] * 16}, "joints holds a value that is not a number"),
    ({"joints": [["3", "4"]] * 16}, "joints must be numbers"),
    ({"joints_vis": [1] * 15}, "joints_vis must be numbers"),
    ({"joints_vis": [0] * 16}, "no joint is labelled"),
    ({"scale": -1.0}, "the scale must be positive"),
    ({"scale": 1e6}, "the crop at most"),
    ({"scale": None}, "the scale must be numbers"),
    ({"center": [5]}, "the centre must be numbers"),
    ({"image": 7}, "image must be the name of a file"),
    ({"image": "a\0.jpg"}, "image must be the name of a file"),
    ({"image": ""}, "image must be the name of a file"),
]


@pytest.mark.parametrize(("change", "sentence"), BAD_CHANGES)
def test_records_that_cannot_be_used_are_left_out_and_named(tmp_path, change, sentence):
    write_json(tmp_path / "train.json", [common_person("good.jpg"), common_person() | change])
    people = mpii.load(tmp_path)
    assert [person.name for person in people.persons] == ["good.jpg #1"]
    (problem,) = people.problems
    assert problem.startswith(f"{change.get('image', 'a.jpg')} #1: ")
    assert sentence in problem


@pytest.mark.parametrize("make", [common_person, wei_person])
def test_records_without_a_key_or_of_another_type_are_left_out_and_named(tmp_path, make):
    whole = make("good.jpg")
    broken = [{key: value for key, value in whole.items() if key != left_out} for left_out in whole]
    write_json(tmp_path / "train.json", [whole, *broken, None, 3, [], "text"])
    people = mpii.load(tmp_path)
    assert [person.name for person in people.persons] == ["good.jpg #1"]
    assert len(people.problems) == len(whole) + 4
    assert all("has no '" in problem for problem in people.problems[: len(whole)])
    write_json(tmp_path / "train.json", broken)
    with pytest.raises(InputError, match="none of 5 records can be used"):
        mpii.load(tmp_path)


def test_published_persons_that_cannot_be_used_are_left_out_and_named(tmp_path):
    point = {"id": 0, "x": 5.0, "y": 6.0}
    points = [
        [point | {"id": 16}],
        [point | {"id": 0.5}],
        [point, point],
        [point | {"x": math.nan}],
        [point | {"y": EMPTY}],
        [{"id": 0, "x": 5.0}],
        [point | {"x": "5"}],
    ]
    broken = [published_person(annopoints={"point": struct_array(of_one)}) for of_one in points]
    broken += [published_person(annopoints=5.0), published_person(objpos=5.0), published_person(scale=EMPTY)]
    broken += [published_person(x1="left")]
    write_published(tmp_path, [("good.jpg", [published_person()]), ("bad.jpg", broken)], [1, 1])
    people = mpii.load(tmp_path)
    assert [person.name for person in people.persons] == ["good.jpg #1"]
    assert [problem.split(":")[0] for problem in people.problems] == [f"bad.jpg #{i + 1}" for i in range(len(broken))]


WHOLE = json.dumps([wei_person()]).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mpii_annotations.json", b""),
        ("mpii_annotations.json", WHOLE[:-5]),
        ("mpii_annotations.json", b'{"root": []}'),
        ("mpii_annotations.json", b"[" * 100000),
        ("mpii_annotations.json.gz", gzip.compress(WHOLE)[:-9]),
        ("mpii_annotations.json.gz", WHOLE),
        ("train.json", json.dumps([common_person()]).encode()[:-5]),
        ("mpii_human_pose_v1_u12_1.mat", b""),
        ("mpii_human_pose_v1_u12_1.mat", b"MATLAB 5.0" + b"\0" * 50),
    ],
)
def test_damaged_files_are_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert mpii.recognises(tmp_path)
    with pytest.raises(InputError, match=name):
        mpii.load(tmp_path)


def test_a_truncated_or_foreign_mat_file_is_named(tmp_path):
    write_published(tmp_path, [("a.jpg", [published_person()])], [1])
    file = tmp_path / "mpii_human_pose_v1_u12_1.mat"
    whole = file.read_bytes()
    for end in range(0, len(whole) - 1, len(whole) // 20):
        file.write_bytes(whole[:end])
        with pytest.raises(InputError, match=file.name):
            mpii.load(tmp_path)
    for content in ({"RELEASE": 5}, {"other": 5}, {"RELEASE": {"annolist": 5, "img_train": [1, 1]}}):
        scipy.io.savemat(file, content)
        with pytest.raises(InputError, match=file.name):
            mpii.load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"pos_gt_src": np.zeros((16, 2))},
        {"pos_gt_src": np.full((16, 2, 2), np.nan)},
        {"pos_gt_src": "text"},
        {"jnt_missing": np.zeros((16, 3))},
        {"headboxes_src": np.full((2, 2, 2), 1e9)},
        {"headboxes_src": None},
    ],
)
def test_a_malformed_truth_is_named(tmp_path, change):
    arrays = write_truth(tmp_path, 2) | change
    scipy.io.savemat(
        tmp_path / "detections_our_format.mat", {key: value for key, value in arrays.items() if value is not None}
    )
    write_json(tmp_path / "valid.json", [common_person()])
    for read in (mpii.load, mpii.val_truth):
        with pytest.raises(InputError, match=r"detections_our_format\.mat"):
            read(tmp_path)
