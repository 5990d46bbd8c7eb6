import json

import pytest

from lapx_tf.errors import InputError
from lapx_tf.runtime.cli import main
from lapx_tf.runtime.profile import Operation, Profile, litert, onnx, profile, worker
from lapx_tf.runtime.profile.names import names_of, operations_of


@pytest.fixture(scope="module")
def found(models):
    """A profile of each file."""
    return {name: profile(models[name], runs=2, warmup=1) for name in ("float32", "int8", "onnx")}


@pytest.mark.parametrize("name", ["float32", "int8", "onnx"])
def test_every_operation_has_a_kind_and_a_time(found, models, name):
    one = found[name]
    assert one.note is None
    assert (one.model, one.threads, one.runs) == (str(models[name]), 1, 2)
    assert one.operations
    assert all(operation.kind and operation.ms >= 0 for operation in one.operations)
    assert one.total_ms == pytest.approx(sum(operation.ms for operation in one.operations))


def test_kernels_of_xnnpack_are_called_as_in_the_file(found, models):
    called = {name for _, name in operations_of(models["float32"])}
    named = [operation for operation in found["float32"].operations if operation.name]
    assert named
    assert {operation.name for operation in named} <= called


def test_a_profile_survives_json(found):
    assert Profile.from_dict(json.loads(json.dumps(found["onnx"].to_dict()))) == found["onnx"]


def test_the_slowest_come_first_and_kinds_add_up():
    one = Profile(
        "m", "r 1", 1, 1, (Operation("a", "Conv", 1.0), Operation("b", "Add", 3.0), Operation("c", "Conv", 4.0))
    )
    assert [operation.name for operation in one.slowest(2)] == ["c", "b"]
    assert one.by_kind() == {"Conv": (2, 5.0), "Add": (1, 3.0)}
    assert list(one.by_kind()) == ["Conv", "Add"]


def test_kernels_get_the_names_of_the_file_in_its_order():
    kinds = [
        "Convolution (NHWC, F32) IGEMM",
        "ELU (NC)",
        "Fully Connected (NC, F32) GEMM",
        "Convolution (NHWC, F32) DWConv",
    ]
    operations = [("CONV_2D", "first"), ("ELU", "elu"), ("CONV_2D", "second"), ("DEPTHWISE_CONV_2D", "third")]
    assert names_of(kinds, operations) == ["first", "elu", "second", "third"]


def test_kernels_stay_without_a_name_where_their_number_is_another():
    assert names_of(["ELU (NC)", "Add (ND)"], [("ELU", "a"), ("ELU", "b"), ("ADD", "c")]) == ["", "c"]


def test_what_runs_outside_of_xnnpack_is_named_too():
    assert names_of(["TILE", "ELU (NC)"], [("TILE", "up"), ("ELU", "e")]) == ["up", "e"]


@pytest.mark.parametrize(
    ("runtime", "version", "sentence"),
    [
        ("tflite-runtime", "2.14.0", "offers no profile"),
        ("ai-edge-litert", "3.0.0", r"known of ai-edge-litert 2\.3\.x"),
    ],
)
def test_a_runtime_without_the_profiler_is_told_in_words(runtime, version, sentence):
    assert sentence.replace("\\", "") in litert.missing(runtime, version)


def test_without_the_library_there_is_a_note_in_place_of_operations(models, monkeypatch, capsys):
    monkeypatch.setattr(litert, "_library", lambda: None)
    assert worker.main([str(models["float32"]), "--threads", "1", "--runs", "1", "--warmup", "0"]) == 0
    one = Profile.from_dict(json.loads(capsys.readouterr().out))
    assert one.operations == ()
    assert "libLiteRt" in one.note


def test_runs_of_unlike_nodes_are_refused():
    events = [{"cat": "Node", "name": f"{name}_kernel_time", "dur": 1, "args": {"op_name": "Conv"}} for name in "aabb"]
    with pytest.raises(InputError, match="4 nodes in 2 runs"):
        onnx.operations_of([events[0], events[1], events[2], events[0]], runs=2, warmup=0)


def test_the_fastest_run_counts_and_the_warm_up_does_not():
    times = (1000, 3000, 2000)
    events = [{"cat": "Node", "name": "a_kernel_time", "dur": us, "args": {"op_name": "Conv"}} for us in times]
    session = {"cat": "Session", "name": "model_run", "dur": 1, "args": {}}
    assert onnx.operations_of([session, *events], runs=3, warmup=1) == (Operation("a", "Conv", 2.0),)


def test_a_wrong_file_is_told_in_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"none.tflite failed: no such file"):
        profile(tmp_path / "none.tflite")


def test_the_command_shows_the_slowest_and_writes_all(models, tmp_path, capfd):
    quick = ["--runs", "1", "--rounds", "1", "--warmup", "0"]
    assert main(["benchmark", str(models["float32"]), *quick, "--profile", "--json", str(tmp_path / "b.json")]) == 0
    assert "operations, " in capfd.readouterr().out
    (one,) = json.loads((tmp_path / "b.json").read_text())["profiles"]
    assert Profile.from_dict(one).operations
