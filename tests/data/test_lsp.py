import numpy as np
import pytest
import scipy.io

from lapx_tf.data import lsp, sources
from lapx_tf.errors import InputError
from lapx_tf.skeletons import LSP_14, MPII_16
from tests.helpers import write_lsp


def lsp_joints(people):
    return people.joints[:, MPII_16.indices_of(LSP_14.joints)]


def test_lsp_counts_hidden_joints_as_labelled(tmp_path):
    stored = write_lsp(tmp_path, count=3)
    stored[2, 5, 1] = 1  # hidden, yet at its place
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": stored})
    people = lsp.load(tmp_path)
    assert people.dataset == "lsp"
    assert (people.joints[..., 2] == 1).all()
    np.testing.assert_allclose(lsp_joints(people)[1, :, :2], stored[:2, :, 1].T, rtol=1e-6)


def test_lspet_leaves_out_joints_that_are_not_labelled(tmp_path):
    stored = write_lsp(tmp_path, count=3, extended=True)
    stored[3, :, 0] = [-999, -999, 0]  # left hip of the first person
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": stored})
    people = lsp.load(tmp_path)
    assert people.dataset == "lspet"
    missing = [MPII_16.joints[i] for i in np.flatnonzero(people.joints[0, :, 2] == 0)]
    assert missing == ["left_hip", "pelvis"]
    assert people.persons[0].box.x > 0  # the -999 did not count


def test_pelvis_and_thorax_are_means(tmp_path):
    write_lsp(tmp_path)
    joints = lsp.load(tmp_path).joints
    for middle, pair in (("pelvis", ("right_hip", "left_hip")), ("thorax", ("right_shoulder", "left_shoulder"))):
        ends = joints[:, MPII_16.indices_of(pair)].mean(axis=1)
        np.testing.assert_allclose(joints[:, MPII_16.joints.index(middle)], ends, rtol=1e-6)


def test_persons_with_hardly_any_joint_are_left_out(tmp_path):
    stored = write_lsp(tmp_path, count=3, extended=True)
    stored[1:, 2, 1] = 0
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": stored})
    assert [person.name for person in lsp.load(tmp_path).persons] == ["im0001.jpg", "im0003.jpg"]


def test_splits_are_the_first_thousand_and_the_rest(shared_data):
    names = {split: [p.name for p in lsp.load(shared_data / "lsp", split).persons] for split in ("train", "val", "all")}
    assert (len(names["train"]), len(names["val"])) == (1000, 500)
    assert names["train"][-1] == "im1000.jpg"
    assert names["val"][0] == "im1001.jpg"
    assert names["all"] == names["train"] + names["val"]


def test_both_real_sets_are_read_whole_and_lie_on_their_images(shared_data):
    for name, count in (("lsp", 1500), ("lspet", 10000)):
        people = sources.load(shared_data / name, "all")
        assert len(people) == count
        assert people.dataset == name
        for person in people.persons[:: count // 20]:
            height, width, _ = person.read().shape
            labelled = person.joints[person.joints[:, 2] > 0]
            inside = (labelled[:, :2] > -1) & (labelled[:, :2] < [width + 1, height + 1])
            assert inside.mean() > 0.9, person.name


def test_lspet_has_no_val_and_a_small_lsp_has_none_either(tmp_path):
    write_lsp(tmp_path / "a", extended=True)
    write_lsp(tmp_path / "b")
    for name in "ab":
        with pytest.raises(InputError, match="no val images"):
            lsp.load(tmp_path / name, "val")
    with pytest.raises(InputError, match="accepted are all, train, val"):
        lsp.load(tmp_path / "b", "test")


@pytest.mark.parametrize("shape", [(14, 2, 5), (3, 13, 5), (3, 14), (5, 14, 3)])
def test_joints_of_another_shape_are_refused(tmp_path, shape):
    write_lsp(tmp_path)
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": np.zeros(shape)})
    with pytest.raises(InputError, match=r"\(3, 14, N\)"):
        lsp.load(tmp_path)


def test_damaged_and_missing_parts_are_named(tmp_path):
    with pytest.raises(InputError, match=r"joints\.mat"):
        sources.load(tmp_path, "all")
    write_lsp(tmp_path, count=4)
    (tmp_path / "images" / "im0002.jpg").unlink()
    with pytest.raises(InputError, match="3 images for 4 persons"):
        lsp.load(tmp_path)
    (tmp_path / "joints.mat").write_bytes(b"MATLAB 5.0" + b"\0" * 50)
    with pytest.raises(InputError, match="not a MATLAB file"):
        lsp.load(tmp_path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e30])
def test_a_person_with_a_joint_that_is_no_coordinate_is_left_out_and_named(tmp_path, value):
    stored = write_lsp(tmp_path)
    stored[0, 3, 4] = value
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": stored})
    people = lsp.load(tmp_path)
    assert "im0005.jpg" not in [person.name for person in people.persons]
    assert len(people) == len(stored[0, 0]) - 1
    assert len(people.problems) == 1
    assert people.problems[0].startswith("im0005.jpg: joints")


@pytest.mark.parametrize("joints", [np.zeros((3, 14, 6), complex), np.full((3, 14, 6), "a")])
def test_joints_that_are_no_numbers_are_refused(tmp_path, joints):
    write_lsp(tmp_path)
    scipy.io.savemat(tmp_path / "joints.mat", {"joints": joints})
    with pytest.raises(InputError, match="must be numbers"):
        lsp.load(tmp_path)


def test_the_data_set_in_the_folder_must_be_the_one_named(tmp_path):
    write_lsp(tmp_path, extended=True)
    with pytest.raises(InputError, match="holds lspet, not lsp"):
        sources.load_named("lsp", tmp_path, "all")
    with pytest.raises(InputError, match="--data"):
        sources.load_named("lsp", None, "all")


def test_folders_without_a_val_part_are_left_out_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr("lapx_tf.data.lsp.TRAIN_IMAGES", 4)
    write_lsp(tmp_path / "lsp")
    write_lsp(tmp_path / "lspet", extended=True)
    folders = [tmp_path / "lsp", tmp_path / "lspet"]
    assert len(sources.load_all(folders, "train")) == 4 + 6
    assert len(sources.load_all(folders, "val")) == 2
    with pytest.raises(InputError, match="no val images"):
        sources.load_all(folders[1:], "val")
