import importlib.util
import socket

import numpy as np
import pytest

from lapx_tf.data import lsp, prepared, sources
from tests.helpers import write_lsp
from train import prepare


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError(f"the network was asked for {arguments}")

    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def raw(tmp_path, monkeypatch):
    """LSP of six training and two val persons."""
    monkeypatch.setattr(lsp, "TRAIN_IMAGES", 6)
    write_lsp(tmp_path / "raw", count=8)
    return tmp_path / "raw"


def run(raw, out, *options, dataset="lsp"):
    return prepare.main(["--dataset", dataset, "--data", str(raw), "--out", str(out), *map(str, options)])


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_prepared_stands_in_for_the_folder(raw, tmp_path, capsys):
    assert run(raw, tmp_path / "out") == 0
    shown = capsys.readouterr()
    assert "lsp train: 6 persons in 6 pictures, 0 problems" in shown.out
    assert "Downloading" not in shown.out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["lapx_lsp"]
    folder = tmp_path / "out" / "lapx_lsp" / "1.0.0"
    assert {file.name for file in folder.glob("index-*")} == {"index-train.npz", "index-val.npz"}
    for split in ("train", "val"):
        people, truth = (sources.load_named("lsp", path, split) for path in (tmp_path / "out", raw))
        np.testing.assert_array_equal(people.joints, truth.joints)
    with pytest.raises(ValueError, match="holds lsp, not mpii"):
        sources.load_named("mpii", folder, "train")


def test_tfds_reads_it_without_us(raw, tmp_path):
    import tensorflow_datasets as tfds

    assert run(raw, tmp_path / "out") == 0
    builder = tfds.builder_from_directory(tmp_path / "out" / "lapx_lsp" / "1.0.0")
    truth = {person.name: person for person in lsp.load(raw, "val").persons}
    for record in tfds.as_numpy(builder.as_dataset(split="val")):
        person = truth.pop(record["persons"]["name"][0].decode())
        assert record["name"].decode() == f"images/{person.name}"
        assert record["image"].shape == (100, 110, 3)
        np.testing.assert_array_equal(record["persons"]["joints"], person.joints[None])
        box = person.box
        np.testing.assert_array_equal(record["persons"]["box"], [[box.x, box.y, box.width, box.height]])
    assert not truth


def test_the_builders_are_those_the_command_names_and_tfds_knows_them():
    import tensorflow_datasets as tfds

    from lapx_tf.data.tfds_builders import BUILDERS

    assert tuple(BUILDERS) == prepare.NAMES
    assert set(BUILDERS) <= set(sources.NAMES)
    for name, builder in BUILDERS.items():
        assert tfds.builder_cls(f"lapx_{name}") is builder
        assert builder.MANUAL_DOWNLOAD_INSTRUCTIONS


def spoil(raw):
    """One picture is missing, one is empty, one is a folder."""
    (raw / "images" / "im0002.jpg").unlink()
    (raw / "images" / "im0002.jpg").symlink_to("nowhere.jpg")
    (raw / "images" / "im0004.jpg").write_bytes(b"")
    (raw / "images" / "im0005.jpg").unlink()
    (raw / "images" / "im0005.jpg").mkdir()


def test_too_many_missing_pictures_are_named_and_nothing_is_prepared(raw, tmp_path, capsys):
    spoil(raw)
    for limit in (0, 2):
        assert run(raw, tmp_path / "out", "--missing-limit", limit) == 2
        error = capsys.readouterr().err
        assert (
            f"3 pictures are missing or empty: images/im0002.jpg, images/im0004.jpg, images/im0005.jpg; accepted are {limit}"
            in error
        )
        assert not list((tmp_path / "out").iterdir())


def test_missing_pictures_within_the_limit_are_left_out_and_named(raw, tmp_path, capsys, caplog):
    spoil(raw)
    assert run(raw, tmp_path / "out", "--missing-limit", 3) == 0
    assert "3 persons in 3 pictures, 3 problems" in capsys.readouterr().out
    assert "images/im0004.jpg" in caplog.text
    people = prepared.load(tmp_path / "out", "train")
    assert [person.name for person in people.persons] == ["im0001.jpg", "im0003.jpg", "im0006.jpg"]
    kept = lsp.load(raw, "train").joints[[0, 2, 5]]
    np.testing.assert_array_equal(people.joints, kept)
    assert people.problems[1] == "images/im0004.jpg: the picture is missing or empty"


def test_a_split_of_which_no_picture_is_left_is_left_out(raw, tmp_path, capsys):
    for number in (7, 8):
        (raw / "images" / f"im{number:04d}.jpg").write_bytes(b"")
    assert run(raw, tmp_path / "out", "--missing-limit", 2) == 0
    assert len(prepared.load(tmp_path / "out", "all")) == 6
    for number in range(1, 7):
        (raw / "images" / f"im{number:04d}.jpg").write_bytes(b"")
    assert run(raw, tmp_path / "other", "--missing-limit", 8) == 2
    assert "has no picture of a person of lsp" in capsys.readouterr().err


def test_nothing_is_left_when_preparing_fails_or_is_stopped(raw, tmp_path, monkeypatch, capsys):
    import tensorflow_datasets as tfds

    def vanish(*arguments):
        raise FileNotFoundError(2, "No such file or directory", "im0003.jpg")

    def stop(*arguments):
        raise KeyboardInterrupt

    for failure, code, said in ((vanish, 2, "error: im0003.jpg: No such file"), (stop, 130, "stopped")):
        monkeypatch.setattr(tfds.features.Image, "encode_example", failure)
        assert run(raw, tmp_path / "out", "--no-beam") == code
        error = capsys.readouterr().err
        assert said in error
        assert "joints" not in error
        assert not files(tmp_path / "out")


def test_a_full_disk_is_one_sentence(raw, tmp_path, monkeypatch, capsys):
    import tensorflow as tf

    def full(*arguments):
        raise tf.errors.ResourceExhaustedError(None, None, "shard; No space left on device")

    monkeypatch.setattr(tf.io, "TFRecordWriter", full)
    assert run(raw, tmp_path / "out", "--no-beam") == 2
    assert "error: shard; No space left on device" in capsys.readouterr().err
    assert not files(tmp_path / "out")


def test_what_can_not_be_prepared_is_refused(raw, tmp_path, monkeypatch, capsys):
    assert run(raw, tmp_path / "out", dataset="lspet") == 2
    assert "holds lsp, not lspet" in capsys.readouterr().err
    assert run(tmp_path / "none", tmp_path / "out") == 2
    assert "no such folder" in capsys.readouterr().err
    assert run(raw, tmp_path / "out") == 0
    before = {file: file.read_bytes() for file in files(tmp_path / "out")}
    assert run(raw, tmp_path / "out") == 2
    assert "is there already" in capsys.readouterr().err
    assert run(tmp_path / "out", tmp_path / "again") == 2
    assert "is prepared already" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in files(tmp_path / "out")} == before
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert run(raw, tmp_path / "again", "--beam=--runner=DirectRunner") == 2
    assert "needs Apache Beam" in capsys.readouterr().err


def test_beam_prepares_the_same(raw, tmp_path, monkeypatch):
    pytest.importorskip("apache_beam", reason="Apache Beam is not installed; TFDS then prepares without it")
    assert run(raw, tmp_path / "out", "--beam=--runner=DirectRunner") == 0
    for split in ("train", "val"):
        people, truth = prepared.load(tmp_path / "out", split), lsp.load(raw, split)
        np.testing.assert_array_equal(people.joints, truth.joints)
        assert [p.image.read() for p in people.persons] == [p.image.read_bytes() for p in truth.persons]
