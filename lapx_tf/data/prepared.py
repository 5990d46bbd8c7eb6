"""Data sets that `train.prepare` wrote: TFDS folders of sharded TFRecords, read in any order without TensorFlow.

A person's picture is a part of a shard (`FilePart`). The persons are those of the folder that was prepared, in its order and
to the bit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lapx_tf.data import prepared_index
from lapx_tf.data.people import FilePart, People, Person
from lapx_tf.data.prepared_index import NO_IMAGE_ID, Index
from lapx_tf.data.records import RecordError, field, read_json
from lapx_tf.errors import InputError, NoSuchSplitError
from lapx_tf.geometry import Box
from lapx_tf.skeletons import Skeleton

FORMAT = "lapx_<name>/<version>/ with dataset_info.json and shards (any of them, prepared by train.prepare)"

INFO, FEATURES, NOTES = "dataset_info.json", "features.json", "metadata.json"
"""What TFDS writes beside the shards; the last is what our builders say about the data set."""

_SPLITS = {"train": ("train",), "val": ("val",), "all": ("train", "val")}


@dataclass(frozen=True)
class _Part:
    """A split as the files beside the shards describe it.

    Attributes:
        shards: its files, and how many records each holds.
        categories: COCO's, or None where the measure is another.
        problems: see `People`.
    """

    shards: Mapping[Path, int]
    categories: list[dict[str, Any]] | None
    problems: list[str]


def recognises(path: Path) -> bool:
    """Whether this is the folder of a prepared data set, or one above it in TFDS's layout, `lapx_<name>/<version>/`."""
    try:
        return bool(_folders(path))
    except OSError:
        return False


def load(path: Path, split: str = "all") -> People:
    """Reads a prepared data set.

    Args:
        path: see `recognises`.
        split: `train`, `val` or `all`, which is train and then val.

    Raises:
        InputError: `path` holds several data sets, a file is missing or damaged, or there is no such split.
    """
    if split not in _SPLITS:
        raise InputError(f"no split {split!r}; accepted are {', '.join(_SPLITS)}")
    folder, *others = _folders(path)
    if others:
        raise InputError(f"{path} holds several data sets; name one of {', '.join(map(str, (folder, *others)))}")
    dataset, skeleton, parts = _described(folder)
    names = [name for name in _SPLITS[split] if name in parts]
    if not names:
        raise NoSuchSplitError(f"{folder} has no {split} people; it has {', '.join(map(str, parts))}")
    persons, problems, truth = [], [], None
    for name in names:
        part, index = parts[name], _index(folder, name, parts[name], skeleton)
        pictures = _pictures(index, list(part.shards))
        persons += _persons(index, pictures)
        problems += part.problems
        if part.categories is not None:
            truth = truth or {"images": [], "annotations": [], "categories": part.categories}
            _add_ground_truth(truth, index, pictures)
    return People(dataset, skeleton, persons, truth, problems)


def _folders(path: Path) -> list[Path]:
    patterns = INFO, f"[0-9]*/{INFO}", f"lapx_*/[0-9]*/{INFO}"
    found = [file.parent for pattern in patterns for file in path.glob(pattern)]
    return sorted(folder for folder in found if (folder / FEATURES).is_file() and (folder / NOTES).is_file())


def _described(folder: Path) -> tuple[str, Skeleton, dict[str, _Part]]:
    """The data set's name, its skeleton and its splits."""
    info, notes = read_json(folder / INFO), read_json(folder / NOTES)
    try:
        dataset, skeleton = field(notes, "dataset"), Skeleton.from_dict(field(notes, "skeleton"))
        if not isinstance(dataset, str):
            raise RecordError(f"dataset must be a name, got {dataset!r:.60}")
        parts = {field(part, "name"): _part(folder, info, part, notes) for part in field(info, "splits")}
        return dataset, skeleton, parts
    except (TypeError, ValueError, OverflowError) as error:  # a RecordError is a ValueError
        raise InputError(f"{folder} is no data set prepared by train.prepare: {error}") from error


def _part(folder: Path, info: Any, part: Any, notes: Any) -> _Part:
    lengths = [int(length) for length in field(part, "shardLengths")]
    files = (
        folder / f"{field(info, 'name')}-{part['name']}.tfrecord-{number:05d}-of-{len(lengths):05d}"
        for number in range(len(lengths))
    )
    ours = field(field(notes, "splits"), part["name"])
    categories, problems = field(ours, "categories"), field(ours, "problems")
    if not isinstance(categories, list | None) or not isinstance(problems, list):
        raise RecordError(f"categories and problems must be lists, got {ours!r:.60}")
    return _Part(dict(zip(files, lengths, strict=True)), categories, problems)


def _index(folder: Path, name: str, part: _Part, skeleton: Skeleton) -> Index:
    index = prepared_index.read(folder, name, part.shards)
    stored, wanted = index.joints.shape[1], len(skeleton.joints)
    if stored != wanted:
        raise InputError(f"{folder}: the persons have {stored} joints, but {skeleton.name} has {wanted}")
    return index


def _pictures(index: Index, shards: list[Path]) -> list[FilePart]:
    places = zip(index.shard.tolist(), index.offset.tolist(), index.length.tolist(), strict=True)
    return [FilePart(shards[shard], offset, length) for shard, offset, length in places]


def _persons(index: Index, pictures: list[FilePart]) -> list[Person]:
    image_ids = [None if image_id == NO_IMAGE_ID else image_id for image_id in index.image_id.tolist()]
    columns = index.name, index.picture, index.box, index.head_size, index.score
    rows = zip(*(column.tolist() for column in columns), index.joints, strict=True)
    return [
        Person(name, pictures[picture], joints, Box(*box), head_size, image_ids[picture], score)
        for name, picture, box, head_size, score, joints in rows
    ]


def _add_ground_truth(truth: dict[str, Any], index: Index, pictures: list[FilePart]) -> None:
    """Adds the images, each with its picture as `path`, and their annotations."""
    entries = json.loads(index.ground_truth.tobytes())
    for entry, picture in zip(entries, pictures, strict=True):
        if entry is None:
            raise InputError(f"{picture.path} has pictures without the ground truth that {NOTES} tells of")
        truth["images"].append(entry["image"] | {"path": picture})
        truth["annotations"] += entry["annotations"]
