"""What the command tells of a video: how fast it went, what took how long, and which frames are missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lapx_tf.runtime.video.source import Video
from lapx_tf.runtime.video.threads import Stopwatch


@dataclass
class Tally:
    """How far it has come.

    Attributes:
        done: frames that were looked at.
        dropped: frames of a camera that came in between.
        seconds: since the first of them was asked for.
        reading: decoding, or waiting for a camera.
        looking: finding people and their joints.
        writing: drawing too.
    """

    done: int = 0
    dropped: int = 0
    seconds: float = 0.0
    reading: Stopwatch = field(default_factory=Stopwatch)
    looking: Stopwatch = field(default_factory=Stopwatch)
    writing: Stopwatch = field(default_factory=Stopwatch)

    @property
    def rate(self) -> float:
        """Frames a second, everything included."""
        return self.done / self.seconds if self.seconds else 0.0

    def parts(self) -> str:
        """What a frame took in each thread; together they are more than the frame took."""
        reading, looking, writing = (
            1000 * part.seconds / self.done for part in (self.reading, self.looking, self.writing)
        )
        return (
            f"in three threads, a frame took {reading:.1f} ms to read, {looking:.1f} to look at, {writing:.1f} to write"
        )

    def losses(self, video: Video) -> list[str]:
        """A sentence on each kind of frame that was not looked at."""
        told = []
        if video.broken:
            told.append(f"frames that can't be decoded: {len(video.broken)} ({_ranges(video.broken)})")
        if video.missing:
            told.append(f"frames that the file tells to have and that did not come: {video.missing} of {video.count}")
        if video.live and self.dropped:
            told.append(f"frames that came while others were looked at: {self.dropped}")
        return told


def _ranges(numbers: Sequence[int]) -> str:
    """Of rising numbers, such as `3, 7-9`."""
    known = set(numbers)
    starts = [number for number in numbers if number - 1 not in known]
    ends = [number for number in numbers if number + 1 not in known]
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))
