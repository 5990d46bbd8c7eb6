"""The output is that of benchmark_model as its source writes it; `fake_adb` replays it. None of this has seen a phone."""

import json
import os
import struct
import sys
from pathlib import Path

import pytest

from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark import adb, benchmark_model
from lapx_tf.runtime.cli import main
from lapx_tf.runtime.profile import Operation
from tests.runtime.benchmark import fake_adb

FOLDER = Path(__file__).parent
OUTPUT, PROFILE = ((FOLDER / name).read_text() for name in ("benchmark_model.txt", "benchmark_model_profile.txt"))

OLD_OUTPUT = """Initialized session in 6.418ms.
INFO: count=1 curr=1041765

INFO: count=50 first=977738 curr=964908 min=911877 max=1112273 avg=9.71535e+05 std=39112

INFO: Inference timings in us: Init: 6418, First inference: 1041765, Warmup (avg): 1.04176e+06, Inference (avg): 971535
INFO: Memory footprint delta from the start of the tool (MB): init=6.14844 overall=109.5
"""


def test_times_memory_and_partitions_are_read():
    found = benchmark_model.read(OUTPUT)
    assert (found.init_ms, found.first_ms, found.typical_ms, found.least_ms) == (5.685, 18.535, 14.5, 14.21)
    assert found.runs == 12
    assert found.peak_memory_bytes == 45.25 * 2**20
    assert (found.partitions, found.beside) == (2, 3)


def test_older_versions_tell_the_mean_and_what_memory_grew_by():
    found = benchmark_model.read(OLD_OUTPUT)
    assert (found.typical_ms, found.first_ms, found.runs) == (971.535, 1041.765, 50)
    assert found.peak_memory_bytes == 109.5 * 2**20
    assert (found.partitions, found.beside) == (None, None)


def test_a_single_run_has_only_its_time():
    found = benchmark_model.read(
        OLD_OUTPUT.replace("count=50 first=977738", "count=1").replace(
            "min=911877 max=1112273 avg=9.71535e+05 std=39112", ""
        )
    )
    assert found.typical_ms == found.least_ms == 964.908


def test_a_profile_behind_the_times_does_not_change_them():
    assert benchmark_model.read(OUTPUT + PROFILE) == benchmark_model.read(OUTPUT)


def test_the_operations_are_those_of_the_regular_runs_in_their_order():
    assert benchmark_model.operations(OUTPUT + PROFILE) == (
        Operation("", "Fully Connected (NC, F32) GEMM", 0.305),
        Operation("", "ELU (NC)", 0.11),
        Operation("stem/pool", "MAX_POOL_2D", 0.329),
    )
    assert benchmark_model.operations(OUTPUT) == ()


@pytest.mark.parametrize(
    "output", ["", "INFO: STARTING!\nINFO: Loaded model x\n", OUTPUT[: OUTPUT.index("Inference timings")]]
)
def test_a_program_that_did_not_come_to_its_end_is_told(output):
    with pytest.raises(InputError, match="benchmark_model told no times; its last words: "):
        benchmark_model.read(output)


def program(path: Path, machine: int = 183) -> Path:
    """The beginning of a program for a machine, by default arm64."""
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, machine) + bytes(40))
    return path


@pytest.fixture
def device(tmp_path, monkeypatch):
    """A stand-in for adb in the PATH; gives the file of its state."""
    state = tmp_path / "adb.json"
    state.write_text(json.dumps({"devices": {"S1": "device"}, "calls": [], "fails": False}))
    command = tmp_path / "bin" / "adb"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{fake_adb.__file__}" "{state}" "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    return state


def change(state: Path, **further) -> None:
    state.write_text(json.dumps(json.loads(state.read_text()) | further))


def sentence_of(capfd) -> str:
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    return lines[0]


