"""Where frames come from: a video file, a stream or a camera, read by OpenCV and the FFmpeg in it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.commands import existing_file
from lapx_tf.errors import InputError

CAMERA = "camera:"
"""`camera:0` is the first camera."""

ENDINGS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".mts", ".wmv", ".flv", ".3gp")
"""A file that ends so is taken for a video. What is inside may be anything that FFmpeg decodes."""

TIMEOUT = 5.0
"""Seconds that a stream may take to answer, at first and later."""

USUAL_RATE = 30.0
"""Frames a second where the source tells none, as many cameras."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a video.

    Attributes:
        number: from 0. Frames that could not be decoded and frames of a camera that nobody looked at count.
        seconds: from the first frame on, as a file tells or as it arrived from a camera; always later than the last one's.
        image: uint8 [H, W, 3], RGB, upright.
    """

    number: int
    seconds: float
    image: NDArray[np.uint8]


class Video:
    """A video file, a stream or a camera: its frames, once, one after the other. To be closed, as by `with`.

    Args:
        source: a file, a URL such as `rtsp://...`, or `camera:N`.

    Attributes:
        count: how many frames there are as far as the file tells; most know it, some estimate it. None where none is told, as
            of a stream or a camera.
        live: frames come in their own time, so that who is slow misses some: a camera, or a stream that tells no `count`.
        rate: frames a second, the mean where it varies.
        size: (height, width) of the upright frames.
        broken: the numbers of frames that could not be decoded and had others behind them.
        missing: how many of `count` have not come, once the video is at its end.

    Raises:
        InputError: no such file or camera, a stream that does not answer in time, or no video.
    """

    def __init__(self, source: str | Path) -> None:
        self.source = str(source)
        self._capture = _opened(self.source)
        tell = self._capture.get
        self._capture.set(
            cv2.CAP_PROP_ORIENTATION_AUTO, 1
        )  # turned as a phone's file says; not every OpenCV does it unasked
        count, rate = tell(cv2.CAP_PROP_FRAME_COUNT), tell(cv2.CAP_PROP_FPS)
        is_camera = self.source.startswith(CAMERA)
        # Where OpenCV knows none, it tells a negative or an overflown number.
        self.count = int(count) if 0 < count < 1e9 and not is_camera else None
        self.live = is_camera or (_is_url(self.source) and self.count is None)
        self.rate = rate if 0 < rate <= 1000 else USUAL_RATE
        self.size = int(tell(cv2.CAP_PROP_FRAME_HEIGHT)), int(tell(cv2.CAP_PROP_FRAME_WIDTH))
        self.broken: list[int] = []
        self.missing = 0
        self._begun: float | None = None

    def __iter__(self) -> Iterator[Frame]:
        """The frames. Where `count` is known, it goes on behind one that can't be decoded; else it ends there."""
        number, seconds, undecoded = 0, -1.0, list[int]()
        while True:
            whole, image = self._capture.read()
            if whole:
                self.broken += undecoded
                undecoded.clear()
                seconds = self._seconds(seconds)
                yield Frame(number, seconds, np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8))
            elif number < (self.count or 0):
                undecoded.append(
                    number
                )  # if it is not just the end, which fails in the same way, once for each one missing
            else:
                self.missing = len(undecoded)
                return
            number += 1

    def _seconds(self, last: float) -> float:
        """The time of the frame just read, later than the last one's."""
        if self._begun is None:
            self._begun = time.monotonic()
        told = time.monotonic() - self._begun if self.live else self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return told if told > last else last + 1 / self.rate  # damaged files tell the same time twice

    def close(self) -> None:
        """Gives the file or the camera back."""
        self._capture.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_video(source: str) -> bool:
    """Whether a command's argument means a video and not a picture: a camera, a URL or a file of a video's ending."""
    return source.startswith(CAMERA) or _is_url(source) or Path(source).suffix.lower() in ENDINGS


def _is_url(source: str) -> bool:
    return "://" in source


def _opened(source: str) -> cv2.VideoCapture:
    if source.startswith(CAMERA):
        return _opened_camera(source)
    limit = round(TIMEOUT * 1000)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit]
    if not _is_url(source):
        existing_file(source)
    # Not OpenCV's choice: its next way would take a name with digits for a series of pictures.
    capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits if _is_url(source) else [])
    # A damaged picture is opened, too, as a video without pixels.
    if not (capture.isOpened() and capture.get(cv2.CAP_PROP_FRAME_WIDTH)):
        if _is_url(source):
            raise InputError(f"no video comes from {source} within {TIMEOUT:g} seconds")
        raise InputError(
            f"{source} is not a video that can be read; accepted is what FFmpeg decodes, such as .mp4 files"
        )
    return capture


def _opened_camera(source: str) -> cv2.VideoCapture:
    number = source.removeprefix(CAMERA)
    if not number.isdecimal():
        raise InputError(f"a camera is called {CAMERA}0, {CAMERA}1 and so on, got {source}")
    capture = cv2.VideoCapture(int(number))
    if not capture.isOpened():
        raise InputError(f"{source} can't be opened: it is not there, in use by another program, or not permitted")
    return capture
