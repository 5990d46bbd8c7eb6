"""COCO person keypoints (Lin et al., ECCV 2014) in the standard layout, and boxes of a person detector for testing.

A folder holds `annotations/person_keypoints_{train,val}<year>.json` and the images in `{train,val}<year>/`, or in `images/`
under that name. Of several years the last is taken. A folder whose persons have other joints than COCO's 17 is read
likewise, as the data set `own`.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from lapx_tf.data import coco_json, coco_records
from lapx_tf.data.people import People, Person
from lapx_tf.data.records import Problems, field, numbers, read_json
from lapx_tf.errors import InputError, NoSuchSplitError
from lapx_tf.skeletons import COCO_17

FORMAT = "annotations/person_keypoints_{train,val}<year>.json (COCO)"

_YEAR = "[0-9]" * 4


def recognises(path: Path) -> bool:
    """Whether this is a folder in COCO's layout."""
    return any((path / "annotations").glob(f"person_keypoints_*{_YEAR}.json"))


def load(folder: Path, split: str = "all") -> People:
    """Reads the annotated persons.

    Args:
        folder: see above.
        split: `train`, `val` or `all`.

    Raises:
        InputError: a file is malformed, or there is no such split.
    """
    parts = [_load_part(folder, file) for file in _files(folder, split)]
    return parts[0] if len(parts) == 1 else coco_json.joined(parts, folder)


def _files(folder: Path, split: str) -> list[Path]:
    patterns = [f"person_keypoints_{part}{_YEAR}.json" for part in coco_json.parts_of(split)]
    found = [max(files) for pattern in patterns if (files := list((folder / "annotations").glob(pattern)))]
    if not found:
        raise NoSuchSplitError(f"{folder} has no annotations/person_keypoints_{split}<year>.json")
    return found


def _load_part(folder: Path, file: Path) -> People:
    name = file.stem.removeprefix("person_keypoints_")
    people = coco_json.read_people(file, [folder / name, folder / "images" / name])
    if people.skeleton.joints != COCO_17.joints:
        return people
    return replace(people, dataset="coco", skeleton=COCO_17)


def with_detections(people: People, file: Path, min_score: float = 0.0) -> People:
    """The same images with the persons that a detector found in them, as the field tests.

    The boxes are enlarged like those of the annotations, but not clipped (Xiao et al., ECCV 2018). Detections of other
    categories are left out.

    Args:
        people: of a split, with ground truth.
        file: COCO's result format, a list of `image_id`, `category_id`, `bbox` (x, y, width, height) and `score`.
        min_score: detections below it are left out.

    Returns:
        People whose joints are all unlabelled.

    Raises:
        InputError: the people have no ground truth, the file is malformed, or nothing is left.
    """
    if people.ground_truth is None:
        raise InputError(f"{people.dataset} has no ground truth of COCO's kind, which detections need")
    records = read_json(file)
    if not isinstance(records, list):
        raise InputError(f"{file} is no list of detections in COCO's result format")
    category, images = people.ground_truth["categories"][0]["id"], {i["id"]: i for i in people.ground_truth["images"]}
    joints = np.zeros((len(people.skeleton.joints), 3), np.float32)
    persons, problems = [], Problems(file)
    for index, record in enumerate(records):
        with problems.of(f"{file.name}[{index}]"):
            score = float(numbers(field(record, "score"), (), "score"))
            if field(record, "category_id") != category or score < min_score:
                continue
            image = coco_records.image_of(record, images)
            box = coco_records.box_of(numbers(field(record, "bbox"), (4,), "bbox").tolist())
            name = f"{image['file_name']} detection {index}"
            persons.append(Person(name, image["path"], joints, box, image_id=image["id"], score=score))
    problems.report(len(persons))
    if not persons:
        raise InputError(f"{file} has no detection of category {category} with a score of {min_score} or more")
    return replace(people, persons=persons, problems=[*people.problems, *problems.found])
