"""The Kotlin core does what Python does, and the app compiles."""

from dataclasses import astuple
from pathlib import Path

import cv2
import numpy as np
import pytest

from lapx_tf import PoseEstimator, images
from lapx_tf.geometry import Box
from lapx_tf.runtime.drawing import CLEAR, draw_pose
from tests.android.photographs import ASTRONAUT, name_of
from tests.android.tools import DEMO, run

PERSON = Box(154.0, 341.0, 1200.0, 1200.0)
"""Of the astronaut: as if the whole body were in the picture, as the network knows people."""

TESTS = sorted(path.stem for path in (DEMO / "core/src/test").rglob("*Test.kt"))


@pytest.mark.parametrize("name", TESTS)
def test_junit(name: str, java: list[str], golden: Path):
    said = run(*java[:1], f"-Dlapx.golden={golden}", *java[1:], "org.junit.runner.JUnitCore", f"dev.lapx.core.{name}")
    assert "OK (" in said, said


def test_the_app_compiles_without_a_warning(app_jar: Path):
    assert app_jar.stat().st_size > 0


def test_the_core_knows_nothing_of_android():
    sources = list((DEMO / "core/src/main").rglob("*.kt"))
    assert len(sources) > 10
    assert not [path.name for path in sources if "import android" in path.read_text("utf-8")]


def test_the_overlay_is_the_drawing_of_python(java: list[str], golden: Path):
    model, picture = golden / "lapx_small_lsp_float32.tflite", golden / f"{name_of(ASTRONAUT)}.png"
    out = DEMO / "build" / "overlay.png"  # the README's picture
    out.parent.mkdir(exist_ok=True)
    run(*java, "dev.lapx.core.DrawOverlayKt", model, picture, ",".join(map(str, astuple(PERSON))), out)
    drawn, before = images.read_image(out), images.read_image(picture)
    pose = PoseEstimator(model).pose_in(before, PERSON)
    expected = draw_pose(before, pose.joints, pose.skeleton, CLEAR * float(pose.joints[:, 2].max()))
    lines = (expected != before).any(axis=2)
    # Edges are smoothed by each in its own way; elsewhere the two are the same.
    around = np.ones((3, 3), np.uint8)
    even = (cv2.dilate(expected, around).astype(int) - cv2.erode(expected, around)).max(axis=2) < 8
    difference = np.abs(expected.astype(int) - drawn).max(axis=2)
    assert (lines & even).sum() > 2000
    assert difference[lines & even].max() < 16
    assert difference[~lines].max() == 0
