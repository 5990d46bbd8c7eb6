"""People's boxes from a JSON file, as COCO has them: annotations, or a detector's results.

A list of records, or an object that has them as `annotations` and the pictures' names as `images`. A record has `bbox` [x, y,
width, height] in pixels, x and y the left and the upper edge, and says of which picture it is: `file_name`, or `image_id`,
which `images` translates; without `images` it is the number that the picture's name consists of, as COCO's pictures have it.
`category_id` and `score` may be there; records of another category than 1, the persons, are left out, and so are crowds.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lapx_tf.commands import existing_file
from lapx_tf.errors import InputError
from lapx_tf.runtime.detections import Detection, from_coco

_PERSON = 1


def read_boxes(file: Path, pictures: Sequence[Path], min_score: float) -> dict[Path, list[Detection]]:
    """The people in each picture, the surest first; none where the file has none for it.

    Args:
        file: see above.
        pictures: whose boxes are wanted; they are known by their name, without the folder.
        min_score: boxes with a lower score are left out.

    Raises:
        InputError: the file is no such JSON, a record is malformed, or none is of any of the pictures.
    """
    records, names = _tables(existing_file(file))
    by_name = {picture.name: picture for picture in pictures}
    by_number = {int(picture.stem): picture for picture in pictures if picture.stem.isdecimal()}
    found: dict[Path, list[Detection]] = {picture: [] for picture in pictures}
    named = False
    for index, record in enumerate(records):
        try:
            picture = _picture(record, names, by_name, by_number)
            detection = _detection(record)
        except (InputError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise InputError(f"{file}: record {index} is no box of a person: {_reason(error)}") from error
        if picture is None:
            continue
        named = True
        if detection is not None and detection.score >= min_score:
            found[picture].append(detection)
    if not named:
        raise InputError(f"{file} has no box for any of the {len(pictures)} pictures, such as {pictures[0].name}")
    return {picture: sorted(people, key=lambda one: -one.score) for picture, people in found.items()}


def _tables(file: Path) -> tuple[list[Any], Mapping[Any, str]]:
    """The records, and the name of each picture by its id."""
    try:
        content = json.loads(file.read_text("utf-8"))
        if isinstance(content, dict):
            names = {image["id"]: str(image["file_name"]) for image in content.get("images", [])}
            content = content["annotations"]
        else:
            names = {}
        if not isinstance(content, list):
            raise TypeError("the records are no list")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{file} is no list of boxes as COCO has them: {_reason(error)}") from error
    return content, names


def _picture(
    record: Mapping[str, Any], names: Mapping[Any, str], by_name: Mapping[str, Path], by_number: Mapping[int, Path]
) -> Path | None:
    """The picture that a record is of; None where it is not wanted."""
    if "file_name" in record:
        return by_name.get(Path(record["file_name"]).name)
    key = record["image_id"]
    return by_name.get(Path(names[key]).name) if names else by_number.get(int(key))


def _detection(record: Mapping[str, Any]) -> Detection | None:
    """The person of a record; None where it is of something else."""
    if record.get("category_id", _PERSON) != _PERSON or record.get("iscrowd", 0):
        return None
    if len(record["bbox"]) != 4:
        raise ValueError(f"bbox must be four numbers, got {record['bbox']!r:.60}")
    return Detection(from_coco(record["bbox"]), float(record.get("score", 1.0)))


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
