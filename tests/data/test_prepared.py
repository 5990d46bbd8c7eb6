import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from lapx_tf.data import coco, lsp, prepared
from lapx_tf.data.augmentation import Augmentation
from lapx_tf.data.loader import Loader
from lapx_tf.errors import InputError, NoSuchSplitError
from tests.data.coco_files import PERSON, annotation, image, unlabelled, write
from tests.helpers import ROOT, write_lsp

SHARDS = 3


def prepare(dataset, folder, out):
    """By TFDS alone, into several shards."""
    import tensorflow_datasets as tfds

    from lapx_tf.data.tfds_builders import BUILDERS

    builder = BUILDERS[dataset](data_dir=out)
    config = tfds.download.DownloadConfig(manual_dir=folder, num_shards=SHARDS)
    builder.download_and_prepare(download_dir=out.parent / "downloads", download_config=config)
    return out / f"lapx_{dataset}" / "1.0.0"


@pytest.fixture(scope="module")
def lsp_once(tmp_path_factory):
    """A folder with LSP, six training and five val persons, as downloaded (`raw`) and prepared."""
    folder = tmp_path_factory.mktemp("lsp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lsp, "TRAIN_IMAGES", 6)
        write_lsp(folder / "raw", count=11)
        prepare("lsp", folder / "raw", folder / "prepared")
        yield folder


@pytest.fixture
def shards(lsp_once, tmp_path):
    """A copy of the prepared folder, without the index."""
    return shutil.copytree(
        lsp_once / "prepared" / "lapx_lsp" / "1.0.0", tmp_path / "1.0.0", ignore=shutil.ignore_patterns("index-*")
    )


def assert_same(people, raw):
    assert (people.dataset, people.skeleton, list(people.problems)) == (raw.dataset, raw.skeleton, list(raw.problems))
    assert len(people) == len(raw) > 0
    np.testing.assert_array_equal(people.joints, raw.joints)
    for one, other in zip(people.persons, raw.persons, strict=True):
        assert (one.name, one.box, one.image_id, one.score) == (other.name, other.box, other.image_id, other.score)
        np.testing.assert_equal(one.head_size, other.head_size)
        assert one.image.read() == other.image.read_bytes()


@pytest.mark.parametrize("split", ["train", "val", "all"])
def test_a_prepared_data_set_holds_the_people_of_its_folder_in_their_order(lsp_once, split):
    people = prepared.load(lsp_once / "prepared", split)
    assert_same(people, lsp.load(lsp_once / "raw", split))
    files = {person.image.path.name for person in people.persons}
    assert len(files) > 1  # they come from several shards


def test_batches_are_the_same_to_the_bit(lsp_once):
    batches = [
        Loader(people, (64, 64), 5, Augmentation(), seed=3).batch(epoch=2, index=0)
        for people in (prepared.load(lsp_once / "prepared", "all"), lsp.load(lsp_once / "raw", "all"))
    ]
    for one, other in zip(*batches, strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_folder_of_the_layout_is_accepted_by_name(lsp_once):
    folder = lsp_once / "prepared"
    for path in (folder, folder / "lapx_lsp", folder / "lapx_lsp" / "1.0.0"):
        assert prepared.recognises(path)
        assert len(prepared.load(path, "train")) == 6
    assert not prepared.recognises(lsp_once / "raw")
    assert not prepared.recognises(lsp_once / "missing")


def test_the_index_is_read_without_tensorflow(shards):
    program = (
        "import sys; from pathlib import Path; from lapx_tf.data import prepared\n"
        "people = prepared.load(Path(sys.argv[1]), 'all')\n"
        "assert people.persons[7].read().shape == (100, 110, 3)\n"
        "print(*{'tensorflow', 'tensorflow_datasets', 'keras'} & set(sys.modules))"
    )
    prepared.load(shards, "all")
    command = [sys.executable, "-c", program, str(shards)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


def test_the_index_is_made_anew_when_a_shard_changed_or_it_is_damaged(shards):
    index, shard = shards / "index-train.npz", min(shards.glob("*-train.tfrecord-*"))
    joints = prepared.load(shards, "train").joints
    whole = index.read_bytes()
    for damage in (whole[: len(whole) // 2], b"", b"PK\3\4"):
        index.write_bytes(damage)
        np.testing.assert_array_equal(prepared.load(shards, "train").joints, joints)
        assert len(index.read_bytes()) == len(whole)
    os.utime(shard, ns=(0, 0))
    made = index.stat().st_mtime_ns
    prepared.load(shards, "train")
    assert index.stat().st_mtime_ns > made
    made = index.stat().st_mtime_ns
    prepared.load(shards, "train")
    assert index.stat().st_mtime_ns == made


def test_a_folder_that_can_not_be_written_goes_without_the_index(shards):
    (shards / "index-train.npz").mkdir()  # as root, tests can write anywhere else
    assert len(prepared.load(shards, "train")) == 6
    assert not list(shards.glob(".index*"))


def cut(shard):
    shard.write_bytes(shard.read_bytes()[:-20])


def cut_between_records(shard):
    content = shard.read_bytes()
    shard.write_bytes(content[: 16 + int.from_bytes(content[:8], "little")])


def flip(shard):
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)


def empty(shard):
    shard.write_bytes(b"")


def remove(shard):
    shard.unlink()


@pytest.mark.parametrize("damage", [cut, cut_between_records, flip, empty, remove])
def test_a_damaged_shard_is_named(shards, damage):
    prepared.load(shards, "train")  # leaves an index, which must not hide the damage
    shard = max(shards.glob("*-train.tfrecord-*"))
    damage(shard)
    with pytest.raises(InputError, match=shard.name):
        prepared.load(shards, "train")


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        ("metadata.json", "skeleton", {"name": "x"}),
        ("metadata.json", "skeleton", {"name": "two", "joints": ["a", "b"]}),
        ("metadata.json", "dataset", None),
        ("metadata.json", "splits", {"train": {"problems": [], "categories": 5}}),
        ("metadata.json", "splits", {"train": {"problems": [], "categories": [{"id": 1}]}, "val": {}}),
        ("metadata.json", "splits", {"train": {"problems": [], "categories": [PERSON]}}),
        ("dataset_info.json", "splits", [{"name": "train", "shardLengths": [float("inf")]}]),
        ("dataset_info.json", "splits", [{"name": ["train"], "shardLengths": ["6"]}]),
        ("dataset_info.json", "splits", [{"name": 5, "shardLengths": ["6"]}]),
        ("dataset_info.json", "splits", None),
        ("features.json", "pythonClassName", "no.such.Class"),
    ],
)
def test_descriptions_that_do_not_fit_are_refused(shards, file, key, value):
    content = json.loads((shards / file).read_text()) | {key: value}
    (shards / file).write_text(json.dumps(content))
    with pytest.raises(InputError, match=str(shards)):
        prepared.load(shards, "train")


@pytest.mark.parametrize("file", ["metadata.json", "dataset_info.json", "features.json"])
def test_descriptions_that_are_cut_off_are_refused(shards, file):
    content = (shards / file).read_text()
    (shards / file).write_text(content[: len(content) // 2])
    with pytest.raises(InputError, match=str(shards)):
        prepared.load(shards, "train")


def test_tfds_data_of_others_is_not_taken_for_ours(shards):
    (shards / "metadata.json").unlink()
    assert not prepared.recognises(shards)
    assert not prepared.recognises(shards.parent)


def test_a_folder_of_several_data_sets_is_refused(lsp_once, shards):
    other = shutil.copytree(shards, shards.parent / "lapx_lspet" / "1.0.0")
    shutil.copytree(shards, shards.parent / "lapx_lsp" / "1.0.0")
    with pytest.raises(InputError, match=f"several data sets.*{other}"):
        prepared.load(shards.parent, "train")


def test_splits_that_are_not_there_are_refused(lsp_once, tmp_path):
    with pytest.raises(InputError, match="accepted are train, val, all"):
        prepared.load(lsp_once / "prepared", "test")
    write_lsp(tmp_path / "raw", extended=True, count=4)
    folder = prepare("lspet", tmp_path / "raw", tmp_path / "prepared")
    assert_same(prepared.load(folder, "all"), lsp.load(tmp_path / "raw", "all"))
    with pytest.raises(NoSuchSplitError, match="no val people; it has train"):
        prepared.load(folder, "val")


def write_coco(folder):
    """COCO's layout with a crowd, an unlabelled person and an image without anybody."""
    for part, first in (("train2017", 1), ("val2017", 11)):
        images = [image(number, license=4) for number in range(first, first + 4)]
        annotations = [
            annotation(first, PERSON, first + 2, area=1234.5678, bbox=[20.11, 30.07, 80.3, 60.9]),
            annotation(first + 1, PERSON, first, iscrowd=1, **unlabelled(PERSON)),
            annotation(first + 2, PERSON, first + 2, **unlabelled(PERSON)),
            annotation(first + 3, PERSON, first + 1),
            annotation(first + 4, PERSON, first + 2),
        ]
        write(folder / "annotations" / f"person_keypoints_{part}.json", images, annotations, PERSON, folder / part)


def truth_of(people):
    """The ground truth, but for where the pictures lie; the annotations by their id, as their order means nothing."""
    truth = people.ground_truth
    images = [{key: value for key, value in record.items() if key != "path"} for record in truth["images"]]
    return truth | {"images": images, "annotations": sorted(truth["annotations"], key=lambda record: record["id"])}


def assert_same_coco(folder, out):
    prepare("coco", folder, out)
    for split in ("train", "val", "all"):
        people, raw = prepared.load(out, split), coco.load(folder, split)
        assert_same(people, raw)
        assert truth_of(people) == truth_of(raw)
        for one, other in zip(people.ground_truth["images"], raw.ground_truth["images"], strict=True):
            assert one["path"].read() == other["path"].read_bytes()


def test_coco_keeps_its_ground_truth_with_crowds_and_images_of_nobody(tmp_path):
    write_coco(tmp_path / "raw")
    assert_same_coco(tmp_path / "raw", tmp_path / "prepared")
    found = [{"image_id": 14, "category_id": 1, "bbox": [10, 10, 50, 50], "score": 0.5}]
    (tmp_path / "found.json").write_text(json.dumps(found))
    person = coco.with_detections(prepared.load(tmp_path / "prepared", "val"), tmp_path / "found.json").persons[0]
    assert person.read().shape == (120, 160, 3)


def test_the_real_coco_is_the_same_when_prepared(shared_data, tmp_path):
    assert_same_coco(shared_data / "coco", tmp_path / "prepared")
