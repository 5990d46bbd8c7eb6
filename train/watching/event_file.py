"""TensorBoard's event files, written without TensorFlow: by the same code on every backend."""

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

_EVENTS: Any = event_pb2  # protobuf makes the classes inside at import, where type checkers can't see them
_SUMMARIES: Any = summary_pb2

QUALITY = 85
"""Of the JPEGs."""


class EventFile:
    """A new event file in a folder.

    TensorBoard's own `EventFileWriter` would import TensorFlow where it is installed, which takes seconds.

    Args:
        folder: TensorBoard's `run`.
        first_step: whatever an earlier file of the folder says of this step and later ones is no longer shown: a run that
            was killed had gone on behind the checkpoint that it resumes from.
    """

    def __init__(self, folder: Path, first_step: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # TensorBoard reads a folder's files in the order of their names.
        name = f"events.out.tfevents.{time.time():017.6f}.{socket.gethostname()}.{os.getpid()}"
        self._writer = RecordWriter((folder / name).open("wb"))
        self._add(file_version="brain.Event:2")
        self._add(step=first_step, session_log=_EVENTS.SessionLog(status=_EVENTS.SessionLog.START))

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Writes figures by tag."""
        self._write(step, [_SUMMARIES.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])

    def images(self, pictures: Mapping[str, NDArray[np.uint8]], step: int) -> None:
        """Writes pictures, uint8 [H, W, 3] RGB, by tag."""
        self._write(
            step, [_SUMMARIES.Summary.Value(tag=tag, image=_image(picture)) for tag, picture in pictures.items()]
        )

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()

    def _write(self, step: int, values: list[Any]) -> None:
        if values:
            self._add(step=step, summary=_SUMMARIES.Summary(value=values))

    def _add(self, **fields: Any) -> None:
        self._writer.write(_EVENTS.Event(wall_time=time.time(), **fields).SerializeToString())
        self._writer.flush()  # who watches sees it, and a killed run loses nothing


def _image(picture: NDArray[np.uint8]) -> Any:
    encoded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
    return _SUMMARIES.Summary.Image(
        height=picture.shape[0], width=picture.shape[1], colorspace=3, encoded_image_string=encoded
    )
