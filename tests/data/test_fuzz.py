"""Whatever is in an annotation file: people as it says, or one sentence that names the file."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lapx_tf.data import mpii, sources
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from tests.data.damage import JUNK, damaged, numbers_in
from tests.helpers import write_lsp

FUZZ = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
RNG = random.Random(0)


def points(count: int) -> list[list[float]]:
    return [[RNG.uniform(2, 90), RNG.uniform(2, 90)] for _ in range(count)]


def of_wei() -> list[dict[str, Any]]:
    """As `mpii_annotations.json` has them."""
    return [
        {
            "img_paths": f"{i}.jpg",
            "isValidation": float(i == 2),
            "objpos": [50.0, 50.0],
            "scale_provided": 0.5,
            "joint_self": [[*xy, 1.0] for xy in points(16)],
            "people_index": 1.0,
        }
        for i in range(3)
    ]


def of_xiao() -> list[dict[str, Any]]:
    """As `train.json` has them."""
    return [
        {"image": f"{i}.jpg", "center": [50.0, 50.0], "scale": 0.5, "joints": points(16), "joints_vis": [1] * 16}
        for i in range(3)
    ]


def of_coco(names: list[str]) -> dict[str, Any]:
    return {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 100} for i in range(3)],
        "annotations": [
            {
                "id": 10 + i,
                "image_id": i,
                "category_id": 1,
                "iscrowd": 0,
                "area": 900.0,
                "bbox": [5.0, 5.0, 80.0, 85.0],
                "num_keypoints": len(names),
                "keypoints": [value for xy in points(len(names)) for value in (*xy, 2)],
            }
            for i in range(3)
        ],
        "categories": [{"id": 1, "name": "one", "keypoints": names, "skeleton": [[1, 2], [2, 3]]}],
    }


OWN = ["left_ear", "right_ear", "nose", "tail"]
JSON_FILES = {
    "mpii_annotations.json": of_wei(),
    "train.json": of_xiao(),
    "annotations/person_keypoints_train2017.json": of_coco(list(sources.coco.COCO_17.joints)),
    "own.json": of_coco(OWN),
}


def load_or_refuse(path: Path) -> People | None:
    """The people, after a look whether they can be trained on; None where one sentence says why there are none."""
    people, refusal = None, ""
    try:
        people = sources.load(path, "all")
    except InputError as error:
        refusal = str(error)
    if people is None:
        assert str(path) in refusal
        assert "\n" not in refusal
        return None
    assert len(people) > 0
    assert np.isfinite(people.joints).all()
    assert people.joints.shape[1:] == (len(people.skeleton.joints), 3)
    assert set(np.unique(people.joints[..., 2])) <= {0.0, 1.0}
    assert all(person.box.width > 0 and np.isfinite(person.box.x) for person in people.persons)
    return people


def write(folder: Path, name: str, content: str) -> Path:
    """Writes the only annotation file of a folder; returns what a user would name."""
    file = folder / name
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(content, "utf-8")
    return file if name == "own.json" else folder


@pytest.mark.parametrize("name", JSON_FILES)
def test_an_undamaged_file_gives_its_three_persons(name, tmp_path):
    people = load_or_refuse(write(tmp_path, name, json.dumps(JSON_FILES[name])))
    assert people is not None
    assert len(people) == 3
    assert not people.problems


@pytest.mark.parametrize("name", JSON_FILES)
@FUZZ
@given(st.data())
def test_a_damaged_record_is_refused_or_left_out_and_no_joint_is_made_up(name, tmp_path, data):
    document = data.draw(damaged(JSON_FILES[name]))
    people = load_or_refuse(write(tmp_path, name, json.dumps(document)))
    if people is None:
        return
    labelled = people.joints[people.joints[..., 2] > 0][:, :2].astype(np.float64)
    first = mpii.FIRST_PIXEL if people.dataset == "mpii" else 0
    written = np.array(sorted(numbers_in(document))) - first
    nearest = np.abs(labelled[..., None] - written).min(axis=-1)
    assert nearest.max(initial=0) < 1e-3, "a coordinate that is nowhere in the file"


@pytest.mark.parametrize("name", JSON_FILES)
@FUZZ
@given(st.data())
def test_a_file_that_is_cut_or_other_json_is_refused_by_name(name, tmp_path, data):
    whole = json.dumps(JSON_FILES[name])
    cut = st.integers(0, len(whole) - 1).map(lambda end: whole[:end])
    path = write(tmp_path, name, data.draw(cut | JUNK.map(json.dumps)))
    assert load_or_refuse(path) is None


@FUZZ
@given(
    shape=st.sampled_from([(3, 14, 6), (14, 3, 6), (3, 14, 5), (14, 14, 6), (3, 14), (0, 14, 6), (6, 3, 14)]),
    fill=st.sampled_from([0.0, 1.0, -5.0, 1e30, np.nan, np.inf, 50.0]),
    dtype=st.sampled_from(["float64", "int16", "uint8", "complex128", "U3", "O"]),
    seed=st.integers(0, 9),
)
def test_any_array_in_place_of_the_joints_of_lsp_is_read_or_refused(tmp_path, shape, fill, dtype, seed):
    if not (tmp_path / "joints.mat").exists():
        write_lsp(tmp_path)
    rng = np.random.default_rng(seed)
    with np.errstate(invalid="ignore"):
        joints = np.where(rng.random(shape) < 0.2, fill, rng.uniform(0, 90, shape)).astype(dtype)
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": joints})
    load_or_refuse(tmp_path)


@FUZZ
@given(end=st.integers(0, 2000), flipped=st.integers(0, 2000), to=st.integers(0, 255))
def test_a_damaged_mat_file_is_read_or_refused(tmp_path, end, flipped, to):
    if not (tmp_path / "images").exists():
        write_lsp(tmp_path)
        (tmp_path / "whole").write_bytes((tmp_path / "joints.mat").read_bytes())
    content = bytearray((tmp_path / "whole").read_bytes())
    content[flipped % len(content)] = to
    (tmp_path / "joints.mat").write_bytes(content[: end % len(content)] if end % 2 else content)
    load_or_refuse(tmp_path)
