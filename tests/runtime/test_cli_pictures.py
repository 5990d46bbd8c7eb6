"""`lapx predict` of pictures of every kind: right, or one clear sentence."""

import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from lapx_tf import images
from lapx_tf.errors import InputError
from lapx_tf.runtime.cli import main
from tests.helpers import ROOT
from tests.runtime import dots

# (x, y) in a picture of 240 x 200 (height x width).
POINTS = np.array([[101, 50], [130, 100], [70, 95], [125, 165], [80, 160.0]])


@pytest.fixture
def painted() -> np.ndarray:
    return dots.paint((240, 200), POINTS, 9)


def found_in(models, picture: Path, out: Path) -> np.ndarray:
    """[5, 2] the joints that the command finds."""
    assert main(["predict", str(models["float32"]), str(picture), "--out", str(out)]) == 0
    (person,) = json.loads((out / f"{picture.name}.pose.json").read_text())["people"]
    return np.array([[joint["x"], joint["y"]] for joint in person["joints"]])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "RGB"), ("a.png", "RGBA"), ("a.jpg", "RGB"), ("a.jpg", "CMYK"), ("a.webp", "RGB"), ("a.bmp", "RGB"),
    ],
)  # fmt: skip
def test_pictures_of_other_kinds_give_the_same_joints(models, painted, tmp_path, name, kind):
    picture = Image.fromarray(painted).convert(kind)
    if kind == "RGBA":
        picture.putalpha(128)
    picture.save(tmp_path / name, quality=95)
    assert np.abs(found_in(models, tmp_path / name, tmp_path / "out") - POINTS).max() < 3.5


def test_sixteen_bits_are_scaled_to_eight(models, painted, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), painted[..., ::-1].astype(np.uint16) * 257)
    np.testing.assert_array_equal(images.read_image(tmp_path / "a.png"), painted)
    assert np.abs(found_in(models, tmp_path / "a.png", tmp_path / "out") - POINTS).max() < 3.5


@pytest.mark.parametrize(("mode", "value"), [("L", 90), ("I;16", 90 * 257), ("LA", 90), ("P", 90), ("1", 255)])
def test_grey_pictures_are_grey(models, tmp_path, mode, value):
    grey = np.full((240, 200), value)
    picture = Image.fromarray(grey.astype(np.uint16)) if mode == "I;16" else Image.fromarray(grey.astype(np.uint8))
    picture.convert(mode).save(tmp_path / "a.png")
    assert (images.read_image(tmp_path / "a.png") == (90 if value != 255 else 255)).all()
    assert found_in(models, tmp_path / "a.png", tmp_path / "out").shape == (5, 2)


def test_a_rotated_photograph_is_looked_at_and_drawn_upright(models, painted, tmp_path):
    picture = Image.fromarray(np.rot90(painted).copy())
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned to the right
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert np.abs(found_in(models, tmp_path / "a.jpg", tmp_path / "out") - POINTS).max() < 3.5
    assert cv2.imread(str(tmp_path / "out" / "a.jpg.pose.png")).shape == (240, 200, 3)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_of_an_animation_the_first_picture_is_taken(models, painted, tmp_path, name):
    first, second = Image.fromarray(painted), Image.new("RGB", (200, 240))
    first.save(tmp_path / name, save_all=True, append_images=[second], lossless=True, duration=100)
    assert np.abs(found_in(models, tmp_path / name, tmp_path / "out") - POINTS).max() < 3.5


@pytest.mark.parametrize("content", [b"", b"text", b"GIF89a", b"<svg></svg>", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_one_sentence(models, tmp_path, capfd, content):
    (tmp_path / "a.png").write_bytes(content)
    assert main(["predict", str(models["float32"]), str(tmp_path / "a.png"), "--out", str(tmp_path / "out")]) == 2
    assert "a.png is not a picture that can be read; accepted are .jpg" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 2)])
def test_the_thinnest_pictures_are_no_error(models, tmp_path, size):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((*size, 3), 200, np.uint8))
    assert np.isfinite(found_in(models, tmp_path / "a.png", tmp_path / "out")).all()


def huge_png(path: Path, side: int) -> Path:
    """A white PNG of which only the head is written out: the rest repeats."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))))
    return path


def test_a_picture_too_large_for_the_memory_is_refused_before_it_is_read(models, tmp_path):
    """In a process of its own, since OpenCV takes the limit from the environment when it is imported."""
    huge = huge_png(tmp_path / "huge.png", 20_000)
    arguments = [models["float32"], huge, "--out", tmp_path / "out"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENCV_IO")}
    done = subprocess.run(
        [sys.executable, "-m", "lapx_tf.runtime.cli", "predict", *map(str, arguments)],
        capture_output=True, text=True, check=False, cwd=ROOT, env=environment,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"error: {huge} has more pixels than are read" in done.stderr


def test_a_picture_beyond_opencv_s_own_limit_is_refused_in_python_too(tmp_path):
    with pytest.raises(InputError, match="more pixels than are read"):
        images.read_image(huge_png(tmp_path / "huge.png", 40_000))