def test_a_model_is_measured_on_the_device(models, device, tmp_path, capfd):
    out = tmp_path / "phone.json"
    where = ["--device", "adb", "--benchmark-model", program(tmp_path / "bm")]
    how = ["--threads", "2", "--runs", "24", "--rounds", "2", "--profile", "--json", out, "--html", tmp_path / "p.html"]
    assert main(["benchmark", *map(str, [models["float32"], models["int8"], *where, *how])]) == 0
    found = json.loads(out.read_text())
    assert found["machine"]["board"] == "Google Pixel 7"
    assert (found["machine"]["cpu"], found["machine"]["cores"], found["machine"]["system"]) == (
        "GS201",
        8,
        "Android 14",
    )
    assert "S1" not in out.read_text()  # a serial number is private
    float32, int8 = found["measurements"]
    assert (float32["runtime"], float32["threads"], float32["runs"]) == ("benchmark_model", 2, 24)
    assert (float32["median_ms"], float32["load_ms"], float32["first_ms"]) == (14.5, 5.685, 18.535)
    assert float32["p90_ms"] is float32["cpu_ms"] is float32["frames"] is None
    assert (float32["partitions"], float32["precision"], int8["precision"]) == (2, "float32", "int8")
    assert float32["macs"] == 96 * 64 * 3 * 5
    assert {one["precision"] for one in found["ceilings"]} == {"float32", "int8"}
    assert len(found["profiles"]) == 2
    assert found["profiles"][0]["operations"][1]["kind"] == "ELU (NC)"
    told = capfd.readouterr().out
    assert "Google Pixel 7" in told
    assert "14.5" in told


def test_what_was_pushed_is_removed_even_after_a_failure(models, device, tmp_path, capfd):
    change(device, fails=True)
    arguments = ["--device", "adb:S1", "--benchmark-model", program(tmp_path / "bm")]
    assert main(["benchmark", *map(str, [models["float32"], *arguments])]) == 2
    assert "Benchmarking failed" in sentence_of(capfd)
    calls = json.loads(device.read_text())["calls"]
    assert calls[-1] == ["-s", "S1", "shell", "rm", "-rf", adb.FOLDER]
    (run,) = [call for call in calls if "--num_threads=1" in call]
    assert {"--num_runs=12", "--warmup_runs=5", "--min_secs=0", "--use_xnnpack=true"} <= set(run)


@pytest.mark.parametrize(
    ("devices", "asked", "sentence"),
    [
        ({}, "adb", "adb sees no device"),
        ({"S1": "unauthorized"}, "adb", "S1 does not trust this computer"),
        ({"S1": "offline"}, "adb:S1", "S1 is offline"),
        ({"S1": "recovery"}, "adb:S1", "S1 is not ready: recovery"),
        (
            {"S1": "device", "S2": "device"},
            "adb",
            "adb sees several devices; choose one: --device adb:SERIAL of S1, S2",
        ),
        ({"S1": "device"}, "adb:S9", "adb sees no device S9; there are S1"),
    ],
)
def test_a_device_that_is_not_ready_is_told_in_one_sentence(models, device, tmp_path, capfd, devices, asked, sentence):
    change(device, devices=devices)
    arguments = [models["float32"], "--device", asked, "--benchmark-model", program(tmp_path / "bm")]
    assert main(["benchmark", *map(str, arguments)]) == 2
    assert sentence in sentence_of(capfd)


@pytest.mark.parametrize(
    ("machine", "sentence"),
    [(62, "is built for x86_64, the device S1 runs arm64-v8a, armeabi-v7a"), (None, "is no program for Android")],
)
def test_a_program_of_another_machine_is_told_before_it_is_pushed(models, device, tmp_path, capfd, machine, sentence):
    tool = tmp_path / "bm"
    tool.write_text("#!/bin/sh\n") if machine is None else program(tool, machine)
    assert main(["benchmark", str(models["float32"]), "--device", "adb", "--benchmark-model", str(tool)]) == 2
    assert sentence in sentence_of(capfd)
    assert not [call for call in json.loads(device.read_text())["calls"] if "push" in call]


def test_only_tensorflow_lite_files_run_there(models, device, tmp_path, capfd):
    arguments = [models["onnx"], "--device", "adb", "--benchmark-model", program(tmp_path / "bm")]
    assert main(["benchmark", *map(str, arguments)]) == 2
    assert "is no .tflite file" in sentence_of(capfd)


def test_without_adb_it_is_told_where_it_comes_from(models, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = [models["float32"], "--device", "adb", "--benchmark-model", program(tmp_path / "bm")]
    assert main(["benchmark", *map(str, arguments)]) == 2
    assert "adb is not installed" in sentence_of(capfd)
