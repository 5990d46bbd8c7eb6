"""The drawn video: its places, its sizes, people's numbers."""

import io
import json

import numpy as np
import pytest

from lapx_tf.geometry import Box
from lapx_tf.runtime.poses import Pose
from lapx_tf.runtime.tracking import Tracked
from lapx_tf.runtime.video.output import CODECS, VideoFile
from lapx_tf.runtime.video.results import Results, Seen
from lapx_tf.runtime.video.source import Frame
from tests.runtime.videos import read_all, shade, shades


@pytest.mark.parametrize("ending", CODECS)
def test_a_picture_stays_until_the_place_of_the_next(tmp_path, ending):
    file = VideoFile(tmp_path / f"a{ending}", (48, 64), 25)
    for image, place in zip(shades(12)[::3], (0, 1, 4, 3), strict=True):  # the last one is late
        file.write(image, place)
    file.close()
    assert [shade(image) for image in read_all(file.path)] == [0, 3, 3, 3, 6, 9]


def test_pictures_of_another_size_are_resized(tmp_path):
    file = VideoFile(tmp_path / "a.mp4", (48, 64), 29.97)
    for place, size in enumerate([(48, 64), (96, 128), (30, 31)]):
        file.write(shades(1, size)[0], place)
    file.close()
    assert [image.shape for image in read_all(file.path)] == [(48, 64, 3)] * 3


def test_people_are_drawn_with_their_numbers_and_told_with_their_ids(tmp_path, skeleton):
    joints = np.array([[60, 60, 1], [80, 90, 1], [40, 90, 1], [70, 140, 1], [50, 140, 1.0]], np.float32)
    people = []
    for key, right in ((3, 0), (17, 100)):
        moved = joints + np.array([right, 0, 0], np.float32)
        people.append(Tracked(key, Pose(moved, skeleton, Box(60, 100, 99, 99)), Box(60 + right, 100, 40, 80)))
    drawn, told = [], io.StringIO()
    for numbered in (False, True):
        file = VideoFile(tmp_path / f"{numbered}.mp4", (200, 240), 25)
        results = Results(file, in_real_time=False, lines=told, window=None, numbered=numbered)
        results.take(Seen(Frame(0, 0.0, np.full((200, 240, 3), 90, np.uint8)), people))
        file.close()
        drawn.append(read_all(file.path)[0].astype(int))
    rows, columns = np.nonzero(np.abs(drawn[0] - drawn[1]).max(axis=-1) > 60)
    assert {round((column - 60) / 100) for column in columns} == {0, 1}
    assert 20 < rows.min() < rows.max() < 60
    for line in told.getvalue().splitlines():
        assert [person["id"] for person in json.loads(line)["people"]] == [3, 17]
