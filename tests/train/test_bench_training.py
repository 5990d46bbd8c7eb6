import json

import numpy as np
import pytest

from lapx_tf.runtime.benchmark import cpu_name
from tests.helpers import FIXTURES
from train.bench import training as bench_training
from train.bench.engines import Batch
from train.bench.training import Row, details_of, seconds_of, table


class Engine:
    """Counts its steps."""

    def __init__(self):
        self.steps = 0

    def train(self, steps):
        self.steps += steps

    def profile(self, steps):
        return {f"kind{i}": float(i) for i in range(12)}


@pytest.mark.parametrize("name", ["tiny_a", "tiny_b"])
def test_the_network_in_pytorch_is_the_reference_s(name):
    torch = pytest.importorskip("torch")
    from train.bench.torch_network import TorchLAPX

    stored = np.load(FIXTURES / f"{name}.npz")
    nonlocal_stacks = [int(stack) + 1 for stack in np.atleast_1d(stored["nonlocal_stages"])]
    model = TorchLAPX(int(stored["width"]), int(stored["stages"]), 4, nonlocal_stacks, int(stored["joints"])).eval()
    state = {key.removeprefix("state/"): torch.tensor(stored[key]) for key in stored.files if key.startswith("state/")}
    model.load_state_dict(state, strict=True)
    with torch.no_grad():
        heatmaps = model(torch.tensor(stored["input_nchw"]))
    for index, found in enumerate(heatmaps):
        np.testing.assert_allclose(found.numpy(), stored[f"heatmaps_{index}_nchw"], atol=1e-5)


def test_the_network_in_pytorch_has_the_paper_s_number_of_parameters():
    pytest.importorskip("torch")
    from train.bench.torch_network import TorchLAPX

    assert sum(weight.numel() for weight in TorchLAPX(208, 3, 4, (1, 3), 16).parameters()) == 2_277_675


def test_the_loss_in_pytorch_is_ours():
    torch = pytest.importorskip("torch")
    from lapx_tf import HeatmapLoss
    from train.bench.torch_network import loss

    joints = Batch.random(32, 2).joints
    joints[0, :3, 2] = 0
    heatmaps = np.random.default_rng(1).normal(size=(2, 2, 8, 8, 16)).astype(np.float32)
    ours = float(HeatmapLoss(1.5)(joints, heatmaps))
    of_stacks = [torch.from_numpy(heatmaps[:, stack].transpose(0, 3, 1, 2).copy()) for stack in range(2)]
    assert float(loss(of_stacks, torch.from_numpy(joints), (8, 8), 1.5)) == pytest.approx(ours, rel=1e-5)


def test_a_question_is_a_function_of_the_engine():
    engine = Engine()
    assert seconds_of(3, engine) >= 0
    assert engine.steps == 3
    memory, operations = details_of(engine)
    assert memory
    assert list(operations)[:2] == ["kind11", "kind10"]
    assert len(operations) == bench_training.SHOWN
    assert operations["kind11"] == pytest.approx(11 / 66)


def test_without_pytorch_ours_is_timed_alone_and_a_sentence_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench_training, "engines", lambda: [bench_training.OURS])
    rows = [Row(bench_training.OURS, 64, [2.0, 4.0], 9.0, 10**9, {"Conv2D": 0.5})]
    monkeypatch.setattr(bench_training, "measure", lambda *_: rows)
    assert bench_training.main(["--sizes", "64", "--json", str(tmp_path / "t.json")]) == 0
    said = capsys.readouterr().out
    assert "PyTorch is not installed" in said
    assert "Conv2D 50%" in said
    assert json.loads((tmp_path / "t.json").read_text())["rows"][0]["rates"] == [2.0, 4.0]


def test_a_ratio_is_the_median_of_the_rounds(capsys):
    rows = [Row("TensorFlow", 64, [2.0, 4.0, 6.0], 9.0, 1, {}), Row("PyTorch", 64, [1.0, 3.0, 3.0], 2.0, 1, {})]
    shown = table({64: rows}, 8)
    assert list(shown.columns[3].cells) == ["1.00", "0.50"]
    assert cpu_name() in shown.title
