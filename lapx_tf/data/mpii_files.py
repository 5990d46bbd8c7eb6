"""Finding MPII's annotation files in a folder, and reading them as one kind of record, whichever they are (see `mpii`)."""

import enum
import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lapx_tf.data import mpii_mat
from lapx_tf.data.records import RecordError, field, numbers, read_json
from lapx_tf.errors import InputError
from lapx_tf.skeletons import MPII_16

SUBFOLDERS = ("annot", "annotations")
"""Where the annotations may be; the pictures are then in `images/` beside this folder."""

_PARTS = {"train": "train", "valid": "val", "val": "val"}
"""Of the data set, by the name of the file that holds it."""

_BEGINNING = 16384
"""Bytes that show the format: the first records fit in."""


class Kind(enum.IntEnum):
    """Of annotations, in the order of preference."""

    ALL_PERSONS = 1
    ONE_PART = 2
    PUBLISHED = 3


@dataclass(frozen=True, eq=False)
class Record:
    """What a file says about one person.

    Attributes:
        name: the picture and the number of the person among those that the file lists for it.
        part: `train` or `val`.
        content: as it is in the file.
        convert: gives the content the keys of Xiao's JSON: image, center, scale, joints and joints_vis, and from the
            published file head_size. Raises RecordError.
    """

    name: str
    part: str
    content: Any
    convert: Callable[[Any], Any]


def root_of(path: Path) -> Path:
    """The folder of the data set, given itself, the subfolder with the annotations or a file of them."""
    folder = path if path.is_dir() else path.parent
    return folder.parent if folder.name in SUBFOLDERS and not (folder / "images").is_dir() else folder


def places(path: Path) -> list[Path]:
    """The folders that may hold annotations."""
    root = root_of(path)
    return [root, *(root / name for name in SUBFOLDERS)]


def kind_of(file: Path) -> Kind | None:
    """What the annotations in a file are, by its name or its beginning; None where they are not MPII's."""
    if file.match("mpii_human_pose*.mat"):
        return Kind.PUBLISHED
    if not file.name.endswith((".json", ".json.gz")):
        return None
    beginning = _beginning(file)
    if file.name.startswith("mpii_annotations.") or _lists(beginning, b'"joint_self"'):
        return Kind.ALL_PERSONS
    return Kind.ONE_PART if _lists(beginning, b'"joints_vis"') else None


def candidates(path: Path) -> list[Path]:
    """The annotation files in a folder that are of the kind to prefer, or the file itself."""
    files = [path] if path.is_file() else [file for place in places(path) for file in sorted(place.glob("*.*"))]
    kinds = {file: kind for file in files if (kind := kind_of(file)) is not None}
    best = min(kinds.values(), default=None)
    return [file for file, kind in kinds.items() if kind is best]


def annotation_files(path: Path) -> list[Path]:
    """The files to read: one, or that of train and that of val.

    Raises:
        InputError: there is none, or several of which none is named as the part it holds.
    """
    found = candidates(path)
    if not found:
        raise InputError(f"{path} holds no annotations of MPII")
    if len(found) == 1 or kind_of(found[0]) is not Kind.ONE_PART:
        return found[:1]
    parts = {_PARTS.get(_stem(file)): file for file in reversed(found)}
    parts.pop(None, None)
    if not parts:
        raise InputError(f"{path} holds {', '.join(file.name for file in found)}: give one of these files")
    return list(parts.values())


def read(path: Path) -> list[Record]:
    """The records of the annotations in a folder, or of an annotation file.

    Raises:
        InputError: there are none, or a file is damaged.
    """
    return [record for file in annotation_files(path) for record in _read_file(file)]


def _read_file(file: Path) -> list[Record]:
    kind = kind_of(file)
    if kind is Kind.PUBLISHED:
        return _records(mpii_mat.published_persons(file), "image", lambda _: "train", mpii_mat.in_common_form)
    contents = read_json(file)
    if not isinstance(contents, list):
        raise InputError(f"{file} must be a list of persons, got {contents!r:.60}")
    if kind is Kind.ALL_PERSONS:
        return _records(contents, "img_paths", _part_of, _in_common_form)
    part = _PARTS.get(_stem(file), "train")
    return _records(contents, "image", lambda _: part, lambda content: content)


def _records(
    contents: Sequence[Any], image: str, part: Callable[[Any], str], convert: Callable[[Any], Any]
) -> list[Record]:
    """Names the persons by what stands under the key `image`, even if that is no name."""
    seen: Counter[str] = Counter()
    records = []
    for content in contents:
        picture = f"{content.get(image) if isinstance(content, dict) else content!s:.60}"
        seen[picture] += 1
        records.append(Record(f"{picture} #{seen[picture]}", part(content), content, convert))
    return records


def _part_of(content: Any) -> str:
    return "val" if isinstance(content, dict) and content.get("isValidation") == 1 else "train"


def _in_common_form(content: Any) -> dict[str, Any]:
    """A person of mpii_annotations.json with the keys of Xiao's JSON."""
    if field(content, "isValidation") not in (0, 1):
        raise RecordError(f"isValidation must be 0 or 1, got {content['isValidation']!r:.60}")
    joints = numbers(field(content, "joint_self"), (len(MPII_16.joints), 3), "joint_self")[:, :2]
    return {
        "image": field(content, "img_paths"),
        "center": field(content, "objpos"),
        "scale": field(content, "scale_provided"),
        "joints": joints,
        "joints_vis": (joints != 0).any(axis=1).astype(int),
    }


def _stem(file: Path) -> str:
    return file.name.split(".")[0]


def _lists(beginning: bytes, key: bytes) -> bool:
    """Whether this is how a JSON list of objects with the key begins."""
    return beginning.lstrip().startswith(b"[") and key in beginning


def _beginning(file: Path) -> bytes:
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            return stream.read(_BEGINNING)
    except (OSError, EOFError, zlib.error):
        return b""
