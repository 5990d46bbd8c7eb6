"""`lapx predict` of videos and cameras, from the command to the files it leaves."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapx_tf.runtime.cli import main
from lapx_tf.runtime.tracking import PeopleTracker
from lapx_tf.runtime.video.source import USUAL_RATE
from tests.runtime.detector_files import ssd_tflite
from tests.runtime.videos import Camera, read_all, shades, turn_quarter, write_video

# (x, y) in frames of 240 x 200 (height x width).
POINTS = np.array([[101, 60], [130, 110], [70, 105], [125, 165], [80, 160.0]])
COUNT = 12


def moved(index: int) -> np.ndarray:
    """By how much the person has moved in a frame."""
    return np.array([2 * index - COUNT, 0])


@pytest.fixture
def video(tmp_path, paint) -> Path:
    """A painted person who moves by two pixels a frame."""
    moving = (paint((240, 200), POINTS + moved(index), 9) for index in range(COUNT))
    (tmp_path / "in").mkdir()
    return write_video(tmp_path / "in" / "walk.avi", moving)


@pytest.fixture
def predict(models, tmp_path) -> Callable[..., int]:
    """Runs the command with out.mp4 and out.jsonl as outputs, or with those named."""

    def run(source: object, *further: object) -> int:
        outputs = further or ("--out", tmp_path / "out.mp4", "--json", tmp_path / "out.jsonl")
        return main([str(part) for part in ("predict", models["float32"], source, *outputs)])

    return run


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "in")


def sentence_of(capfd: pytest.CaptureFixture) -> str:
    found = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(found) == 1
    return found[0]


def test_every_frame_has_a_line_with_its_joints_and_a_drawn_frame(predict, video, tmp_path, capfd):
    assert predict(video) == 0
    told = lines(tmp_path / "out.jsonl")
    assert [line["frame"] for line in told] == list(range(COUNT))
    assert [line["time"] for line in told] == pytest.approx(np.arange(COUNT) / 25, abs=1e-3)
    for index, line in enumerate(told):
        (person,) = line["people"]
        assert person["id"] == 1
        found = np.array([[joint["x"], joint["y"]] for joint in person["joints"]])
        assert np.abs(found - POINTS - moved(index)).max() < 5
    drawn, plain = read_all(tmp_path / "out.mp4"), read_all(video)
    assert len(drawn) == COUNT
    assert all(
        one.shape == (240, 200, 3) and np.abs(one - other.astype(int)).max() > 60
        for one, other in zip(drawn, plain, strict=True)
    )
    with_rate = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert with_rate.get(cv2.CAP_PROP_FPS) == 25
    assert f"{COUNT} frames in" in capfd.readouterr().out


def test_each_output_can_be_had_alone_and_as_webm(predict, video, tmp_path):
    assert predict(video, "--json", tmp_path / "only.jsonl") == 0
    assert predict(video, "--out", tmp_path / "only.webm") == 0
    assert left(tmp_path) == ["only.jsonl", "only.webm"]
    assert len(read_all(tmp_path / "only.webm")) == COUNT


def test_a_turned_video_is_drawn_upright(predict, tmp_path, paint):
    image = np.rot90(paint((240, 200), POINTS, 9))
    (tmp_path / "in").mkdir()
    source = write_video(tmp_path / "in" / "phone.mp4", [image] * 3)
    turn_quarter(source)
    assert predict(source) == 0
    assert read_all(tmp_path / "out.mp4")[0].shape == (240, 200, 3)
    head = lines(tmp_path / "out.jsonl")[0]["people"][0]["joints"][0]
    assert (head["x"], head["y"]) == pytest.approx(POINTS[0], abs=5)


def test_smoothing_keeps_the_first_frame_and_trembles_less(predict, tmp_path, paint):
    rng = np.random.default_rng(0)
    trembling = [paint((240, 200), POINTS + rng.normal(0, 3, (1, 2)), 9) for _ in range(30)]
    (tmp_path / "in").mkdir()
    source = write_video(tmp_path / "in" / "a.avi", trembling)
    places = []
    for further in ((), ("--smooth",)):
        assert predict(source, "--json", tmp_path / "a.jsonl", *further) == 0
        people = [line["people"][0]["joints"] for line in lines(tmp_path / "a.jsonl")]
        places.append(np.array([[(joint["x"], joint["y"]) for joint in joints] for joints in people]))
    plain, smooth = places
    np.testing.assert_array_equal(smooth[0], plain[0])
    assert np.abs(np.diff(smooth, axis=0)).mean() < 0.8 * np.abs(np.diff(plain, axis=0)).mean()


def test_with_a_detector_everybody_keeps_an_id(predict, tmp_path, paint):
    # Where this detector always sees its two people, once a picture has some red on the left and some green on the right.
    small = np.array([[50, 33], [62, 50], [38, 50], [58, 66], [42, 66.0]])
    large = np.array([[150, 15], [175, 50], [125, 50], [165, 85], [135, 85.0]])
    picture = np.maximum(paint((100, 200), small, 4), paint((100, 200), large, 8))
    source = write_video(tmp_path / "a.avi", [picture] * 20)
    further = ("--detector", ssd_tflite(tmp_path / "ssd.tflite"), "--min-score", 0.001, "--smooth")
    assert predict(source, "--json", tmp_path / "a.jsonl", "--out", tmp_path / "a.mp4", *further) == 0
    for line in lines(tmp_path / "a.jsonl"):
        heads = {person["id"]: (person["joints"][0]["x"], person["joints"][0]["y"]) for person in line["people"]}
        assert sorted(heads) == [1, 2]
        for found, true in zip(sorted(heads.values()), (small, large), strict=True):
            assert found == pytest.approx(true[0], abs=4)


def test_frames_that_cannot_be_decoded_are_named_and_filled_in_the_drawn_video(predict, tmp_path, capfd):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (40, 48, 64, 3), np.uint8)
    (tmp_path / "in").mkdir()
    source = write_video(tmp_path / "in" / "a.mp4", noise)
    content = bytearray(source.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 20000] = bytes(20000)
    source.write_bytes(content)
    assert predict(source) == 0
    told = lines(tmp_path / "out.jsonl")
    assert len(told) < 40
    assert told[-1]["frame"] == 39
    assert len(read_all(tmp_path / "out.mp4")) == 40
    assert f"frames that can't be decoded: {40 - len(told)} (" in capfd.readouterr().out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_what_was_done_so_far(predict, video, tmp_path, monkeypatch, capfd, number, code):
    look, seen = PeopleTracker.__call__, []

    def interrupted(self, image):
        seen.append(None)
        if len(seen) == 5:
            os.kill(os.getpid(), number)
        return look(self, image)

    monkeypatch.setattr(PeopleTracker, "__call__", interrupted)
    assert predict(video) == code
    assert "stopped after 5 frames" in sentence_of(capfd)
    assert left(tmp_path) == ["out.jsonl", "out.mp4"]
    assert [line["frame"] for line in lines(tmp_path / "out.jsonl")] == list(range(5))
    assert len(read_all(tmp_path / "out.mp4")) == 5


def test_a_slow_look_at_a_camera_drops_frames_and_the_video_keeps_real_time(predict, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(Camera, "count", 60)
    monkeypatch.setattr(Camera, "pause", 0.004)
    camera, writing = Camera, cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", lambda *what: camera() if what == (0,) else writing(*what))
    assert predict("camera:0") == 0
    told = lines(tmp_path / "out.jsonl")
    numbers = [line["frame"] for line in told]
    assert numbers == sorted(set(numbers))
    drawn = cv2.VideoCapture(str(tmp_path / "out.mp4")).get(cv2.CAP_PROP_FRAME_COUNT)
    assert drawn >= max(len(told), round(told[-1]["time"] * USUAL_RATE) + 1)
    dropped = numbers[-1] + 1 - len(told)
    assert (f"while others were looked at: {dropped}" in capfd.readouterr().out) == (dropped > 0)


def test_show_refreshes_a_window_until_a_key_ends_it(predict, video, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(cv2, "namedWindow", lambda *_: None)
    monkeypatch.setattr(cv2, "imshow", lambda _, image: shown.append(image.shape))
    monkeypatch.setattr(cv2, "waitKey", lambda _: ord("q") if len(shown) == 2 else -1)
    monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: 1.0)
    monkeypatch.setattr(cv2, "destroyWindow", lambda _: None)
    assert predict(video, "--show", "--json", tmp_path / "out.jsonl") == 0
    assert shown == [(240, 200, 3)] * 2
    assert 2 <= len(lines(tmp_path / "out.jsonl")) <= COUNT


def test_show_without_windows_or_a_screen_is_one_sentence(predict, video, tmp_path, monkeypatch, capfd):
    def headless(*_: object) -> None:
        raise cv2.error("not implemented")

    monkeypatch.setattr(cv2, "namedWindow", headless)
    for display, words in ((":0", "pip install opencv-python"), ("", "needs a screen")):
        monkeypatch.setenv("DISPLAY", display)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setattr(sys, "platform", "linux")
        assert predict(video, "--show", "--out", tmp_path / "out.mp4") == 2
        assert words in sentence_of(capfd)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("further", "words"),
    [
        ((), "needs --out FILE.mp4, --json FILE.jsonl or --show"),
        (("--out", "."), "ends in .mp4 or .webm"),
        (("--out", "a.gif"), "ends in .mp4 or .webm"),
        (("--out", "in/walk.avi"), "ends in .mp4 or .webm"),
        (("--json", "in/walk.avi"), "must be different files"),
        (("--json", "a.mp4", "--out", "a.mp4"), "must be different files"),
        (("--json", "a.jsonl", "--boxes", "b.json"), "--boxes and --format are for pictures"),
        (("--json", "a.jsonl", "--format", "coco"), "--boxes and --format are for pictures"),
        (("--json", "in/walk.avi/a.jsonl"), "in/walk.avi"),
    ],
)
def test_wrong_arguments_leave_everything_as_it_was(models, video, tmp_path, monkeypatch, capfd, further, words):
    monkeypatch.chdir(tmp_path)
    before = video.read_bytes()
    assert main(["predict", str(models["float32"]), str(video), *further]) == 2
    assert words in sentence_of(capfd)
    assert left(tmp_path) == []
    assert video.read_bytes() == before


def test_what_is_no_video_leaves_nothing(predict, tmp_path, capfd):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "text.mp4").write_text("not a video\n")
    (tmp_path / "in" / "empty.mp4").touch()
    # FFmpeg knows it for a PNG, but there is nothing in it.
    (tmp_path / "in" / "nothing.mp4").write_bytes(cv2.imencode(".png", shades(1)[0])[1].tobytes()[:60])
    for source in (
        tmp_path / "in" / "text.mp4",
        tmp_path / "in" / "empty.mp4",
        tmp_path / "in" / "nothing.mp4",
        "camera:99",
    ):
        assert predict(source) == 2
        assert str(source) in sentence_of(capfd)
    assert left(tmp_path) == []


def test_options_of_videos_are_refused_for_pictures(models, tmp_path, capfd):
    picture = tmp_path / "a.png"
    cv2.imwrite(str(picture), shades(1)[0])
    assert main(["predict", str(models["float32"]), str(picture), "--out", str(tmp_path / "out"), "--smooth"]) == 2
    assert "are for videos" in sentence_of(capfd)
    assert left(tmp_path) == ["a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
@pytest.mark.parametrize("output", ["--out=out.mp4", "--out=out.webm", "--json=out.jsonl"])
def test_a_full_disk_is_an_error_and_leaves_nothing(models, video, tmp_path, output):
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); "
    code += "from lapx_tf.runtime.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "predict", str(models["float32"]), str(video), output]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "error: " in done.stderr
    assert left(tmp_path) == []
