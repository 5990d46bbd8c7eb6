import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from lapx_tf.data import lsp
from tests.helpers import ROOT, write_lsp
from train.watching.event_file import EventFile
from train.watching.pace import Pace
from train.watching.preview import Preview
from train.watching.tensorboard import TensorBoard

LOGS = {"loss": 0.5, "loss_stack1": 0.3, "loss_stack2": 0.2, "pck": 0.1, "val_loss": 0.6, "val_pck": 0.05,
        "val_AP": float("nan"), "learning_rate": 1e-3, "gamma_1": 0.02}  # fmt: skip
PICTURE = np.full((40, 60, 3), (200, 30, 30), np.uint8)


def shown(folder: Path) -> EventAccumulator:
    """What TensorBoard reads from a folder."""
    return EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0}).Reload()


def points(folder: Path, tag: str) -> dict[int, float]:
    found = [(point.step, round(point.value, 4)) for point in shown(folder).Scalars(tag)]
    assert len({step for step, _ in found}) == len(found), "a step is there twice"
    return dict(found)


def test_what_is_written_is_what_tensorboard_shows(tmp_path):
    file = EventFile(tmp_path)
    file.scalars({"loss": 0.5, "pck": 0.25}, 3)
    file.images({"crop": PICTURE}, 3)
    assert points(tmp_path, "loss") == {3: 0.5}  # before it is closed: TensorBoard shows a running training
    file.close()
    assert points(tmp_path, "pck") == {3: 0.25}
    image = shown(tmp_path).Images("crop")[0]
    decoded = cv2.imdecode(np.frombuffer(image.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
    assert (image.width, image.height) == (60, 40)
    np.testing.assert_allclose(decoded[..., ::-1], PICTURE, atol=4)


def test_a_resumed_run_takes_the_place_of_the_points_that_were_lost(tmp_path):
    killed = EventFile(tmp_path, first_step=1)
    for step in (10, 20, 30):
        killed.scalars({"loss": float(step)}, step)
    killed.close()
    with next(tmp_path.iterdir()).open("ab") as file:
        file.write(b"\x10\x00\x00\x00")  # killed while it wrote
    resumed = EventFile(tmp_path, first_step=21)
    for step in (25, 30):
        resumed.scalars({"loss": -float(step)}, step)
    assert points(tmp_path, "loss") == {10: 10, 20: 20, 25: -25, 30: -30}


@pytest.mark.parametrize("tensorflow", ["not installed", "installed"])
def test_writing_neither_needs_nor_loads_tensorflow(tensorflow, tmp_path):
    program = f"""
import sys
if {tensorflow == "not installed"}:
    sys.modules["tensorflow"] = None
from pathlib import Path
from train.watching.event_file import EventFile
EventFile(Path({str(tmp_path)!r})).scalars({{"loss": 0.5}}, 1)
assert not sys.modules.get("tensorflow")
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
    assert points(tmp_path, "loss") == {1: 0.5}


class Averages:
    """Stands for `AveragedWeights`: notes whether its weights are in."""

    inside_now = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        self.inside_now = True
        yield
        self.inside_now = False


class Drawer:
    """Stands for `Preview`: draws only with the averaged weights."""

    def __init__(self, averages: Averages) -> None:
        self.averages = averages

    def draw(self, model: Any) -> dict[str, np.ndarray]:
        assert self.averages.inside_now
        return {"im1.jpg": PICTURE}


def train(folder: Path, epochs: range, first_step: int = 0, within_seconds: float = 1e9) -> None:
    """What Keras calls in epochs of four steps, the first of which begins with a step."""
    pace = Pace(batch_size=2)
    averages: Any = Averages()
    drawer: Any = Drawer(averages)
    board = TensorBoard(folder, pace, averages, drawer, within_seconds)
    for epoch in epochs:
        first = first_step if epoch == epochs[0] else 0
        pace.set_params({"steps": 4, "epochs": 5, "first_step": first})
        for callback in (pace, board):
            callback.on_epoch_begin(epoch)
        for batch in range(first, 4):
            for callback in (pace, board):
                callback.on_train_batch_end(batch, {"loss": 0.7})
        board.on_epoch_end(epoch, LOGS)


def test_each_epoch_has_its_figures_under_the_tags_of_the_log(tmp_path):
    train(tmp_path, range(2))
    for tag in ("loss", "loss_stack1", "loss_stack2", "pck", "learning_rate", "gamma_1"):
        assert points(tmp_path / "train", tag) == dict.fromkeys((4, 8), round(LOGS[tag], 4))
    assert points(tmp_path / "validation", "loss") == dict.fromkeys((4, 8), 0.6)
    assert points(tmp_path / "validation", "pck") == dict.fromkeys((4, 8), 0.05)
    assert "AP" not in shown(tmp_path / "validation").Tags()["scalars"]  # not evaluated in these epochs
    assert list(points(tmp_path / "train", "images_per_second")) == [4, 8]
    pictures = shown(tmp_path / "validation").Images("truth, found, heat maps/im1.jpg")
    assert [picture.step for picture in pictures] == [4, 8]


def test_long_epochs_have_figures_within(tmp_path):
    train(tmp_path, range(1), within_seconds=0)
    assert points(tmp_path / "train", "within_epoch/loss") == dict.fromkeys((1, 2, 3, 4), 0.7)


@pytest.mark.parametrize("first_step", [0, 2, 4])  # 4: after its last step, before its validation
def test_a_run_that_was_killed_and_resumed_within_an_epoch_has_each_epoch_once(first_step, tmp_path):
    train(tmp_path, range(2), within_seconds=0)  # killed after epoch 2; the last checkpoint was in it
    train(tmp_path, range(1, 3), first_step, within_seconds=0)
    assert list(points(tmp_path / "train", "loss")) == [4, 8, 12]
    within = list(range(1, 13))
    if first_step == 4:
        within.remove(8)
    assert list(points(tmp_path / "train", "within_epoch/loss")) == within


def test_the_preview_is_the_same_persons_with_truth_found_pose_and_heat_maps(tmp_path, tiny_network):
    write_lsp(tmp_path / "lsp", count=8)
    people = lsp.load(tmp_path / "lsp", "train")
    preview = Preview(people, (64, 64))
    drawn = preview.draw(tiny_network)
    assert len(drawn) == 6
    assert {picture.shape for picture in drawn.values()} == {(64, 192, 3)}
    again = preview.draw(tiny_network)
    assert all(np.array_equal(again[name], picture) for name, picture in drawn.items())
    tiny_network.trainable_variables[-1].assign_add(np.full(16, 0.5, np.float32))  # higher heat maps
    brighter = preview.draw(tiny_network)
    for name, picture in drawn.items():
        assert np.array_equal(brighter[name][:, :64], picture[:, :64])  # the truth
        assert brighter[name][:, 128:].mean() > picture[:, 128:].mean()


def test_the_preview_leaves_out_pictures_that_can_not_be_read(tmp_path, tiny_network):
    write_lsp(tmp_path / "lsp", count=3)
    people = lsp.load(tmp_path / "lsp", "train")
    first, *others = people.persons
    some = replace(people, persons=[replace(first, image=b"no picture"), *others])
    assert list(Preview(some, (64, 64)).draw(tiny_network)) == [person.name for person in others]
    none = replace(people, persons=[replace(first, image=b"no picture")])
    assert Preview(none, (64, 64)).draw(tiny_network) == {}
