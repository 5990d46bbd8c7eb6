import io
import json

import numpy as np
import pytest

from lapx_tf import geometry, images
from lapx_tf.data import lsp
from lapx_tf.data.augmentation import draw
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People, Person
from lapx_tf.skeletons import MPII_16
from tests.helpers import write_lsp
from train import recipe as recipes
from train.inspect import __main__ as inspect
from train.inspect import counts
from train.inspect.counts import show, summary
from train.inspect.sheet import choose, describe, overlay

COLUMNS = 7
TILE_SIDE = 262


def run(tmp_path, *options) -> int:
    out = ["--out", str(tmp_path / "sheet.png"), "--json", str(tmp_path / "found.json"), "--recipe", "demo"]
    return inspect.main(["--dataset", "lspet", "--data", str(tmp_path / "data"), *out, *map(str, options)])


def sheet_size(tmp_path) -> tuple[int, int]:
    """(height, width) of the sheet."""
    return images.read_image(tmp_path / "sheet.png").shape[:2]


def found(tmp_path) -> dict:
    return json.loads((tmp_path / "found.json").read_text())


@pytest.fixture
def data(tmp_path):
    write_lsp(tmp_path / "data", count=5, extended=True)
    return tmp_path / "data"


def test_a_sheet_with_one_row_a_person_and_the_counts(data, tmp_path, capsys):
    assert run(tmp_path, "--count", 3) == 0
    height, width = sheet_size(tmp_path)
    assert width == COLUMNS * TILE_SIDE
    assert 3 * TILE_SIDE < height < 4 * TILE_SIDE
    result = found(tmp_path)
    assert (result["persons"], result["images"], result["split"]) == (5, 5, "train")
    assert result["labelled"]["left_knee"] == 5
    assert result["box_side"]["smallest"] <= result["box_side"]["median"] <= result["box_side"]["largest"]
    printed = capsys.readouterr().out
    assert "5 persons in 5 images" in printed
    assert "left_knee" in printed
    assert "sheet.png" in printed


def test_broken_images_are_listed_and_not_drawn(data, tmp_path, capsys):
    (data / "images" / "im0002.jpg").write_bytes(b"")
    (data / "images" / "im0004.jpg").write_text("text")
    assert run(tmp_path) == 0
    assert found(tmp_path)["problems"]["unreadable image"] == 2
    assert [f["record"][-10:] for f in found(tmp_path)["findings"] if f["kind"] == "unreadable image"] == [
        "im0002.jpg",
        "im0004.jpg",
    ]
    assert "unreadable image" in capsys.readouterr().out
    assert sheet_size(tmp_path)[0] // TILE_SIDE == 3  # the other three


def test_without_a_readable_image_the_list_is_written_and_the_sheet_refused(data, tmp_path, capsys):
    for file in (data / "images").iterdir():
        file.write_bytes(b"")
    assert run(tmp_path) == 2
    assert "none of the images of 5 persons of lspet" in capsys.readouterr().err
    assert found(tmp_path)["problems"]["unreadable image"] == 5
    assert not (tmp_path / "sheet.png").exists()


def test_images_are_not_checked_when_that_is_not_wanted(data, tmp_path):
    (data / "images" / "im0002.jpg").write_bytes(b"")
    assert run(tmp_path, "--no-images") == 0
    assert "unreadable image" not in found(tmp_path)["problems"]
    assert found(tmp_path)["images_read"] is False


