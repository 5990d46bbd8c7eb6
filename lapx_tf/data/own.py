"""Joints of one's own, in a COCO-style file whose first category names them (see `coco_category`).

The path is that file, or a folder with `train.json`, `val.json` or both, in it or in its `annotations/`. `file_name` of an
image is relative to the folder of the file, to `images/` in it, to the folder given or to `images/` in that.

In a single file an image may state its `split`, `train` or `val` (others are in `all` only). Where it does not, the hash of
its file name decides, one image in ten for `val`: the same ones on every machine, also when images are added.
"""

import gzip
import hashlib
import zlib
from pathlib import Path

from lapx_tf.data import coco_json
from lapx_tf.data.coco_records import Record
from lapx_tf.data.people import People
from lapx_tf.errors import NoSuchSplitError

FORMAT = "train.json, val.json or a single file in COCO's style with joints of its own"


def recognises(path: Path) -> bool:
    """Whether this is, or holds, a JSON file with an object; lists, as MPII's, are not of this kind."""
    return any(_begins_with_brace(file) for file in ([path] if path.is_file() else _files(path, "all")))


def load(path: Path, split: str = "all") -> People:
    """Reads the annotated persons, or whatever the joints belong to.

    Args:
        path: a file or a folder, see above.
        split: `train`, `val` or `all`.

    Raises:
        InputError: a file is malformed, or there is no such split.
    """
    names = coco_json.parts_of(split)
    if path.is_file():
        return coco_json.read_people(
            path, _image_folders(path, path.parent), lambda i: split == "all" or _part(i) in names
        )
    files = _files(path, split)
    if not files:
        raise NoSuchSplitError(f"{path} has no {' or '.join(f'{name}.json' for name in names)}")
    parts = [coco_json.read_people(file, _image_folders(file, path)) for file in files]
    return parts[0] if len(parts) == 1 else coco_json.joined(parts, path)


def _part(image: Record) -> str:
    """The part of a single file that an image is in: what it states, else by the hash of its file name."""
    digest = hashlib.sha256(image["file_name"].encode()).digest()
    return image.get("split") or ("val" if int.from_bytes(digest[:8]) % 10 == 0 else "train")


def _files(folder: Path, split: str) -> list[Path]:
    """The file of each part, where it is there."""
    places = [[folder / f"{name}.json", folder / "annotations" / f"{name}.json"] for name in coco_json.parts_of(split)]
    return [next(file for file in files if file.is_file()) for files in places if any(file.is_file() for file in files)]


def _image_folders(file: Path, folder: Path) -> list[Path]:
    return [file.parent, file.parent / "images", folder, folder / "images"]


def _begins_with_brace(file: Path) -> bool:
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rb") as content:
            return content.read(100).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    except (OSError, EOFError, zlib.error):
        return False
