import errno
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from lapx_tf.errors import GateError, InputError
from train.checkpoints import files as checkpoint_files
from train.checkpoints.callback import Checkpoint
from train.checkpoints.saving import Interval, Saving
from train.checkpoints.state import Progress, State, capture, put_network
from train.run import workdir
from train.run.averaging import AveragedWeights

LOADER: Any = SimpleNamespace(batches=0)


def state(step: int, value: float = 0.0) -> State:
    rng = np.random.default_rng(step)
    arrays = {"network/0": rng.normal(size=(50, 20)).astype(np.float32) + value, "optimizer/0": np.int64(step) + 0}
    return State(Progress(1, step, 0.25, 1), {name: np.asarray(array) for name, array in arrays.items()})


def assert_same(one: State | None, other: State) -> None:
    assert one is not None
    assert one.progress == other.progress
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        assert array.dtype == other.arrays[name].dtype
        np.testing.assert_array_equal(array, other.arrays[name])


def test_what_was_written_is_read_and_the_last_two_are_kept(tmp_path):
    assert checkpoint_files.newest(tmp_path) is None
    written = [checkpoint_files.write(tmp_path, state(step)) for step in (1, 2, 10)]
    assert sorted(tmp_path.iterdir()) == checkpoint_files.files(tmp_path) == written[1:]
    assert_same(checkpoint_files.newest(tmp_path), state(10))


def test_a_flipped_bit_or_a_cut_is_always_noticed_or_without_effect(tmp_path):
    path = checkpoint_files.write(tmp_path, state(1))
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    noticed = 0
    for place in rng.integers(0, len(whole), 200):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << rng.integers(8)]) + whole[place + 1 :])
        try:
            assert_same(checkpoint_files.read(path), state(1))  # a date in the zip, for example
        except checkpoint_files.DamagedError:
            noticed += 1
    assert noticed > 180
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(checkpoint_files.DamagedError, match="not a whole checkpoint"):
            checkpoint_files.read(path)


def test_a_whole_zip_with_other_numbers_is_noticed(tmp_path):
    path = checkpoint_files.write(tmp_path, state(1))
    with np.load(path) as stored:
        content: dict[str, Any] = dict(stored)
    content["network/0"][0, 0] += 1
    np.savez(path, **content)
    with pytest.raises(checkpoint_files.DamagedError, match="sha256"):
        checkpoint_files.read(path)


def test_after_a_damaged_one_comes_the_one_before_with_a_warning_that_names_both(tmp_path, caplog):
    before, damaged = (checkpoint_files.write(tmp_path, state(step)) for step in (1, 2))
    damaged.write_bytes(damaged.read_bytes()[:-100])
    assert_same(checkpoint_files.newest(tmp_path), state(1))
    assert str(before) in caplog.text
    assert str(damaged) in caplog.text
    assert len(caplog.records) == 1
    checkpoint_files.write(tmp_path, state(2))
    assert checkpoint_files.files(tmp_path) == [before, damaged]
    assert_same(checkpoint_files.newest(tmp_path), state(2))


def test_where_all_are_damaged_each_is_named(tmp_path):
    paths = [checkpoint_files.write(tmp_path, state(step)) for step in (1, 2)]
    for path in paths:
        path.write_text("nothing")
    with pytest.raises(InputError) as caught:
        checkpoint_files.newest(tmp_path)
    assert all(str(path) in str(caught.value) for path in paths)


def test_a_full_disk_leaves_the_last_checkpoints_and_no_half_one(tmp_path, monkeypatch):
    paths = [checkpoint_files.write(tmp_path, state(step)) for step in (1, 2)]

    def full(file, **content):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoint_files.write(tmp_path, state(3))
    assert sorted(tmp_path.iterdir()) == paths
    assert_same(checkpoint_files.newest(tmp_path), state(2))


def network() -> keras.Model:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5), "mse", run_eagerly=True)
    model.training_notes = {}  # type: ignore[attr-defined]
    return model


def fitted(model: Any, tmp_path, saving: Saving = Saving()) -> Checkpoint:  # noqa: B008
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    averages = AveragedWeights(LOADER)
    checkpoint = Checkpoint(tmp_path, averages, 4, saving, monitor="val_loss")
    model.fit(x, x[:, :2], batch_size=2, shuffle=False, verbose=0, callbacks=[averages, checkpoint],
              validation_data=(x[:2], x[:2, :2]))  # fmt: skip
    return checkpoint


@pytest.fixture
def networks(monkeypatch):
    """No `best.keras` nor `last.keras`, for these networks are no LAPX; their names in the order of saving."""
    saved = []
    monkeypatch.setattr(
        "train.checkpoints.callback.storage.save", lambda model, path: (saved.append(path.name), path.touch())
    )
    return saved


