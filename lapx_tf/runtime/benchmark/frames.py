"""A picture's way from its file to joints, as `PoseEstimator` goes it, and what each part of it takes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.runtime.sessions import Session

SIZE = (480, 640)
"""Height and width of the picture that is made where none is given."""

_OCTAVES = 6
_QUALITY = 90

PARTS: tuple[str, ...] = ("decode", "crop", "inference", "joints")


@dataclass(frozen=True)
class Frames:
    """What pictures take from their file to joints, one after the other; medians of all rounds in milliseconds.

    Attributes:
        picture: its name, sides and size of file, in words.
        runs: pictures that were timed.
        decode_ms: the picture from its file's content.
        crop_ms: cutting out the crop and preparing its pixels, and whatever is not one of the others.
        inference_ms: the crop in, heat maps or joints out, as `Measurement.median_ms`.
        joints_ms: joints from heat maps; 0 where the file does it inside.
        total_ms: all of a picture.
    """

    picture: str
    runs: int
    decode_ms: float
    crop_ms: float
    inference_ms: float
    joints_ms: float
    total_ms: float

    @property
    def per_second(self) -> float:
        """Pictures in a second, one after the other."""
        return 1000 / self.total_ms

    @property
    def parts(self) -> dict[str, float]:
        """Milliseconds by `PARTS`."""
        return {part: getattr(self, f"{part}_ms") for part in PARTS}

    @classmethod
    def of_rounds(cls, rounds: Sequence[dict[str, Any]]) -> "Frames | None":
        """From what `time_frames` gave in each round; None of no rounds."""
        if not rounds:
            return None
        times = {key: [ms for one in rounds for ms in one[key]] for key in (*PARTS, "total")}
        medians: dict[str, Any] = {f"{key}_ms": float(np.median(values)) for key, values in times.items()}
        return cls(rounds[0]["picture"], len(times["total"]), **medians)


class _Clock:
    """Adds up the milliseconds that calls take, by their part."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    def timed(self, part: str, call: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """The same call, timed."""

        def with_clock(argument: Any) -> Any:
            start = time.perf_counter()
            result = call(argument)
            self.ms[part] = self.ms.get(part, 0.0) + (time.perf_counter() - start) * 1000
            return result

        return with_clock


class _TimedSession:
    """A session whose runs are timed."""

    def __init__(self, session: Session, clock: _Clock) -> None:
        self.spec, self._run = session.spec, clock.timed("inference", session.run)

    def run(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Session.run`."""
        return self._run(crops)


def time_frames(session: Session, picture: Path | None, frames: int, warmup: int) -> dict[str, Any]:
    """Times pictures from their file's content to joints: one look, at the whole picture.

    Args:
        session: an open session.
        picture: a file; None for one of noise.
        frames: how often.
        warmup: pictures before them.

    Returns:
        `picture` in words, and for each of `PARTS` and for `total` the milliseconds of each picture.
    """
    # Here, because OpenCV takes memory that the measurement of the model is not to count.
    from lapx_tf import geometry, images
    from lapx_tf.codecs.decode import decode
    from lapx_tf.runtime.estimator import PoseEstimator

    name = picture.name if picture else "noise.jpg"
    content = picture.read_bytes() if picture else noise_jpeg()
    clock = _Clock()
    estimator = PoseEstimator(_TimedSession(session, clock), decoder=clock.timed("joints", decode))
    open_picture = clock.timed("decode", lambda encoded: images.decode_image(encoded, name))
    found: dict[str, Any] = {key: [] for key in (*PARTS, "total")}
    for _ in range(warmup + frames):
        clock.ms = dict.fromkeys(PARTS, 0.0)
        start = time.perf_counter()
        image = open_picture(content)
        height, width = image.shape[:2]
        estimator.pose_in(image, geometry.box_of_image((height, width)))
        clock.ms["total"] = (time.perf_counter() - start) * 1000
        clock.ms["crop"] = clock.ms["total"] - sum(clock.ms[part] for part in PARTS)
        for key, ms in clock.ms.items():
            found[key].append(ms)
    words = f"{name}, {width}x{height}, {len(content) / 1000:.0f} kB"
    return {"picture": words} | {key: values[warmup:] for key, values in found.items()}


def noise_jpeg() -> bytes:
    """A JPEG of noise at all scales, as strong at each: white noise would hardly compress, and a photograph does.

    Returns:
        The file's content; `SIZE` pixels, the same every time.
    """
    import cv2

    rng, image = np.random.default_rng(0), np.zeros((*SIZE, 3), np.float32)
    for octave in range(1, _OCTAVES + 1):
        sides = (SIZE[1] >> octave, SIZE[0] >> octave)
        layer: NDArray[np.float32] = rng.normal(0, 25, (*sides[::-1], 3)).astype(np.float32)
        image += cv2.resize(layer, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    done, encoded = cv2.imencode(
        ".jpg", np.clip(image + 128, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    assert done  # a JPEG of sound pixels can always be written
    return encoded.tobytes()
