"""Frames of files and cameras: in order, with their times, upright; what is broken is counted."""

import cv2
import numpy as np
import pytest

from lapx_tf.errors import InputError
from lapx_tf.runtime.video.source import USUAL_RATE, Video, is_video
from tests.runtime.videos import Camera, shade, shades, turn_quarter, write_video


def test_a_file_gives_every_frame_in_order_with_its_time(tmp_path):
    with Video(write_video(tmp_path / "a.mp4", shades(30))) as video:
        frames = list(video)
    assert (video.count, video.rate, video.size, video.live) == (30, 25.0, (48, 64), False)
    assert [frame.number for frame in frames] == list(range(30))
    assert [shade(frame.image) for frame in frames] == list(range(30))
    np.testing.assert_allclose([frame.seconds for frame in frames], np.arange(30) / 25, atol=1e-3)
    assert (video.broken, video.missing) == ([], 0)


def test_frames_are_rgb(tmp_path):
    red = np.full((48, 64, 3), (250, 20, 20), np.uint8)
    with Video(write_video(tmp_path / "a.mp4", [red] * 3)) as video:
        image = next(iter(video)).image
    np.testing.assert_allclose(image.mean(axis=(0, 1)), (250, 20, 20), atol=8)


def test_a_telephones_video_is_upright(tmp_path):
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, :32] = 255
    path = write_video(tmp_path / "a.mp4", [image] * 3)
    turn_quarter(path)
    with Video(path) as video:
        found = next(iter(video)).image
    assert video.size == found.shape[:2] == (64, 48)
    np.testing.assert_allclose(found, np.rot90(image, -1), atol=40)


def test_a_file_goes_on_behind_frames_that_cannot_be_decoded(tmp_path):
    rng = np.random.default_rng(0)
    path = write_video(tmp_path / "a.mp4", rng.integers(0, 256, (60, 48, 64, 3), np.uint8))
    content = bytearray(path.read_bytes())
    middle, length = len(content) // 2, len(content) // 10
    content[middle : middle + length] = bytes(length)
    path.write_bytes(content)
    with Video(path) as video:
        frames = list(video)
    assert video.broken
    assert sorted([frame.number for frame in frames] + video.broken) == list(range(60))
    assert frames[-1].number == 59
    assert frames[-1].seconds == pytest.approx(59 / 25, abs=0.05)


def test_what_a_cut_file_lacks_is_counted(tmp_path):
    path = write_video(tmp_path / "a.avi", shades(32))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with Video(path) as video:
        frames = list(video)
    assert 0 < len(frames) < 32
    assert (len(frames) + video.missing, video.broken) == (32, [])


def test_times_grow_even_where_a_file_tells_the_same_time_twice(tmp_path, monkeypatch):
    class Stopped(Camera):
        def get(self, what: int) -> float:
            return {cv2.CAP_PROP_FRAME_COUNT: 10.0, cv2.CAP_PROP_POS_MSEC: 0.0}.get(what, super().get(what))

    monkeypatch.setattr(cv2, "VideoCapture", Stopped)
    (tmp_path / "a.mp4").touch()
    times = [frame.seconds for frame in Video(tmp_path / "a.mp4")]
    np.testing.assert_allclose(times, np.arange(10) / USUAL_RATE)


def test_a_file_that_does_not_tell_its_length_is_no_camera(tmp_path):
    # A single picture, which FFmpeg takes for a video of unknown length.
    (tmp_path / "a.mp4").write_bytes(cv2.imencode(".png", np.full((48, 64, 3), 90, np.uint8))[1].tobytes())
    with Video(tmp_path / "a.mp4") as video:
        frames = list(video)
    assert (video.count, video.live, len(frames)) == (None, False, 1)


def test_a_camera_is_live_and_its_times_are_those_of_arrival(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    monkeypatch.setattr(Camera, "pause", 0.005)
    with Video("camera:0") as video:
        frames = list(video)
    assert video.live
    assert (video.count, video.rate) == (None, USUAL_RATE)
    assert [frame.number for frame in frames] == list(range(10))
    assert frames[0].seconds == pytest.approx(0, abs=1e-3)
    assert (np.diff([frame.seconds for frame in frames]) > 0.004).all()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("text.mp4", "is not a video"),
        ("empty.mp4", "is not a video"),
        ("none.mp4", "no such file"),
        ("folder.mp4", "is a folder"),
        ("camera:99", "can't be opened"),
        ("camera:front", "camera:0, camera:1"),
        ("rtsp://127.0.0.1:9/stream", "no video comes from"),
    ],
)
def test_what_is_no_video_is_one_sentence(tmp_path, source, words):
    (tmp_path / "text.mp4").write_text("not a video\n" * 100)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(InputError, match=words):
        Video(source if ":" in source else tmp_path / source)


def test_videos_are_told_from_pictures_by_their_names():
    for source in ("camera:0", "rtsp://host/stream", "http://host/a", "A.MP4", "folder/b.webm"):
        assert is_video(source)
    for source in ("a.jpg", "folder", "mp4", "b.png"):
        assert not is_video(source)
