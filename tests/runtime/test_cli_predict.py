"""`lapx predict` of pictures with several people: boxes from a file, a detector, and the formats."""

import csv
import errno
import json
import os
import shutil
from pathlib import Path

import cv2
import jsonschema
import numpy as np
import pytest
from pycocotools.coco import COCO

from lapx_tf.runtime.boxes_file import read_boxes
from lapx_tf.runtime.cli import main
from tests.helpers import ROOT
from tests.runtime import detector_files, dots

EXTENT = np.array([[0.52, 0.06], [0.97, 0.48], [0.04, 0.41], [0.81, 0.98], [0.20, 0.91]])
"""(x, y) of the five dots as fractions of a person's extent."""

PEOPLE = ((30, 20, 60, 130), (150, 60, 50, 110))
"""(x, y, width, height) of two people in a picture of 240 x 260 (height x width), as COCO has them."""


def points(person: tuple[float, ...]) -> np.ndarray:
    return EXTENT * person[2:] + person[:2] - 0.5


def painted() -> np.ndarray:
    return np.maximum.reduce([dots.paint((240, 260), points(person), 6) for person in PEOPLE])


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two pictures with the same two people, called as COCO calls its pictures."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("000000000139.png", "000000000285.png"):
        cv2.imwrite(str(folder / name), painted()[..., ::-1])
    return folder


@pytest.fixture
def boxes(tmp_path) -> Path:
    records = [
        {"image_id": 139, "category_id": 1, "bbox": list(box), "score": 0.9 - i / 10} for i, box in enumerate(PEOPLE)
    ]
    records += [
        {"image_id": 139, "category_id": 18, "bbox": [0, 0, 9, 9], "score": 0.99},  # a dog
        {"image_id": 139, "category_id": 1, "bbox": [0, 0, 9, 9], "score": 0.1},
        {"image_id": 139, "category_id": 1, "bbox": [0, 0, 9, 9], "iscrowd": 1},
        {"image_id": 7, "category_id": 1, "bbox": [0, 0, 9, 9]},  # of another picture
    ]
    return written(tmp_path / "boxes.json", records)


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def run(*arguments: object) -> int:
    return main(["predict", *map(str, arguments)])


def sentence_of(capfd) -> str:
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    return lines[0]


def told_of(path: Path) -> dict:
    told = json.loads(path.read_text("utf-8"))
    jsonschema.validate(told, json.loads((ROOT / "docs" / "pose.schema.json").read_text("utf-8")))
    return told


def assert_are_people(found: list[np.ndarray]) -> None:
    """Each [5, 2 or more], near the dots: the heat maps' grid allows one pixel of the crop, 2.3 of the picture."""
    assert len(found) == len(PEOPLE)
    for joints, person in zip(found, PEOPLE, strict=True):
        assert np.abs(joints[:, :2] - points(person)).max() < 2.7


def test_boxes_of_a_file_give_the_joints_of_each_person(models, folder, boxes, tmp_path):
    assert run(models["float32"], folder, "--boxes", boxes, "--out", tmp_path / "out") == 0
    told = told_of(tmp_path / "out" / "000000000139.png.pose.json")
    assert [person["detection"] for person in told["people"]] == [0.9, 0.8]
    assert_are_people([np.array([[j["x"], j["y"]] for j in person["joints"]]) for person in told["people"]])
    drawn = cv2.imread(str(tmp_path / "out" / "000000000139.png.pose.png"))
    for person in PEOPLE:
        x, y = points(person)[1].astype(int)
        assert drawn[y, x].min() > 100  # the joint, on a dot that is green only
    # Of the other picture the file has nobody.
    assert told_of(tmp_path / "out" / "000000000285.png.pose.json")["people"] == []


def test_coco_s_annotations_are_boxes_too(folder, tmp_path):
    records = [{"id": 1, "image_id": 5, "category_id": 1, "bbox": list(PEOPLE[0])}]
    images = [{"id": 5, "file_name": "val2017/000000000285.png"}]
    pictures = sorted(folder.iterdir())
    for content in (
        {"images": images, "annotations": records},
        [{"file_name": "000000000285.png", "bbox": list(PEOPLE[0])}],
    ):
        found = read_boxes(written(tmp_path / "b.json", content), pictures, 0.5)
        assert [len(found[picture]) for picture in pictures] == [0, 1]
        assert found[pictures[1]][0].box.width == 60


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("text", "no list of boxes"),
        ({"boxes": []}, "'annotations' is missing"),
        ({"images": [{}], "annotations": []}, "'id' is missing"),
        ([{"image_id": 139}], "record 0 is no box of a person: 'bbox' is missing"),
        ([{"bbox": [1, 2, 3, 4]}], "'image_id' is missing"),
        ([{"image_id": 139, "bbox": [1, 2, 3]}], "must be four numbers"),
        ([{"image_id": 139, "bbox": [1, 2, 0, 4]}], "leave no box"),
        ([{"image_id": "one", "bbox": [1, 2, 3, 4]}], "record 0"),
        ([{"image_id": 139, "bbox": "abcd"}], "record 0"),
        (["a box"], "record 0"),
        ([{"image_id": 1, "bbox": [1, 2, 3, 4]}], "no box for any of the 2 pictures"),
        ([], "no box for any of the 2 pictures"),
    ],
)
def test_a_wrong_file_of_boxes_is_one_sentence(models, folder, tmp_path, capfd, content, words):
    file = written(tmp_path / "boxes.json", content)
    assert run(models["float32"], folder, "--boxes", file, "--out", tmp_path / "out") == 2
    assert words in sentence_of(capfd)
    assert not (tmp_path / "out").exists()


