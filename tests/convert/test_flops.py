import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from convert import jobs, tflite
from convert.flops import __main__ as command
from convert.flops import document, files, forms, liveness, networks, ram, tables, times
from convert.flops.networks import Network
from convert.gates.result import Result
from lapx_tf.errors import GateError, InputError
from lapx_tf.models.baselines import lite_hrnet
from lapx_tf.models.baselines.hourglass import stacked_hourglass
from lapx_tf.models.baselines.lite_hrnet import lite_hrnet_18
from lapx_tf.models.lapx import LAPX
from lapx_tf.skeletons import MPII_16
from tests.convert.conftest import in_this_process

TINY = (
    Network("lapx", "LAPX, 3 stages", partial(LAPX, 16, 1, 1, (1,), 16, skeleton=MPII_16)),
    Network("lite_hrnet_18", "Lite-HRNet-18", partial(stacked_hourglass, 1, 8, 1)),
)


@pytest.fixture
def tiny(monkeypatch):
    """Two small networks in place of eight, of one size, in two files, made in this process."""
    for module in (networks, command):
        monkeypatch.setattr(module, "NETWORKS", TINY)
    monkeypatch.setattr(command, "KINDS", (("tflite", "float32"), ("onnx", "float32")))
    monkeypatch.setattr(command, "SIZES", ())
    monkeypatch.setattr(command, "RAM_ROUNDS", 1)
    monkeypatch.setattr(ram, "SIZES", (64,))
    monkeypatch.setattr(ram, "BATCHES", (1, 4))
    monkeypatch.setattr(ram, "BATCHED", 64)
    monkeypatch.setattr(files, "SAMPLES", 2)
    monkeypatch.setattr(jobs, "run", in_this_process)


def document_with_places(path: Path) -> Path:
    names = ("conditions", "times", "against Lite-HRNet", "sizes", "memory")
    path.write_text("# Title\n\n" + "\n\n".join(f"<!-- {name} -->\nold\n<!-- end of {name} -->" for name in names))
    return path


def test_the_command_compares_the_networks_and_fills_the_document(tiny, tmp_path, monkeypatch, capfd):
    out, page = tmp_path / "out", document_with_places(tmp_path / "flops.md")
    run = ["--out", str(out), "--size", "64x64", "--threads", "1", "--runs", "2", "--rounds", "1", "--warmup", "0"]
    assert command.main(run) == 0, capfd.readouterr().err
    found = document.read(out)
    assert {(row.key, row.size, *row.setting) for row in found.rows} == {
        (key, (64, 64), runtime, "float32", 1)
        for key in ("lapx", "lite_hrnet_18")
        for runtime in ("ai-edge-litert", "onnxruntime")
    }
    assert len({(row.macs, row.parameters) for row in found.rows if row.key == "lapx"}) == 1
    assert all(row.partitions == 1 for row in found.rows if row.setting[0] == "ai-edge-litert")
    assert len(found.memory) == 4
    by_batch = {one.batch: one for one in found.memory if one.key == "lapx"}
    assert by_batch[4].live_bytes == 4 * by_batch[1].live_bytes > 0
    # What is there is neither made nor measured again.
    monkeypatch.setattr(jobs, "run", None)
    assert command.main(["--out", str(out), "--report-only", "--fill", str(page)]) == 0
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("# Title\n")
    assert "| LAPX, 3 stages |" in text
    assert (tmp_path / "flops" / "flops.png").read_bytes() == (out / "flops.png").read_bytes()
    assert text.count("| Lite-HRNet-18 |") == 2 + 1  # times in two runtimes, memory
    assert (out / "ram.md").is_file()


