import json

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from lapx_tf.runtime.benchmark import ceiling
from lapx_tf.runtime.benchmark.ceiling import PRECISIONS, Ceiling, ceiling_of


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_ceiling_is_a_file_of_convolutions_that_the_runtime_computes(precision):
    interpreter = Interpreter(model_content=ceiling.model(precision), num_threads=1)
    interpreter.allocate_tensors()
    (source,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert (source["dtype"], output["dtype"]) == ((np.float32,) * 2 if precision == "float32" else (np.int8,) * 2)
    interpreter.set_tensor(source["index"], np.full(source["shape"], 64, source["dtype"]))
    interpreter.invoke()
    assert len(np.unique(interpreter.get_tensor(output["index"]))) > 50
    names = [node["op_name"] for node in interpreter._get_ops_details()]
    assert names.count("CONV_2D") == ceiling.CONVOLUTIONS


def test_the_ceiling_is_the_median_of_the_rounds():
    rounds = [{"times_ms": [50.0], "cpu_times_ms": [ms]} for ms in (20.0, 10.0, 5.0)]
    assert Ceiling("int8", 1).gmac_per_second(rounds) == pytest.approx(ceiling.MACS / 1e6 / 10)


def test_its_process_tells_times(capsys):
    assert ceiling.main(["int8", "--threads", "1", "--runs", "2", "--warmup", "0"]) == 0
    assert len(json.loads(capsys.readouterr().out)["cpu_times_ms"]) == 2


def test_a_precision_that_computes_in_another_has_the_ceiling_of_that():
    assert (ceiling_of("float16"), ceiling_of("dynamic"), ceiling_of("int16x8")) == ("float32", "int8", None)
