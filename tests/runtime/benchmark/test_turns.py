import json
import subprocess
import sys

import numpy as np
import pytest

from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark import (
    Configuration,
    measure,
    measurement_of,
    take_turns,
    time_calls,
    time_session,
    worker,
)
from lapx_tf.runtime.sessions import open_session
from tests.helpers import ROOT
from tests.runtime.benchmark.samples import told


def test_a_session_is_run_once_for_the_first_time_then_warm_then_timed(models):
    class Counting:
        def __init__(self):
            self.inner, self.crops = open_session(models["float32"]), []
            self.spec = self.inner.spec

        def run(self, crops):
            self.crops.append(crops)
            return self.inner.run(crops)

    session, runs_at_start = Counting(), []
    result = time_session(session, 7, 2, lambda: runs_at_start.append(len(session.crops)))
    assert len(session.crops) == 10
    assert runs_at_start == [3]
    assert session.crops[0].shape == (1, 96, 64, 3)
    assert session.crops[0].dtype == np.float32
    assert len(result["times_ms"]) == 7
    assert result["median_ms"] == np.median(result["times_ms"])
    assert min(result["times_ms"]) <= result["median_ms"] <= result["p90_ms"] <= result["p99_ms"]
    assert result["p99_ms"] <= max(result["times_ms"])


def test_percentiles_are_those_of_the_runs():
    result = measurement_of([told(times=[float(ms) for ms in range(1, 101)])])
    assert (result.median_ms, result.p90_ms, result.p99_ms) == pytest.approx((50.5, 90.1, 99.01))


def test_every_configuration_runs_in_processes_of_its_own(models):
    seen = []
    configurations = [Configuration(models["int8"], 1, "litert", frames=2), Configuration(models["onnx"], 2)]
    int8, onnx = measure(configurations, runs=4, warmup=1, rounds=2, on_process=lambda: seen.append(1))
    assert len(seen) == 4
    assert (int8.model, int8.threads, int8.precision, int8.runs) == (str(models["int8"]), 1, "int8", 4)
    assert (onnx.threads, onnx.precision, onnx.input_size) == (2, "float32", (96, 64))
    assert int8.runtime.startswith("ai-edge-litert ")
    assert onnx.runtime.startswith("onnxruntime ")
    assert int8.file_bytes == models["int8"].stat().st_size
    assert int8.macs == onnx.macs == 96 * 64 * 3 * 5
    assert int8.partitions >= 1
    assert onnx.partitions is None
    assert int8.frames.runs == 4
    assert onnx.frames is None
    assert len(int8.watches) == len(int8.medians_ms) == len(int8.rounds_ms) == 2
    for one in (int8, onnx):
        assert min(one.median_ms, one.p90_ms, one.load_ms, one.first_ms, one.gmac_per_second) > 0
        assert one.peak_memory_bytes >= one.steady_memory_bytes > 10_000_000


class Recording:
    """A worker that tells how many processes there were before."""

    def __init__(self, name, order):
        self.name, self.order = name, order

    def run(self, runs, warmup):
        self.order.append((self.name, runs, warmup))
        return len(self.order)


def test_the_rounds_alternate_and_every_other_one_goes_backwards():
    order = []
    workers = [Recording(name, order) for name in "ab"]
    results = take_turns(workers, runs=7, warmup=2, rounds=4)
    assert [name for name, _, _ in order] == list("abbaabba")
    assert {turn[1:] for turn in order} == {(2, 2)}
    assert results == [[1, 4, 5, 8], [2, 3, 6, 7]]
    assert sum(results[0]) == sum(results[1])  # a machine that slows down steadily slows both alike


def test_one_thread_is_compared_by_processor_time_and_several_by_the_clock():
    one, two = (measurement_of([told(threads, [8.0, 10.0, 90.0], [4.0, 5.0, 6.0])]) for threads in (1, 2))
    assert (one.steady_ms, one.cpu_ms, one.median_ms, one.medians_ms) == (5, 5, 10, (10,))
    assert two.steady_ms == 10


def test_rounds_are_summed_up_by_their_medians_and_memory_by_its_largest():
    rounds = [told(times=[ms, ms + 1], peak_memory_bytes=peak, load_ms=ms) for ms, peak in ((2, 7), (9, 5), (3, None))]
    one = measurement_of(rounds)
    assert (one.runs, one.median_ms, one.least_ms, one.load_ms) == (6, 3.5, 2, 3)
    assert one.peak_memory_bytes == 7
    assert one.steady_memory_bytes is None


def test_a_rate_needs_macs():
    assert measurement_of([told(macs=50_000_000)]).gmac_per_second == 5
    assert measurement_of([told()]).gmac_per_second is None


def test_a_ratio_is_the_median_of_the_rounds_for_a_busy_round_slows_both():
    slow = measurement_of([told(cpu_times=[cpu]) for cpu in (20.0, 60.0, 22.0)])
    fast = measurement_of([told(cpu_times=[cpu]) for cpu in (10.0, 30.0, 10.0)])
    assert fast.times_faster_than(slow) == 2


def test_the_memory_is_the_process_own_and_not_that_of_its_parent(models):
    ballast = np.ones(30_000_000)  # 240 MB, which a forked child's ru_maxrss would show
    (one,) = measure([Configuration(models["float32"], 1)], runs=1, warmup=0, rounds=1)
    assert ballast.nbytes > one.peak_memory_bytes > 10_000_000


def test_a_worker_that_fails_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"none.tflite failed: no such file"):
        measure([Configuration(tmp_path / "none.tflite", 1)], runs=1, rounds=1)


def test_the_worker_tells_json_and_an_exit_code(models, capfd, tmp_path):
    options = ["--threads", "1", "--runs", "3", "--warmup", "0"]
    assert worker.main([str(models["float32"]), *options]) == 0
    found = json.loads(capfd.readouterr().out)
    assert len(found["times_ms"]) == 3
    assert set(found["watch"]) == {"before", "after", "slowdown"}
    assert "frames" not in found
    assert worker.main([str(tmp_path / "none.tflite"), *options]) == 2


def test_anything_can_be_timed():
    calls = []
    result = time_calls(lambda: calls.append(1), runs=5, warmup=3)
    assert len(calls) == 9
    assert len(result["cpu_times_ms"]) == 5


def test_the_process_has_not_opencv_in_its_memory_when_it_is_measured():
    program = "import sys; import lapx_tf.runtime.benchmark.worker; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"cv2", "rich", "tensorflow", "onnx"} & set(done.stdout.split())