def test_only_what_is_missing_or_of_other_code_is_made(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(jobs, "run", lambda work, groups, *_: made.extend(groups))
    monkeypatch.setattr(files, "_is_there", lambda path: path.name.startswith("lapx_6"))
    asked = [files.File(key, (64, 64), "tflite", one) for key in ("lapx", "hourglass") for one in ("float32", "int8")]
    complete = []
    files.make(asked, tmp_path, lambda what: None, lambda: complete.append(1))
    assert made == [tuple(asked[2:])]
    assert len(complete) == 1


def test_a_files_json_tells_what_the_network_is_and_whether_it_is_of_this_code(tiny, tmp_path, monkeypatch):
    file = files.File("lite_hrnet_18", (32, 32), "tflite", "float32")
    files.make([file], tmp_path, lambda what: None, lambda: None)
    made = []
    monkeypatch.setattr(jobs, "run", lambda work, groups, *_: made.extend(groups))
    files.make([file], tmp_path, lambda what: None, lambda: None)
    assert not made
    monkeypatch.setattr(files, "recipe", lambda: "of other code")
    files.make([file], tmp_path, lambda what: None, lambda: None)
    assert made == [(file,)]
    facts = files.facts_of(tmp_path / file.name)
    model = TINY[1].made((32, 32))
    assert facts.parameters == sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert facts.macs > 0


def test_a_float_file_must_agree_with_keras_and_any_file_must_be_what_runtimes_run_fast():
    float32, int8 = (files.File("lapx", (64, 64), "tflite", one) for one in ("float32", "int8"))
    far = Result({"max_difference": 0.1, "heatmap_range": 10.0}, failures=("far from Keras",))
    close = Result({"max_difference": 0.0005, "heatmap_range": 10.0}, failures=("not as close as a trained one",))
    files._require(int8, {"numbers": far, "artifact": Result()})
    files._require(float32, {"numbers": close, "artifact": Result()})
    with pytest.raises(GateError, match="differs from Keras"):
        files._require(float32, {"numbers": far, "artifact": Result()})
    with pytest.raises(GateError, match="in float"):
        files._require(int8, {"numbers": close, "artifact": Result(failures=("operations are left in float",))})
    with pytest.raises(GateError, match="does not run"):
        files._require(int8, {"numbers": Result(failures=("the file does not run",))})


@pytest.mark.parametrize("integers", [False, True])
@pytest.mark.parametrize("build", [partial(lite_hrnet_18, width=8), partial(stacked_hourglass, 1, 8, 1)])
def test_the_rewrites_of_the_baselines_are_exact(build, integers, monkeypatch):
    monkeypatch.setattr(lite_hrnet, "MODULES", (1, 0, 0))
    model = Network("any", "any", build).made((32, 32))
    images = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype("f")
    expected = model.predict_on_batch(images)
    rewritten = forms.for_xnnpack(model, integers)
    kinds = {type(layer).__name__ for layer in rewritten.layers}
    assert kinds & {"_NormInOnePass", "_PoolingByConvolution"} == (
        {"_NormInOnePass"} if "hourglass" in model.name else {"_PoolingByConvolution"} if integers else set()
    )
    np.testing.assert_allclose(rewritten.predict_on_batch(images), expected, atol=1e-5 * np.abs(expected).max())


def test_what_waits_for_a_later_operation_is_counted_with_what_is_worked_on(tmp_path):
    def graph(image):
        skip = tf.nn.relu(image - 1)
        low = tf.reshape(tf.tanh(tf.exp(image)), (1, 8, 8, 4))  # a reshaped map takes no memory of its own
        return tf.identity(skip + low, "heatmaps")

    function = tf.compat.v1.wrap_function(graph, [tf.TensorSpec((1, 8, 8, 4), tf.float32, "image")])
    (tmp_path / "a.tflite").write_bytes(tflite.float_file(function))
    found = liveness.of(tmp_path / "a.tflite")
    size = 8 * 8 * 4 * 4
    assert (found.most_bytes, found.waiting_bytes) == (3 * size, size)


def row(key: str, rounds_ms: tuple[float, ...], macs: int) -> times.Row:
    return times.Row(
        key, (64, 64), "int8", macs, 10**6, "ai-edge-litert 2", 1, 4, 9.0, 9.5, 9.0, rounds_ms, 100, 10**8, 1, 0
    )  # fmt: skip


def test_networks_are_compared_round_by_round():
    lapx, lite = row("lapx", (10.0, 20.0, 30.0), 3 * 10**9), row("lite_hrnet_18", (5.0, 5.0, 10.0), 3 * 10**8)
    assert lapx.gmac_per_second == 150
    assert lite.times_as_long_as(lapx) == pytest.approx(1 / 3)
    assert "| ai-edge-litert | int8 | 1 | 10.0 | 2.5 | 3.0 |" in tables.against_lite([lite, lapx])
    assert (
        "| Lite-HRNet-18 | 1.00 | 0.30 | ai-edge-litert | int8 | 1 | 9.0 | 9.0 | 60.0 | 0.33 | 1 | 0 |"
        in tables.times([lapx, lite])
    )


def test_input_sizes_of_a_network_stand_together():
    larger = replace(row("lapx", (90.0,), 10**10), size=(96, 128))
    lines = tables.sizes([larger, row("lite_hrnet_18", (5.0,), 10**9), row("lapx", (10.0,), 10**9)]).splitlines()[2:]
    assert lines[0] == "| LAPX, 3 stages | 64x64 | 1.00 | ai-edge-litert | int8 | 1 | 9.0 | 9.0 | 100.0 | 100 |"
    assert [line.split(" | ")[1] for line in lines] == ["64x64", "96x128", "64x64"]


def test_rows_survive_json():
    one = row("lapx", (10.0, 20.0), 10**9)
    assert times.Row.from_dict(json.loads(json.dumps(one.__dict__))) == one


def test_a_document_without_a_place_for_a_table_is_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing")
    rows = [row("lapx", (1.0,), 10**9), row("lite_hrnet_18", (1.0,), 10**8)]
    with pytest.raises(InputError, match="conditions"):
        document.fill(page, document.Found("", (64, 64), rows, []), tmp_path)
    assert page.read_text() == "nothing"


def test_a_wrong_size_is_told_in_one_sentence(tmp_path, capfd):
    assert command.main(["--out", str(tmp_path), "--size", "large"]) == 2
    assert "--size" in capfd.readouterr().err
    assert command.main(["--out", str(tmp_path), "--report-only"]) == 2
    assert "no such file" in capfd.readouterr().err


def test_a_cut_network_ends_after_the_stage_that_its_label_says():
    cut = {one.label: one.build for one in networks.NETWORKS if one.key.startswith("lapx_cut")}
    stacks = {label: len(build(input_shape=(64, 64, 3), width=8, depth=1).stacks) for label, build in cut.items()}
    assert stacks == {"LAPX, cut after stage 1": 1, "LAPX, cut after stage 2": 2}
