"""COCO-style annotation files: one JSON of `images`, `annotations` and `categories` (Lin et al., ECCV 2014).

As the field does (Xiao et al., ECCV 2018, `coco.py`): crowds and persons without a labelled joint are not trained on, but
stay in the ground truth, where the evaluator ignores what is found on them; boxes are clipped to the image and enlarged by
a quarter about their centre.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lapx_tf.data.coco_category import skeleton_of
from lapx_tf.data.coco_records import Record, annotation_of, image_of, image_record, person_of, whole_number
from lapx_tf.data.people import People
from lapx_tf.data.records import Problems, RecordError, field, read_json
from lapx_tf.errors import InputError, NoSuchSplitError
from lapx_tf.skeletons import Skeleton

_SPLITS = {"train": ("train",), "val": ("val",), "all": ("train", "val")}


def parts_of(split: str) -> tuple[str, ...]:
    """The parts of a data set that make up a split: `train`, `val` or both.

    Raises:
        InputError: there is no such split.
    """
    if split not in _SPLITS:
        raise InputError(f"no split {split!r}; accepted are {', '.join(_SPLITS)}")
    return _SPLITS[split]


def read_people(file: Path, folders: Sequence[Path], in_part: Callable[[Record], bool] = lambda image: True) -> People:
    """The people of one annotation file, as the data set `own`.

    Args:
        file: COCO-style JSON. Its first category has the joints; annotations of others are left out.
        folders: where the images may lie; the first that holds one of them is taken.
        in_part: chooses images by their record.

    Returns:
        The labelled persons, and the ground truth of the chosen images, each with its file (a `Path`) under `path`.

    Raises:
        InputError: the file is no such JSON, or nothing in it can be used.
        NoSuchSplitError: nobody in the chosen images has a labelled joint.
    """
    tables, problems = _tables(file), Problems(file)
    category, skeleton = _category(tables["categories"], file)
    images = _images(tables["images"], folders, problems)
    part = {key: image for key, image in images.items() if in_part(image)}
    if images and not part:
        raise NoSuchSplitError(f"{file} has no image of the split among {len(images)}")
    annotations: dict[int, Record] = {}
    persons = []
    for index, record in enumerate(tables["annotations"]):
        with problems.of(f"{file.name} annotations[{index}]"):
            image = image_of(record, images)
            if image["id"] not in part:
                continue
            annotation, joints = annotation_of(record, category["id"], len(skeleton.joints))
            if annotations.setdefault(annotation["id"], annotation) is not annotation:
                raise RecordError(f"id {annotation['id']} occurs twice")
            if annotation["num_keypoints"] and not annotation["iscrowd"]:
                persons.append(person_of(annotation, joints, image, boxed="bbox" in record))
    problems.report(len(persons))
    if not persons:
        raise NoSuchSplitError(f"{file} has nobody with a labelled joint in the {len(part)} images of the split")
    truth = {"images": list(part.values()), "annotations": list(annotations.values()), "categories": [category]}
    return People("own", skeleton, persons, truth, problems.found)


def joined(parts: Sequence[People], folder: Path) -> People:
    """The parts of one data set as one.

    Args:
        parts: with ground truth.
        folder: of the data set, for the error.

    Raises:
        InputError: their joints differ, or they give the same id to two images.
    """
    if len({part.skeleton for part in parts}) > 1:
        raise InputError(f"{folder}: train and val describe different joints; load one of them")
    truths = [part.ground_truth or {} for part in parts]
    images, annotations = ([r for truth in truths for r in truth[key]] for key in ("images", "annotations"))
    if len({image["id"] for image in images}) < len(images):
        raise InputError(f"{folder}: train and val have images of the same id; load one of them")
    return replace(
        parts[0],
        persons=[person for part in parts for person in part.persons],
        ground_truth={**truths[0], "images": images, "annotations": annotations},
        problems=[problem for part in parts for problem in part.problems],
    )


def _tables(file: Path) -> dict[str, list[Any]]:
    content = read_json(file)
    for key in ("images", "annotations", "categories"):
        if not isinstance(content, dict) or not isinstance(content.get(key), list):
            raise InputError(f"{file} is no COCO-style file: it must hold the lists images, annotations and categories")
    return content


def _category(records: list[Any], file: Path) -> tuple[Record, Skeleton]:
    """The first category and its skeleton."""
    category = records[0] if records else {}
    try:
        skeleton = skeleton_of(category)
        whole_number(field(category, "id"), "id")
    except RecordError as error:
        raise InputError(f"{file}: categories[0]: {error}") from error
    return category, skeleton


def _images(records: list[Any], folders: Sequence[Path], problems: Problems) -> dict[int, Record]:
    """The images by id, each with its `path`. Where two have the same id, annotations can mean either: both are left out."""
    images, ambiguous = {}, set()
    for index, record in enumerate(records):
        with problems.of(f"{problems.source.name} images[{index}]"):
            image = image_record(record)
            if images.setdefault(image["id"], image) is not image:
                ambiguous.add(image["id"])
                raise RecordError(f"id {image['id']} occurs twice; neither image is used")
    images = {key: image for key, image in images.items() if key not in ambiguous}
    holding = (folder for image in images.values() for folder in folders if _is_file(folder / image["file_name"]))
    folder = next(holding, folders[0])
    for image in images.values():
        image["path"] = folder / image["file_name"]
    return images


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False
