"""Small videos for the tests, and a camera that is none."""

import struct
import time
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from lapx_tf.runtime.video.source import Video


def write_video(path: Path, images: Iterable[np.ndarray], rate: float = 25.0) -> Path:
    """Writes pictures, uint8 [H, W, 3], RGB. An .avi stores each by itself (Motion JPEG), an .mp4 by what changes."""
    code = cv2.VideoWriter.fourcc(*("MJPG" if path.suffix == ".avi" else "mp4v"))
    writer = None
    for image in images:
        writer = writer or cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, rate, image.shape[1::-1])
        writer.write(np.ascontiguousarray(image[..., ::-1]))
    assert writer is not None
    writer.release()
    return path


def shades(count: int, size: tuple[int, int] = (48, 64)) -> list[np.ndarray]:
    """Pictures that can be told apart by their grey, 7 more each; noise keeps the file from being tiny."""
    noise = np.random.default_rng(0).integers(-2, 3, (*size, 3))
    return [np.clip(noise + 20 + 7 * index, 0, 255).astype(np.uint8) for index in range(count)]


def shade(image: np.ndarray) -> int:
    """The number that `shades` gave the picture."""
    return round((float(image.mean()) - 20) / 7)


def read_all(path: Path) -> list[np.ndarray]:
    """All pictures of a video."""
    with Video(path) as video:
        return [frame.image for frame in video]


def turn_quarter(path: Path) -> None:
    """Has an .mp4 say that it was filmed with the camera turned, as telephones do: a matrix in its header."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)


class Camera:
    """In place of cv2.VideoCapture: gives pictures of `shades`, one each `pause` seconds, and then nothing more."""

    count, pause, size = 10, 0.0, (48, 64)

    def __init__(self, *arguments: object) -> None:
        self.given = 0

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def set(self, what: int, value: float) -> bool:
        return False

    def get(self, what: int) -> float:
        return {cv2.CAP_PROP_FRAME_HEIGHT: self.size[0], cv2.CAP_PROP_FRAME_WIDTH: self.size[1]}.get(what, -1.0)

    def read(self) -> tuple[bool, np.ndarray | None]:
        time.sleep(self.pause)
        if self.given == self.count:
            return False, None
        self.given += 1
        return True, shades(self.given, self.size)[-1]

    def release(self) -> None:
        pass