def test_an_interrupt_while_images_are_read_stops_the_command(data, tmp_path, monkeypatch, capsys):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(images, "decode_image", stop)
    assert run(tmp_path) == 130
    assert "stopped" in capsys.readouterr().err
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--recipe", "none"], "no recipe 'none'"),
        (["--out", "sheet.gif"], "must end in .png or .jpg"),
        (["--count", "0"], "--count"),
        (["--count", "101"], "at most 100, got 101"),
        (["--split", "val"], "no val images"),
        (["--dataset", "lsp"], "holds lspet, not lsp"),
    ],
)
def test_wrong_use_is_one_sentence_and_nothing_is_written(data, tmp_path, options, sentence, capsys):
    assert run(tmp_path, *options) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_the_screen_shows_few_of_many_and_the_json_all(tmp_path):
    problems = [f"im{i}.jpg: bad [bold]label[/bold]" for i in range(300)]
    joints = np.ones((16, 3), np.float32)
    people = People("test", MPII_16, [Person("a", b"", joints, geometry.Box(0, 0, 9, 9))], problems=problems)
    findings = counts.find_problems(people, images=False)
    found = summary(people, findings)
    assert len(found["findings"]) == 300
    console = counts.Console(width=120, record=True, file=io.StringIO())
    console.print(show(found, findings))
    text = console.export_text()
    assert "300" in text
    assert text.count("bad [bold]label[/bold]") == counts.SHOWN


def test_people_are_chosen_by_the_seed_in_the_order_of_the_data_set(data):
    people = lsp.load(data, "train")
    first, again, other = (choose(people, 3, seed) for seed in (0, 0, 1))
    assert [p.name for p in first.persons] == [p.name for p in again.persons] == sorted(p.name for p in first.persons)
    assert [p.name for p in first.persons] != [p.name for p in other.persons]
    assert len(choose(people, 99, 0)) == 5


def test_heat_maps_lie_on_their_joints_to_a_fraction_of_a_pixel():
    joints = np.zeros((16, 3), np.float32)
    joints[3] = 12.3, 20.8, 1  # pixels of the heat map
    joints[4, :2] = 5, 5  # not labelled
    brightness = overlay(np.zeros((128, 128, 3), np.float32) - 3, joints, sigma=1.5)[..., 0].astype(float)
    assert brightness[:50, :50].max() == 0
    y, x = np.mgrid[:128, :128]
    center = [(brightness * axis).sum() / brightness.sum() for axis in (x, y)]
    np.testing.assert_allclose(center, geometry.transform(geometry.crop_from_heatmap(), joints[3, :2]), atol=0.1)


@pytest.mark.parametrize("mirrored", [False, True])
def test_captions_say_how_a_sample_was_made(mirrored):
    crop = geometry.crop_from_image(geometry.Box(50, 60, 40, 40), (64, 64))
    angle, scale = np.deg2rad(30), 1.25
    turn = scale * np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0]])
    mirror = np.array([[-1.0, 0, 63], [0, 1, 0]]) if mirrored else np.array([[1.0, 0, 0], [0, 1, 0]])
    said = describe(geometry.compose(mirror, turn, crop), crop)
    assert said == "+30 degrees, x 1.25" + (", mirrored" if mirrored else "")


def test_the_caption_is_of_the_sample_that_the_loader_gives(data):
    people = choose(lsp.load(data, "train"), 1, seed=0)
    recipe = recipes.find("demo")
    for epoch in range(6):
        _, joints = Loader(people, recipe.size, 1, recipe.augmentation, seed=4).batch(epoch, 0)
        matrix = draw(people, recipe.size, recipe.augmentation, 4, epoch).matrices[0]
        moved = geometry.transform(matrix, people.persons[0].joints)
        if "mirrored" in describe(matrix, geometry.crop_from_image(people.persons[0].box, recipe.size)):
            moved = moved[MPII_16.flip_order]
        in_crop = geometry.transform(geometry.crop_from_heatmap(), joints[0])
        np.testing.assert_allclose(in_crop[:, :2], moved[:, :2], atol=1e-3)


@pytest.mark.parametrize(
    ("dataset", "split", "rows"), [("lsp", "val", 2), ("lspet", "train", 2), ("coco", "val", 2), ("mpii", "val", 2)]
)
def test_sheets_of_the_real_sets(shared_data, tmp_path, dataset, split, rows):
    options = [
        "--dataset",
        dataset,
        "--data",
        str(shared_data / dataset),
        "--split",
        split,
        "--count",
        rows,
        "--no-images",
    ]
    assert run(tmp_path, *options) == 0
    assert sheet_size(tmp_path)[0] // TILE_SIDE == rows
    assert found(tmp_path)["dataset"] == dataset
