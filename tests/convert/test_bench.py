import json

import pytest
from rich.progress import Progress

from convert import batch, bench, bench_files, jobs
from convert.bench_files import File, fingerprint_of, groups, label_of, made
from convert.bench_report import Report, Row, markdown
from convert.graph.options import GraphOptions
from convert.request import variants_of
from lapx_tf.models.lapx import LAPX
from lapx_tf.runtime.benchmark import Measurement
from lapx_tf.runtime.benchmark.report import CeilingFound
from lapx_tf.runtime.profile import Operation, Profile
from lapx_tf.skeletons import MPII_16
from tests.convert.conftest import in_this_process


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Three files in place of twenty, made in this process."""
    monkeypatch.setattr(jobs, "run", in_this_process)
    monkeypatch.setattr(bench_files, "PLAIN", ("float32",))
    monkeypatch.setattr(bench_files, "SAMPLES", 2)
    asked = [variants_of((to,), ("float32",), GraphOptions()) for to in ("tflite", "onnx")]
    monkeypatch.setattr(bench_files, "groups", lambda model: asked)


def test_every_precision_cut_and_target_is_in_the_table():
    model = LAPX(16, 3, 1, (1, 3), 16, (32, 32, 3), MPII_16)
    labels = [label_of(variant) for variants in groups(model) for variant in variants]
    assert labels == [
        "TFLite float32", "TFLite float16", "TFLite dynamic", "TFLite int8",
        "TFLite int8, attention over positions in float",
        "ONNX float32", "ONNX float16", "ONNX int8",
        "TFLite float32, cut after stack 1", "TFLite int8, cut after stack 1",
        "TFLite float32, cut after stack 2", "TFLite int8, cut after stack 2",
        "TFLite float32, form for GPUs",
    ]  # fmt: skip


def test_the_command_times_and_profiles_every_file_beside_the_plain_conversion(keras_file, tmp_path, capfd):
    options = ["--workdir", str(tmp_path), "--runs", "2", "--rounds", "1", "--threads", "1"]
    assert bench.main(["--model", str(keras_file), *options, "--markdown", str(tmp_path / "b.md")]) == 0
    found = json.loads((tmp_path / "bench.json").read_text())
    plain, rewritten, onnx = found["rows"]
    assert [row["file"]["label"] for row in found["rows"]] == ["plain TFLite float32", "TFLite float32", "ONNX float32"]
    assert plain["times_plain"] == onnx["times_onnx"] == 1
    assert plain["measured"]["partitions"] > rewritten["measured"]["partitions"] == 1
    assert onnx["measured"]["partitions"] is None
    assert {one["precision"] for one in found["ceilings"]} == {"float32"}
    assert all(found["profiles"][label]["operations"] for label in ("TFLite float32", "ONNX float32"))
    document = (tmp_path / "b.md").read_text()
    assert document.count("\n| TFLite float32 |") == 1
    assert "## ONNX float32" in document
    assert "TFLite float32" in capfd.readouterr().out


def test_files_are_made_again_only_when_the_code_has_changed(keras_file, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(batch, "convert", lambda request, progress: asked.append(request.variants))
    monkeypatch.setattr(bench_files, "in_processes", lambda work, names: asked.append(names) if names else None)
    for name in ("inference_function", "keras_function"):
        monkeypatch.setattr(bench_files, name, lambda *_: None)
    monkeypatch.setattr(bench_files, "macs", lambda function: 7)
    monkeypatch.setattr(bench_files, "fingerprint_of", lambda network: "one")
    progress = Progress(disable=True)
    first = made(keras_file, tmp_path, progress)
    assert [file.label for file in first] == ["plain TFLite float32", "TFLite float32", "ONNX float32"]
    assert {file.macs for file in first} == {7}
    assert len(asked) == 3
    assert made(keras_file, tmp_path, progress) == first
    assert len(asked) == 3
    monkeypatch.setattr(bench_files, "fingerprint_of", lambda network: "another")
    assert made(keras_file, tmp_path, progress) == first
    assert len(asked) == 6


def test_the_fingerprint_is_of_the_network_and_of_the_code(keras_file, tmp_path, monkeypatch):
    (tmp_path / "code.py").write_text("1")
    monkeypatch.setattr(bench_files, "_CODE", (tmp_path,))
    first = fingerprint_of(keras_file)
    (tmp_path / "bench_report.py").write_text("what only measures")
    assert fingerprint_of(keras_file) == first
    (tmp_path / "code.py").write_text("2")
    changed = fingerprint_of(keras_file)
    assert changed != first
    other = tmp_path / "other.keras"
    other.write_bytes(b"another network")
    assert fingerprint_of(other) != changed


def test_the_table_says_what_is_reached_of_the_ceiling(tmp_path):
    measured = Measurement(
        "m", "int8", (4, 4), "r 1", 1, 2, 12.0, 13.0, 9.0, 10.0, (10.0,), 1.0, 1.0, 2_000_000, 90_000_000,
        partitions=3, beside=6,
    )  # fmt: skip
    row = Row(File(tmp_path / "m.tflite", "TFLite int8", "int8", 500_000_000), measured, 2.5, 4.0, 0.5)
    assert row.gmac_per_second == 50
    profile = Profile("m", "r 1", 1, 2, (Operation("a|b", "Add", 1.0),))
    document = markdown(Report("Conditions.", [CeilingFound("int8", 1, 100.0)], [row], {"TFLite int8": profile}))
    assert (
        "| TFLite int8 | 1 | 12.0 | 13.0 | 9.0 | 10.0 | 0.50 | 50.0 | 50% | 2.50 | 4.00 | 3 | 6 | 2.0 | 90 |"
        in document
    )
    assert "100.0 in int8 on 1" in document


def test_a_missing_network_is_told_in_one_sentence(tmp_path, capfd):
    assert bench.main(["--model", str(tmp_path / "none.keras"), "--workdir", str(tmp_path)]) == 2
    assert "no such file" in capfd.readouterr().err
