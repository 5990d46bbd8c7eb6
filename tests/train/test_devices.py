import numpy as np
import pytest

from lapx_tf import commands
from lapx_tf.data.loader import Loader
from lapx_tf.errors import InputError
from train.run import devices
from train.run.devices import Cluster, Place


def test_processes_that_would_do_different_things_are_refused(monkeypatch):
    from jax.experimental import multihost_utils

    place = Place(devices=2, processes=2)
    monkeypatch.setattr(multihost_utils, "process_allgather", lambda own: np.array([own, own]))
    place.check_same({"epochs_done": 1})
    monkeypatch.setattr(multihost_utils, "process_allgather", lambda own: np.array([own, own ^ np.uint32(1)]))
    with pytest.raises(InputError, match="the processes differ in recipe, data, seed or checkpoint"):
        place.check_same({"epochs_done": 1})


def test_what_one_process_refuses_all_refuse(monkeypatch):
    from jax.experimental import multihost_utils

    monkeypatch.setattr(multihost_utils, "process_allgather", lambda own: np.array([own, 1]))
    with pytest.raises(InputError, match="another process refused"), Place(processes=2).together():
        pass
    for place in (Place(), Place(processes=2, process=1)):
        with pytest.raises(InputError, match="no such folder"), place.together():
            raise InputError("no such folder")


def test_only_the_files_of_process_0_stay(tmp_path):
    with Place(processes=2).files(tmp_path) as folder:
        assert folder == tmp_path
    with Place(processes=2, process=1).files(tmp_path) as folder:
        (folder / "log.csv").write_text("epoch")
    assert not folder.exists()
    assert not list(tmp_path.iterdir())


def test_a_batch_that_devices_can_not_share_is_refused():
    Place(devices=4).check_batch(16)
    with pytest.raises(InputError, match="6 devices can't share a batch of 16: use --batch-size 18"):
        Place(devices=6).check_batch(16)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--processes", 2], "--coordinator, --process is missing"),
        (["--coordinator", "host:1", "--processes", 2, "--process", 2], "--process must be 0 to 1, got 2"),
        (["--coordinator", "host:1", "--processes", 2, "--process", 1], "needs KERAS_BACKEND=jax, got tensorflow"),
        (["--devices", 1000], "--devices must be 1 to "),
        (["--devices", "some"], "--devices: must be a whole number"),
    ],
)
def test_devices_that_there_are_not_are_refused(options, sentence):
    parser = commands.Parser()
    devices.add_arguments(parser)
    with pytest.raises(InputError, match=sentence):
        arguments = parser.parse_args(list(map(str, options)))
        devices.take(arguments.devices, devices.cluster_of(arguments))


def test_keras_variables_name_the_cluster(monkeypatch):
    for variable, value in zip(devices.KERAS_VARIABLES.values(), ("host:1", "2", "1"), strict=True):
        monkeypatch.setenv(variable, value)
    parser = commands.Parser()
    devices.add_arguments(parser)
    assert devices.cluster_of(parser.parse_args([])) == Cluster("host:1", 2, 1)
    assert devices.cluster_of(parser.parse_args(["--process", "0"])) == Cluster("host:1", 2, 0)


def test_without_a_word_there_is_one_device_and_the_plain_loader():
    parser = commands.Parser()
    devices.add_arguments(parser)
    arguments = parser.parse_args([])
    place = devices.take(arguments.devices, devices.cluster_of(arguments))
    assert place == Place()
    assert place.loader is Loader
