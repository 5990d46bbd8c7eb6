"""The records of a prepared data set: what they hold, and how people become records.

A record is a picture with all its persons. TFDS sorts the records by a hash of their names, in bounded memory, so each
picture and each person carries its place in the data set.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from lapx_tf.data.people import FilePart, People, Person
from lapx_tf.data.prepared_index import NO_IMAGE_ID
from lapx_tf.errors import InputError

Example = dict[str, Any]


def features(joints: int) -> tfds.features.FeaturesDict:
    """What a record holds, for K joints a person.

    Boxes, head sizes and scores are stored as bytes, because TFDS would round them to 32 bits: so the crops of a prepared
    data set are those of its folder to the bit.
    """

    def exact(shape: tuple[int, ...], doc: str) -> tfds.features.Tensor:
        return tfds.features.Tensor(shape=shape, dtype=np.float64, encoding=tfds.features.Encoding.BYTES, doc=doc)

    person = {
        "name": tfds.features.Text(),
        "place": tfds.features.Scalar(np.int64, doc="among the persons of the split"),
        "joints": tfds.features.Tensor(shape=(joints, 3), dtype=np.float32, doc="x, y, labelled: Person.joints"),
        "box": exact((4,), "centre x, y, width, height: geometry.Box"),
        "head_size": exact((), "pixels, NaN where unknown: Person.head_size"),
        "score": exact((), "of the detection, 1 for an annotated box: Person.score"),
    }
    return tfds.features.FeaturesDict({
        "name": tfds.features.Text(doc="the picture's file in the folder"),
        "place": tfds.features.Scalar(np.int64, doc="among the pictures of the split"),
        "image": tfds.features.Image(doc="the file as it is, not encoded again"),
        "image_id": tfds.features.Scalar(np.int64, doc=f"in COCO's sense, {NO_IMAGE_ID} where there is none"),
        "ground_truth": tfds.features.Text(doc="COCO's image and annotations as JSON; empty where the measure is another"),
        "persons": tfds.features.Sequence(person),
    })  # fmt: skip


def examples(people: People, folder: Path) -> list[Example]:
    """The records of a split, in the order of the data set.

    `image` is the path still: TFDS reads the file when it writes the record.

    Args:
        people: whose pictures are files.
        folder: of the data set.

    Raises:
        InputError: a picture is no file.
    """
    found: dict[Path, Example] = {}
    # Pictures without a labelled person are needed, too: a detector may find somebody there.
    for image, ground_truth in _ground_truth(people):
        path = _file(image["path"], folder)
        found[path] = _picture(path, len(found), image["id"], ground_truth, folder)
    for place, person in enumerate(people.persons):
        path = _file(person.image, folder)
        if path not in found:
            found[path] = _picture(path, len(found), person.image_id, "", folder)
        found[path]["persons"].append(_person(person, place))
    return list(found.values())


def _file(picture: Path | FilePart | bytes, folder: Path) -> Path:
    if not isinstance(picture, Path):
        raise InputError(f"{folder} has pictures that are no files of their own; it must be as it was downloaded")
    return picture


def _ground_truth(people: People) -> Iterator[tuple[dict[str, Any], str]]:
    """COCO's record of each image; and the same with its annotations as JSON."""
    truth = people.ground_truth or {"images": [], "annotations": []}
    annotations = defaultdict(list)
    for annotation in truth["annotations"]:
        annotations[annotation["image_id"]].append(annotation)
    for image in truth["images"]:
        # Where the file lay while the data set was prepared means nothing later.
        kept = {key: value for key, value in image.items() if key != "path"}
        yield image, json.dumps({"image": kept, "annotations": annotations[image["id"]]})


def _picture(path: Path, place: int, image_id: int | None, ground_truth: str, folder: Path) -> Example:
    return {
        "name": (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix(),
        "place": place,
        "image": str(path),
        "image_id": NO_IMAGE_ID if image_id is None else image_id,
        "ground_truth": ground_truth,
        "persons": [],
    }


def _person(person: Person, place: int) -> Example:
    box = person.box
    return {
        "name": person.name,
        "place": place,
        "joints": person.joints,
        "box": [box.x, box.y, box.width, box.height],
        "head_size": person.head_size,
        "score": person.score,
    }
