import json

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from lapx_tf.errors import InputError
from lapx_tf.runtime import benchmark, benchmark_ceiling, benchmark_worker
from lapx_tf.runtime.benchmark import Configuration, measure, measurement_of, report, time_session
from lapx_tf.runtime.benchmark_ceiling import PRECISIONS, Ceiling
from lapx_tf.runtime.sessions import open_session


def test_a_session_is_run_once_for_the_first_time_then_warm_then_timed(models):
    class Counting:
        def __init__(self):
            self.inner, self.crops = open_session(models["float32"]), []
            self.spec = self.inner.spec

        def run(self, crops):
            self.crops.append(crops)
            return self.inner.run(crops)

    session = Counting()
    result = time_session(session, runs=7, warmup=2)
    assert len(session.crops) == 10
    assert session.crops[0].shape == (1, 96, 64, 3)
    assert session.crops[0].dtype == np.float32
    assert len(result["times_ms"]) == 7
    assert result["median_ms"] == np.median(result["times_ms"])
    assert min(result["times_ms"]) <= result["median_ms"] <= result["p90_ms"] <= max(result["times_ms"])


def test_every_configuration_runs_in_processes_of_its_own(models):
    seen = []
    configurations = [Configuration(models["int8"], 1), Configuration(models["onnx"], 2)]
    int8, onnx = measure(configurations, runs=4, warmup=1, rounds=2, on_process=lambda: seen.append(1))
    assert len(seen) == 4
    assert (int8.model, int8.threads, int8.precision, int8.runs) == (str(models["int8"]), 1, "int8", 4)
    assert (onnx.threads, onnx.precision, onnx.input_size) == (2, "float32", (96, 64))
    assert int8.runtime.startswith("ai-edge-litert ")
    assert onnx.runtime.startswith("onnxruntime ")
    assert int8.file_bytes == models["int8"].stat().st_size
    for one in (int8, onnx):
        assert min(one.median_ms, one.p90_ms, one.load_ms, one.first_ms) > 0
    told = json.loads(json.dumps(report([int8])))
    assert told["measurements"][0]["median_ms"] == int8.median_ms
    assert told["machine"]["cpu"]


def told(threads, times, cpu_times):
    """What a process tells."""
    fixed = {"model": "a", "precision": "int8", "runtime": "r", "file_bytes": 1, "input_size": [4, 4]}
    load, peak = times[0], int(times[0])
    own = {"threads": threads, "load_ms": load, "first_ms": load, "peak_memory_bytes": peak}
    return fixed | own | {"times_ms": times, "cpu_times_ms": cpu_times}


def test_the_rounds_alternate(monkeypatch):
    order = []

    def fake(configuration, runs, warmup):
        order.append((configuration.threads, runs))
        return told(1, [len(order)] * runs, [len(order)] * runs)

    monkeypatch.setattr(benchmark, "_run_worker", fake)
    one, two = measure([Configuration("a", 1), Configuration("a", 2)], runs=7, rounds=3)
    assert order == [(1, 3), (2, 3)] * 3
    assert (one.runs, one.median_ms, one.load_ms, one.peak_memory_bytes) == (9, 3, 3, 5)
    assert (two.median_ms, two.least_ms) == (4, 2)


def test_one_thread_is_compared_by_processor_time_and_several_by_the_clock():
    one, two = (measurement_of([told(threads, [8.0, 10.0, 90.0], [4.0, 5.0, 6.0])]) for threads in (1, 2))
    assert (one.steady_ms, one.cpu_ms, one.median_ms) == (5, 5, 10)
    assert two.steady_ms == 10


def test_a_ratio_is_the_median_of_the_rounds_for_a_busy_round_slows_both():
    slow = measurement_of([told(1, [1.0], [cpu]) for cpu in (20.0, 60.0, 22.0)])
    fast = measurement_of([told(1, [1.0], [cpu]) for cpu in (10.0, 30.0, 10.0)])
    assert fast.times_faster_than(slow) == 2


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_ceiling_is_a_file_of_convolutions_that_the_runtime_computes(precision):
    interpreter = Interpreter(model_content=benchmark_ceiling.model(precision), num_threads=1)
    interpreter.allocate_tensors()
    (source,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert (source["dtype"], output["dtype"]) == ((np.float32,) * 2 if precision == "float32" else (np.int8,) * 2)
    interpreter.set_tensor(source["index"], np.full(source["shape"], 64, source["dtype"]))
    interpreter.invoke()
    assert len(np.unique(interpreter.get_tensor(output["index"]))) > 50
    names = [node["op_name"] for node in interpreter._get_ops_details()]
    assert names.count("CONV_2D") == benchmark_ceiling.CONVOLUTIONS


def test_the_ceiling_is_the_median_of_the_rounds(capsys):
    ceiling = Ceiling("int8", 1)
    rounds = [{"times_ms": [50.0], "cpu_times_ms": [ms]} for ms in (20.0, 10.0, 5.0)]
    assert ceiling.gmac_per_second(rounds) == pytest.approx(benchmark_ceiling.MACS / 1e6 / 10)
    assert benchmark_ceiling.main([*ceiling.command[1:], "--runs", "2", "--warmup", "0"]) == 0
    assert len(json.loads(capsys.readouterr().out)["cpu_times_ms"]) == 2


def test_the_memory_is_the_process_own_and_not_that_of_its_parent(models):
    ballast = np.ones(30_000_000)  # 240 MB, which a forked child's ru_maxrss would show
    (one,) = measure([Configuration(models["float32"], 1)], runs=1, warmup=0, rounds=1)
    assert ballast.nbytes > one.peak_memory_bytes > 10_000_000


def test_a_worker_that_fails_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"none.tflite failed: no such file"):
        measure([Configuration(tmp_path / "none.tflite", 1)], runs=1, rounds=1)


def test_the_worker_tells_json_and_an_exit_code(models, capfd, tmp_path):
    options = ["--threads", "1", "--runs", "3", "--warmup", "0"]
    assert benchmark_worker.main([str(models["float32"]), *options]) == 0
    assert len(json.loads(capfd.readouterr().out)["times_ms"]) == 3
    assert benchmark_worker.main([str(tmp_path / "none.tflite"), *options]) == 2
