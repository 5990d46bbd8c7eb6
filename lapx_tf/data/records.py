"""Reading annotations that anybody may have written: what is wrong with a file or a record becomes one sentence.

A file that can't be read is an `InputError`. A record that can't be used is left out, counted and named; the loader goes on
unless nothing is left.
"""

import gzip
import json
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.errors import InputError

LIMIT = 1e6
"""No coordinate or length of a real picture, in pixels, is larger: what is, is a mistake."""

log = logging.getLogger(__name__)


class RecordError(ValueError):
    """What is wrong with one record."""


class Problems:
    """Collects what is wrong with the records of a source.

    Attributes:
        found: one sentence for each problem, beginning with the record.
    """

    def __init__(self, source: Path) -> None:
        self.source = source
        self.found: list[str] = []

    @contextmanager
    def of(self, record: str) -> Iterator[None]:
        """Inside, a `RecordError` ends the work on this record, is noted, and the loader goes on behind the block."""
        try:
            yield
        except RecordError as error:
            self.found.append(f"{record}: {error}")

    def report(self, kept: int) -> None:
        """Says in the log how many records were left out.

        Raises:
            InputError: none was kept.
        """
        if not self.found:
            return
        first = "; ".join(self.found[:3])
        if kept == 0:
            raise InputError(f"{self.source}: none of {len(self.found)} records can be used; {first}")
        log.warning("%s: %d problems in records, which were left out: %s", self.source, len(self.found), first)


def read_json(path: Path) -> Any:
    """The content of a JSON file, `.gz` or not.

    Raises:
        InputError: there is no such file, or it is not JSON to its end.
    """
    data = commands.existing_file(path).read_bytes()
    try:
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        return json.loads(data)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise InputError(f"{path} is not a whole JSON file: {error}") from error


def field(record: Any, key: str) -> Any:
    """The value of a key.

    Raises:
        RecordError: the record is no object or has no such key.
    """
    if not isinstance(record, dict):
        raise RecordError(f"must be an object, got {record!r:.60}")
    if key not in record:
        raise RecordError(f"has no {key!r}")
    return record[key]


def numbers(value: Any, shape: tuple[int, ...], what: str) -> NDArray[np.float64]:
    """The value as an array of finite numbers of at most `LIMIT`.

    Args:
        value: nested lists of numbers, or one number for the shape ().
        shape: the shape that it must have; -1 for any length.
        what: its name for the error.

    Raises:
        RecordError: other types, another shape, or a number out of range.
    """
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        array = np.empty(0, object)
    if (
        array.dtype.kind not in "iuf"
        or len(array.shape) != len(shape)
        or any(wanted not in (-1, length) for wanted, length in zip(shape, array.shape, strict=True))
    ):
        raise RecordError(f"{what} must be numbers of the shape {list(shape)}, got {_short(value)}")
    if not (np.abs(array) <= LIMIT).all():  # NaN fails this, too
        raise RecordError(f"{what} holds a value that is not a number from -{LIMIT:g} to {LIMIT:g}: {_short(value)}")
    return array.astype(np.float64)


def _short(value: Any) -> str:
    """A value in one short line."""
    return f"{value.tolist() if isinstance(value, np.ndarray) else value!r:.60}"
