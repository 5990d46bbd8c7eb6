"""What is made of each frame: a line of JSON, and a drawn picture for the video and the window."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.runtime.drawing import MIDDLE, OUTLINE, draw_people
from lapx_tf.runtime.tracking import Tracked
from lapx_tf.runtime.video.output import VideoFile
from lapx_tf.runtime.video.source import Frame
from lapx_tf.runtime.video.window import Window


@dataclass(frozen=True, eq=False)
class Seen:
    """A frame and the people in it."""

    frame: Frame
    people: Sequence[Tracked]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form, see docs/video.md."""
        people = [{"id": person.id} | person.pose.to_dict() for person in self.people]
        return {"frame": self.frame.number, "time": round(self.frame.seconds, 6), "people": people}


@dataclass(frozen=True, eq=False)
class Results:
    """Where frames go to, one after the other; what is None is left out.

    Attributes:
        file: gets the drawn frames.
        in_real_time: place them in the file by their times. Otherwise each has the place of its number, so that frames that
            could not be decoded are replaced by the one before.
        lines: gets a line of JSON for each frame.
        window: shows the drawn frames.
        numbered: write people's ids beside them.
    """

    file: VideoFile | None
    in_real_time: bool
    lines: TextIO | None
    window: Window | None
    numbered: bool

    def take(self, seen: Seen) -> None:
        """Writes and shows a frame."""
        if self.lines:
            self.lines.write(json.dumps(seen.to_dict(), ensure_ascii=False) + "\n")
        if self.file or self.window:
            drawn = draw_people(seen.frame.image, [person.pose for person in seen.people])
            if self.numbered:
                _number(drawn, seen.people)
            if self.file:
                frame = seen.frame
                self.file.write(drawn, round(frame.seconds * self.file.rate) if self.in_real_time else frame.number)
            if self.window:
                self.window.offer(drawn)


def _number(image: NDArray[np.uint8], people: Sequence[Tracked]) -> None:
    """Writes each person's id on a dark plate above the joints, onto the picture itself."""
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, max(0.5, image.shape[0] / 500)
    margin = round(6 * scale)
    for person in people:
        (width, height), _ = cv2.getTextSize(str(person.id), font, scale, 1)
        left = round(person.box.x - width / 2)
        bottom = max(round(person.box.y - person.box.height / 2) - 3 * margin, height + margin)
        corners = (left - margin, bottom - height - margin), (left + width + margin, bottom + margin)
        cv2.rectangle(image, *corners, OUTLINE, cv2.FILLED)
        cv2.putText(image, str(person.id), (left, bottom), font, scale, MIDDLE, 1, cv2.LINE_AA)