@pytest.mark.parametrize(("interval", "kept"), [("1", [3, 0]), ("2", [3, 0]), ("10min", [3, 0])])
def test_there_is_a_checkpoint_before_the_validation_and_one_behind_it(tmp_path, networks, interval, kept):
    checkpoint = fitted(network(), tmp_path, Saving(interval=Interval.parse(interval)))
    files = checkpoint_files.files(tmp_path / "checkpoints")
    assert [checkpoint_files.read(path).progress.steps_done for path in files] == kept
    assert checkpoint.progress.epochs_done == 1


def test_every_so_many_steps_one_is_written(tmp_path, networks, monkeypatch):
    written = []
    monkeypatch.setattr(checkpoint_files, "write", lambda folder, state: written.append(state.progress.steps_done))
    fitted(network(), tmp_path, Saving(interval=Interval.parse("2")))
    assert written == [2, 3, 0]


def test_a_state_has_the_optimizer_and_its_averages_and_puts_them_back(tmp_path, networks):
    model: Any = network()
    fitted(model, tmp_path)
    wanted = capture(model, Progress())
    other: Any = network()
    other.optimizer.build(other.trainable_variables)
    put_network(other, wanted)
    found = capture(other, Progress())
    for name in wanted.arrays:
        if not name.startswith("metrics"):
            np.testing.assert_array_equal(found.arrays[name], wanted.arrays[name])
    assert len([name for name in wanted.arrays if name.startswith("optimizer")]) == 2 + 3 * 2  # two moments, averages


def test_a_state_of_another_network_is_refused(tmp_path):
    model: Any = network()
    with pytest.raises(InputError, match="does not fit the network"):
        put_network(model, state(1))


def test_a_score_that_is_no_number_is_never_the_best_nor_is_the_same_again(tmp_path, networks):
    model: Any = network()
    model.optimizer.build(model.trainable_variables)
    checkpoint = Checkpoint(tmp_path, AveragedWeights(LOADER), 4, Saving())
    checkpoint.set_model(model)
    bests = []
    for epoch, score in enumerate([float("nan"), 0.0, 0.5, float("nan"), 0.5, 0.4]):
        checkpoint.on_epoch_end(epoch, {"val_pck": score})
        bests.append(checkpoint.progress.best_epoch)
    assert bests == [None, 2, 3, 3, 3, 3]
    assert networks.count("best.keras") == 2
    assert networks.count("last.keras") == 6
    assert model.training_notes["best_score"] == 0.5


def test_broken_weights_are_never_saved(tmp_path, networks):
    model: Any = network()
    model.optimizer.build(model.trainable_variables)
    checkpoint = Checkpoint(tmp_path, AveragedWeights(LOADER), 4, Saving())
    checkpoint.set_model(model)
    checkpoint.on_epoch_end(0, {"val_pck": 0.5})
    before = list((tmp_path / "checkpoints").iterdir())
    model.optimizer.variables[-1].assign(model.optimizer.variables[-1] * np.nan)
    with pytest.raises(GateError, match="diverged in epoch 2, step 4: a weight is not a number"):
        checkpoint.on_epoch_end(1, {"val_pck": 0.6})
    assert list((tmp_path / "checkpoints").iterdir()) == before
    assert networks == ["last.keras", "best.keras"]


@pytest.mark.parametrize("text", ["0", "-1", "min", "1.5min", "ten", "0min"])
def test_an_interval_is_a_number_of_steps_or_minutes(text):
    assert Interval.parse("500").steps == 500
    assert Interval.parse("2min") == Interval(seconds=120)
    with pytest.raises(Exception, match="500, or minutes such as 10min"):
        Interval.parse(text)


def test_rows_of_the_log_that_no_checkpoint_knows_go(tmp_path):
    log = tmp_path / "log.csv"
    for content, epochs, left in [
        (b"epoch,loss\r\n0,1\r\n1,2\r\n2,3\r\n", 2, b"epoch,loss\r\n0,1\r\n1,2\r\n"),
        (b"epoch,loss\r\n0,1\r\n1,2\r\n2,", 2, b"epoch,loss\r\n0,1\r\n1,2\r\n"),
        (b"epoch,loss\r\n0,1\r\n", 1, b"epoch,loss\r\n0,1\r\n"),
    ]:
        log.write_bytes(content)
        workdir.cut_log(tmp_path, epochs)
        assert log.read_bytes() == left
    workdir.cut_log(tmp_path, 0)
    assert not log.exists()
    workdir.cut_log(tmp_path, 0)
