"""Where each picture lies in the shards of a prepared data set, and its persons.

Finding out takes a pass over the shards, with TensorFlow. The result is kept beside them in `index-<split>.npz`: until a
shard changes, reading takes NumPy alone.
"""

import json
import logging
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.errors import InputError
from lapx_tf.silence import quiet

NO_IMAGE_ID = -(2**63)
"""Stands for an `image_id` of None, which a record can't hold; no id of an image is as small."""

_BEFORE, _AROUND = 12, 16
"""Bytes of a TFRecord before its content: length (8) and checksum (4); with the checksum behind it (4), all around it."""

_AT_A_TIME = 64

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Index:
    """P pictures and N persons of a split, each in the order of the data set.

    Attributes:
        shard: int64 [P], which of the shards holds the picture.
        offset: int64 [P], bytes in the shard before the encoded picture.
        length: int64 [P], bytes of the encoded picture.
        image_id: int64 [P], `NO_IMAGE_ID` where there is none.
        ground_truth: uint8 [M], JSON, a list of P: COCO's image and annotations, or null where the measure is another.
        picture: int64 [N], which of the P pictures shows the person.
        name: str [N], see `Person`; so are the others.
        joints: float32 [N, K, 3] (x, y, labelled), pixels of the picture.
        box: float64 [N, 4] (centre x, y, width, height), pixels of the picture.
        head_size: float64 [N], pixels.
        score: float64 [N].
    """

    shard: NDArray[np.int64]
    offset: NDArray[np.int64]
    length: NDArray[np.int64]
    image_id: NDArray[np.int64]
    ground_truth: NDArray[np.uint8]
    picture: NDArray[np.int64]
    name: NDArray[np.str_]
    joints: NDArray[np.float32]
    box: NDArray[np.float64]
    head_size: NDArray[np.float64]
    score: NDArray[np.float64]


def read(folder: Path, split: str, shards: Mapping[Path, int]) -> Index:
    """The index of a split, as it was kept or found anew.

    Args:
        folder: of the data set.
        split: `train` or `val`.
        shards: the files of the split, and how many records each must hold.

    Raises:
        InputError: a shard is missing, damaged or not one of ours.
    """
    path = folder / f"index-{split}.npz"
    state = _state(shards)
    index = _kept(path, state)
    if index is None:
        try:
            index = _found(folder, shards)
        except InputError:
            raise
        except Exception as error:  # files that are not as TFDS wrote them make it raise nearly anything
            raise InputError(f"{folder}: the records can't be read: {error}") from error
        _keep(path, state, index)
    return index


def _state(shards: Mapping[Path, int]) -> str:
    """What changes when a shard does."""
    states = [(shard.name, commands.existing_file(shard).stat()) for shard in shards]
    return json.dumps([(name, state.st_size, state.st_mtime_ns) for name, state in states])


def _kept(path: Path, state: str) -> Index | None:
    """The index in the file, unless it is of other shards or can't be read."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["state"]) != state:
                return None
            return Index(**{field.name: stored[field.name] for field in fields(Index)})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(path: Path, state: str, index: Index) -> None:
    try:
        with commands.whole_file(path) as beside:
            np.savez(beside, state=np.array(state), **vars(index))
    except OSError as error:  # a folder that others own: it will be found anew each time
        log.info("the index is not kept: %s", error)


def _found(folder: Path, shards: Mapping[Path, int]) -> Index:
    """The index from a pass over the shards."""
    with quiet():
        import tensorflow_datasets as tfds

        features: Any = tfds.builder_from_directory(folder).info.features
    undecoded = {"image": tfds.decode.SkipDecoding()}
    pictures, persons = {}, {}
    for number, (shard, count) in enumerate(shards.items()):
        for offset, record in _records(shard, count):
            example = features.deserialize_example_np(record, decoders=undecoded)
            place, encoded = int(example["place"]), example["image"]
            # The bytes themselves are looked for, so what is read there later is the picture.
            where = number, offset + record.find(encoded), len(encoded)
            pictures[place] = (*where, example["image_id"], example["ground_truth"])
            for person in _rows(example["persons"]):
                persons[int(person["place"])] = person | {"picture": place}
    return _table(dict(sorted(pictures.items())), [persons[place] for place in sorted(persons)])


def _rows(columns: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The entries of a TFDS sequence, which come as one list for each key."""
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _records(shard: Path, count: int) -> Iterator[tuple[int, bytes]]:
    """The content of each record, with the bytes of the shard before it. TensorFlow compares the checksums.

    Raises:
        InputError: the shard is damaged or holds another number of records than `count`.
    """
    with quiet():
        import tensorflow as tf

    # Several at a time: TensorFlow takes longer to hand a record over than to read it.
    stored: Any = tf.data.TFRecordDataset(str(shard)).batch(_AT_A_TIME)
    offset, found = _BEFORE, 0
    try:
        for records in stored.as_numpy_iterator():
            for record in records:
                yield offset, record
                offset += len(record) + _AROUND
            found += len(records)
    except tf.errors.OpError as error:
        raise InputError(f"{shard} is damaged: {error.message:.100}") from error
    if found != count:
        raise InputError(f"{shard} holds {found} records, but should hold {count}")


def _table(pictures: Mapping[int, tuple[Any, ...]], persons: list[dict[str, Any]]) -> Index:
    """The columns of the rows, which are in order; `pictures` by their place, where some may be left out."""
    shard, offset, length, image_id, ground_truth = zip(*pictures.values(), strict=True)
    rank = {place: index for index, place in enumerate(pictures)}
    truth = b",".join(text or b"null" for text in ground_truth)
    column = {key: [person[key] for person in persons] for key in persons[0]}
    return Index(
        shard=np.array(shard, np.int64),
        offset=np.array(offset, np.int64),
        length=np.array(length, np.int64),
        image_id=np.array(image_id, np.int64),
        ground_truth=np.frombuffer(b"[" + truth + b"]", np.uint8),
        picture=np.array([rank[place] for place in column["picture"]], np.int64),
        name=np.array([name.decode() for name in column["name"]]),
        joints=np.array(column["joints"], np.float32),
        box=np.array(column["box"], np.float64),
        head_size=np.array(column["head_size"], np.float64),
        score=np.array(column["score"], np.float64),
    )
