"""Checkpoints of the reference implementation as Keras models."""

import importlib.util
import io
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from convert import import_torch
from convert.import_torch import import_checkpoint, main
from lapx_tf.errors import InputError
from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX, weights_by_path
from lapx_tf.skeletons import COCO_17, MPII_16
from tests.helpers import FIXTURES

TINY_A = FIXTURES / "tiny_a.npz"

State = dict[str, np.ndarray]


def state_of(path: Path) -> State:
    with np.load(path) as stored:
        return {name.removeprefix("state/"): stored[name] for name in stored.files if name.startswith("state/")}


@pytest.fixture(scope="module")
def state() -> State:
    return state_of(TINY_A)


@pytest.fixture
def written(state: State, tmp_path: Path) -> Callable[..., Path]:
    """Writes the state of tiny_a, some weights replaced (None: left out), as .npz."""

    def write(**changes: np.ndarray | None) -> Path:
        changed = {name.replace("__", "."): value for name, value in changes.items()}
        merged = {name: value for name, value in (state | changed).items() if value is not None}
        np.savez(tmp_path / "changed.npz", **{f"state/{name}": value for name, value in merged.items()})
        return tmp_path / "changed.npz"

    return write


@pytest.fixture(scope="module")
def tiny_a() -> LAPX:
    return import_checkpoint(TINY_A, (128, 128))


def same_weights(one: LAPX, other: LAPX) -> bool:
    ours, theirs = weights_by_path(one), weights_by_path(other)
    return ours.keys() == theirs.keys() and all(np.array_equal(ours[path], theirs[path]) for path in ours)


@pytest.mark.parametrize(
    ("name", "size", "stacks", "nonlocal_stacks", "skeleton"),
    [("tiny_a", (128, 128), 2, (1,), MPII_16), ("tiny_b", (192, 128), 3, (1, 3), COCO_17)],
)
def test_every_stack_agrees_with_the_reference(name, size, stacks, nonlocal_stacks, skeleton):
    model = import_checkpoint(FIXTURES / f"{name}.npz", size)
    assert len(model.stacks) == stacks
    assert model.nonlocal_stacks == nonlocal_stacks
    assert model.skeleton == skeleton
    assert model.image_size == size
    with np.load(FIXTURES / f"{name}.npz") as golden:
        heatmaps = model.stack_heatmaps(golden["input_nchw"].transpose(0, 2, 3, 1))
        expected = [golden[f"heatmaps_{i}_nchw"].transpose(0, 2, 3, 1) for i in range(stacks)]
    for ours, theirs in zip(heatmaps, expected, strict=True):
        np.testing.assert_allclose(np.asarray(ours), theirs, rtol=0, atol=1e-4)
        # The values are no smaller than the tolerance, so the comparison says something.
        assert np.ptp(theirs) > 0.1


def test_the_command_writes_a_model_that_says_where_it_is_from(tmp_path, tiny_a, capfd):
    out = tmp_path / "model.keras"
    assert main([str(TINY_A), "--out", str(out), "--input-size", "128x128"]) == 0
    loaded = storage.load(out)
    assert same_weights(loaded, tiny_a)
    assert loaded.training_notes["imported_from"]["file"] == "tiny_a.npz"
    output = capfd.readouterr()
    assert "width 32, 2 stacks, NonLocal in 1, depth 4, 16 joints" in output.out
    assert output.err == ""


def test_gamma_is_released(tiny_a):
    assert [float(layer.released) for layer in tiny_a.nonlocal_layers().values()] == [1.0]


def test_safetensors_give_the_same_weights(state, tiny_a, tmp_path):
    save_file({name: np.ascontiguousarray(value) for name, value in state.items()}, tmp_path / "a.safetensors")
    assert same_weights(import_checkpoint(tmp_path / "a.safetensors", (128, 128)), tiny_a)


def test_a_wrapped_pth_gives_the_same_weights(state, tiny_a, tmp_path):
    torch = pytest.importorskip("torch")
    weights = {f"module.{name}": torch.from_numpy(value.copy()) for name, value in state.items()}
    torch.save({"state_dict": weights, "epoch": 3}, tmp_path / "a.pth")
    assert same_weights(import_checkpoint(tmp_path / "a.pth", (128, 128)), tiny_a)


