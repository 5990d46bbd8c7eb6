import cv2
import numpy as np
import pytest

from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark.frames import PARTS, SIZE, Frames, noise_jpeg, time_frames
from lapx_tf.runtime.sessions import open_session


@pytest.mark.parametrize("name", ["float32", "keypoints", "onnx"])
def test_the_parts_of_a_picture_are_the_whole(models, name):
    found = time_frames(open_session(models[name]), None, frames=3, warmup=1)
    assert found["picture"].startswith("noise.jpg, 640x480, ")
    assert all(len(found[part]) == 3 for part in PARTS)
    for index in range(3):
        parts = [found[part][index] for part in PARTS]
        assert sum(parts) == pytest.approx(found["total"][index])
        assert min(parts) >= 0
    assert (min(found["joints"]) > 0) == (name != "keypoints")
    assert min(found["decode"] + found["crop"] + found["inference"]) > 0


def test_a_picture_of_ones_own_is_what_is_decoded(models, tmp_path):
    path = tmp_path / "people.png"
    cv2.imwrite(str(path), np.zeros((50, 70, 3), np.uint8))
    assert time_frames(open_session(models["int8"]), path, 1, 0)["picture"] == "people.png, 70x50, 0 kB"
    path.write_text("text")
    with pytest.raises(InputError, match=r"people.png is not a picture"):
        time_frames(open_session(models["int8"]), path, 1, 0)


def test_the_made_picture_is_the_same_every_time_and_compresses_like_a_photograph():
    content = noise_jpeg()
    assert content == noise_jpeg()
    assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).shape == (*SIZE, 3)
    assert 60_000 < len(content) < 200_000


def test_rounds_are_one_by_their_medians():
    rounds = [{"picture": "p", **{part: [ms] for part in PARTS}, "total": [4 * ms]} for ms in (1.0, 2.0, 9.0)]
    found = Frames.of_rounds(rounds)
    assert (found.runs, found.total_ms, found.per_second) == (3, 8, 125)
    assert found.parts == dict.fromkeys(PARTS, 2.0)
    assert Frames.of_rounds([]) is None