def test_a_detector_gives_the_joints_of_each_person(models, folder, tmp_path):
    detector = detector_files.yolox_onnx(tmp_path / "yolox.onnx", decoded=False)
    image = painted()
    image[:4, :4] = 0, 0, 255  # what this detector takes for a person
    cv2.imwrite(str(folder / "000000000139.png"), image[..., ::-1])
    arguments = (models["float32"], folder, "--detector", detector, "--out", tmp_path / "out")
    assert run(*arguments) == 0
    (person,) = told_of(tmp_path / "out" / "000000000139.png.pose.json")["people"]
    assert person["detection"] == pytest.approx(1.0, abs=1e-3)
    # Of the input, 16 x 32 at (40, 24), as large as the picture and padded as in training.
    scale = 240 / 64
    expected = {"x": 40 * scale - 0.5, "y": 24 * scale - 0.5, "width": 20 * scale, "height": 40 * scale}
    assert person["box"] == pytest.approx(expected, abs=0.01)
    assert run(*arguments, "--person-class", 1, "--min-score", "0.8") == 0
    assert len(told_of(tmp_path / "out" / "000000000139.png.pose.json")["people"]) == 1


def test_coco_s_format_is_what_pycocotools_reads(models, folder, boxes, tmp_path):
    out = tmp_path / "out"
    assert run(models["float32"], folder, "--boxes", boxes, "--format", "coco", "--out", out) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "000000000139.png.pose.png", "000000000285.png.pose.png", "poses.coco.json",
    ]  # fmt: skip
    truth = COCO()
    truth.dataset = {"images": [{"id": 139}, {"id": 285}], "annotations": [], "categories": [{"id": 1}]}
    truth.createIndex()
    results = truth.loadRes(str(out / "poses.coco.json"))
    records = results.loadAnns(results.getAnnIds(139))
    assert len(results.getAnnIds(285)) == 0
    assert_are_people([np.reshape(record["keypoints"], (5, 3)) for record in records])
    assert 0.9 >= records[0]["score"] > records[1]["score"] > 0.5
    assert records[0]["file_name"] == "000000000139.png"


def test_pictures_without_a_number_are_counted_in_coco_s_format(models, folder, tmp_path):
    (folder / "000000000139.png").rename(folder / "a.png")
    assert run(models["float32"], folder, "--format", "coco", "--out", tmp_path / "out") == 0
    records = json.loads((tmp_path / "out" / "poses.coco.json").read_text())
    assert [(record["file_name"], record["image_id"]) for record in records] == [("000000000285.png", 1), ("a.png", 2)]


def test_csv_has_a_row_for_each_joint(models, folder, boxes, tmp_path):
    shutil.copy(folder / "000000000139.png", folder / 'a, "b".png')
    assert run(models["float32"], folder, "--boxes", boxes, "--format", "csv", "--out", tmp_path / "out") == 0
    with (tmp_path / "out" / "poses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["person"], row["joint"]) for row in rows[4:6]] == [
        ("000000000139.png", "0", "right_foot"), ("000000000139.png", "1", "head"),
    ]  # fmt: skip
    joints = np.array([[float(row[key]) for key in ("x", "y", "score")] for row in rows]).reshape(2, 5, 3)
    assert_are_people(list(joints))


def test_one_bad_picture_keeps_the_table_of_the_others(models, folder, tmp_path, capfd):
    (folder / "bad.png").write_text("not a picture")
    assert run(models["float32"], folder, "--format", "csv", "--out", tmp_path / "out") == 2
    assert "1 of 3 pictures" in sentence_of(capfd)
    assert len((tmp_path / "out" / "poses.csv").read_text().splitlines()) == 1 + 2 * 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--person-class", "1"], "needs --detector"),
        (["--min-score", "0.3"], "needs --detector FILE or --boxes"),
        (["--min-score", "2"], "from 0 to 1"),
        (["--runtime", "tensorrt"], "no runtime 'tensorrt'"),
        (["--runtime", "onnxruntime"], "does not run .tflite files"),
        (["--format", "xml"], "invalid choice"),
        (["--boxes", "none.json"], "no such file"),
        (["--detector", "none.tflite"], "no such file"),
    ],
)
def test_arguments_that_do_not_go_together_are_one_sentence(models, folder, tmp_path, capfd, arguments, words):
    assert run(models["float32"], folder, "--out", tmp_path / "out", *arguments) == 2
    assert words in sentence_of(capfd)
    assert not (tmp_path / "out").exists()


def test_boxes_and_a_detector_together_and_no_out_are_errors(models, folder, boxes, tmp_path, capfd):
    detector = detector_files.yolox_onnx(tmp_path / "yolox.onnx", decoded=False)
    assert run(models["float32"], folder, "--boxes", boxes, "--detector", detector, "--out", tmp_path / "out") == 2
    assert "give one of them" in sentence_of(capfd)
    assert run(models["float32"], folder) == 2
    assert "--out DIR" in sentence_of(capfd)


def test_names_in_any_script_are_read_and_written(models, folder, tmp_path):
    place = tmp_path / "模型 é"
    place.mkdir()
    for ending in ("", ".json"):
        shutil.copy(f"{models['float32']}{ending}", place / f"float32.tflite{ending}")
    picture = (folder / "000000000139.png").rename(place / "照片.png")
    assert run(place / "float32.tflite", picture, "--out", place / "输出") == 0
    assert told_of(place / "输出" / "照片.png.pose.json")["image"]["file"] == "照片.png"
    assert (place / "输出" / "照片.png.pose.png").is_file()


def test_an_unreadable_folder_is_one_sentence(models, folder, tmp_path, capfd, monkeypatch):
    def refuse(path: Path) -> None:  # not by chmod: the tests may run as root, who may read everything
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert run(models["float32"], folder, "--out", tmp_path / "out") == 2
    assert sentence_of(capfd) == f"error: {folder}: Permission denied"
