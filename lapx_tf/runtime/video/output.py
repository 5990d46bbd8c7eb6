"""Writing a video file, through OpenCV and the FFmpeg in it."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.silence import quiet

CODECS = {".mp4": "mp4v", ".webm": "VP80"}
"""What each ending is encoded as. OpenCV's wheels have no H.264 encoder: MPEG-4 Part 2 in .mp4 is quick and plays in players
and editors, but not in browsers; VP8 in .webm plays in browsers, and takes longer."""


class VideoFile:
    """A video of a constant rate. It plays once it is closed.

    Args:
        path: ends in one of `CODECS`.
        size: (height, width) of the pictures. Of an odd side, the codecs leave the last pixel out.
        rate: pictures a second.

    Raises:
        InputError: the video can't be begun.
        OSError: the file can't be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], rate: float) -> None:
        self.path, self.size, self.rate, self.length = path, size, rate, 0
        self._last: NDArray[np.uint8] | None = None
        path.touch()  # says why it can't be written, which OpenCV does not
        code = cv2.VideoWriter.fourcc(*CODECS[path.suffix.lower()])
        with quiet():  # FFmpeg's remarks on how the codec is called in the file
            self._writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, rate, size[::-1])
        if not self._writer.isOpened():
            raise InputError(f"OpenCV can't write {size[1]} x {size[0]} pixels at {rate:g} frames/s as {path.suffix}")

    def write(self, image: NDArray[np.uint8], place: int) -> None:
        """Appends a picture.

        Args:
            image: uint8 [H, W, 3], RGB; one of another size, as of a stream that changes, is resized.
            place: its number in the video. Where it is later than the next one, the last picture stays until then.
        """
        if image.shape[:2] != self.size:
            image = np.asarray(cv2.resize(image, self.size[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        stored = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8)
        for _ in range(place - self.length):
            self._append(stored if self._last is None else self._last)
        self._append(stored)
        self._last = stored

    def _append(self, stored: NDArray[np.uint8]) -> None:
        self._writer.write(stored)
        self.length += 1

    def close(self) -> None:
        """Finishes the file.

        Raises:
            InputError: the file is not whole. OpenCV does not tell when a disk is full.
        """
        self._writer.release()
        if self.length and not _ends_at(self.path, (self.length - 1) / self.rate, within=1 / self.rate):
            raise InputError(f"the video of {self.length} frames could not be written whole: is the disk full?")


def _ends_at(path: Path, seconds: float, within: float) -> bool:
    """Whether a video has a frame near that time. What its header tells is no evidence: it is written first."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    capture.set(cv2.CAP_PROP_POS_MSEC, 1000 * seconds)
    found = capture.grab() and abs(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 - seconds) < within
    capture.release()
    return found