def test_names_of_data_parallel_are_accepted(state, tiny_a, tmp_path):
    save_file({f"module.{name}": value.copy() for name, value in state.items()}, tmp_path / "a.safetensors")
    assert same_weights(import_checkpoint(tmp_path / "a.safetensors"), tiny_a)


def test_a_nonlocal_of_linear_layers_is_accepted(state, tiny_a, written):
    linear = {
        name.replace(".", "__"): value[..., 0, 0]
        for name, value in state.items()
        if "position_attention" in name and value.ndim == 4
    }
    assert linear
    assert same_weights(import_checkpoint(written(**linear)), tiny_a)


def test_one_error_lists_all_that_does_not_fit(written):
    path = written(
        conv1__weight=np.zeros((9, 3, 7, 7), np.float32),
        score__1__bias=None,
        hg__9__hg__0__0__0__bn1__weight=np.zeros(32, np.float32),
        bn1__bias=np.full(8, np.nan, np.float32),
    )
    with pytest.raises(InputError) as caught:
        import_checkpoint(path)
    message = str(caught.value)
    assert "1 missing: score.1.bias" in message
    assert "1 unknown: hg.9.hg.0.0.0.bn1.weight" in message
    assert "1 of a wrong shape: conv1.weight (is 9x3x7x7, must be 8x3x7x7)" in message
    assert "1 not finite numbers: bn1.bias" in message


def test_a_transposed_kernel_of_equal_size_is_refused(state, written):
    path = written(layer1__0__dw_conv__weight=state["layer1.0.dw_conv.weight"].transpose(1, 0, 2, 3))
    with pytest.raises(InputError, match=r"dw_conv.weight \(is 1x8x3x3, must be 8x1x3x3\)"):
        import_checkpoint(path)


def test_counters_of_batches_may_be_missing(state, tiny_a, written):
    counters = {name.replace(".", "__"): None for name in state if name.endswith("num_batches_tracked")}
    assert counters
    assert same_weights(import_checkpoint(written(**counters)), tiny_a)


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple:
        return Path.mkdir, (self.folder,)


def test_an_npz_with_code_is_refused_and_does_not_run(tmp_path):
    trap = tmp_path / "sprung"
    np.savez(tmp_path / "bad.npz", **{"state/conv1.weight": np.array([Trap(trap)], dtype=object)})
    with pytest.raises(InputError, match=r"not an \.npz file of plain arrays"):
        import_checkpoint(tmp_path / "bad.npz")
    assert not trap.exists()


def test_a_pth_with_code_is_refused_and_does_not_run(tmp_path):
    trap = tmp_path / "sprung"
    (tmp_path / "bad.pth").write_bytes(pickle.dumps({"conv1.weight": Trap(trap)}))
    expected = "plain weights" if importlib.util.find_spec("torch") else "needs PyTorch"
    with pytest.raises(InputError, match=expected):
        import_checkpoint(tmp_path / "bad.pth")
    assert not trap.exists()


def _npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", b"weights", "a checkpoint ends in .safetensors, .npz, .pth, .pt"),
        ("a.npz", b"weights", "not an .npz file"),
        ("a.npz", b"PK\x03\x04 cut off", "not an .npz file"),
        ("a.npz", _npy(), "not an .npz file"),
        ("a.safetensors", b"weights", "not a .safetensors file"),
    ],
)
def test_damaged_checkpoints_exit_with_2(tmp_path, capsys, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    assert main([str(tmp_path / name), "--out", str(tmp_path / "model.keras")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "model.keras").exists()


def test_weights_of_another_network_exit_with_2(tmp_path, capsys):
    np.savez(tmp_path / "other.npz", **{"state/fc.weight": np.zeros((10, 3), np.float32)})
    assert main([str(tmp_path / "other.npz"), "--out", str(tmp_path / "model.keras")]) == 2
    assert "no LAPX checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--out", "model.h5"], "--out must end in .keras"), (["--input-size", "130x128"], "multiples of 4")],
)
def test_bad_arguments_exit_with_2(tmp_path, capsys, arguments, sentence):
    assert main([str(TINY_A), "--out", str(tmp_path / "model.keras"), *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", ["256", "axb", "-4x4"])
def test_a_malformed_size_is_wrong_use(size):
    with pytest.raises(InputError, match="HxW"):
        import_torch.parser().parse_args([str(TINY_A), "--out", "a.keras", f"--input-size={size}"])
