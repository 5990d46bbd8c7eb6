"""The most that LiteRT computes on this machine: a short model of nothing but 1x1 convolutions, as LAPX's largest ones.

What a network reaches of it says how much is lost to everything else: other kernels, passes over memory, small maps.

The process of the benchmark that times it, writing JSON to stdout:

    python -m lapx_tf.runtime.benchmark.ceiling float32|int8 --threads N --runs R --warmup W
"""

import importlib.util
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lapx_tf import commands
from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark.measurement import steady_ms
from lapx_tf.runtime.benchmark.process import told_by, turn
from lapx_tf.runtime.benchmark.timing import time_calls

SIDE, CHANNELS, CONVOLUTIONS = 64, 208, 10
MACS = CONVOLUTIONS * SIDE**2 * CHANNELS**2
PRECISIONS = ("float32", "int8")

_CEILING = {"float32": "float32", "float16": "float32", "dynamic": "int8", "int8": "int8"}
"""Whose convolutions a file computes with."""

_SCALE = 1 / 16  # of all numbers; any will do


@dataclass(frozen=True)
class Ceiling:
    """One line of the benchmark, see `turns.Worker`."""

    precision: str
    threads: int

    def run(self, runs: int, warmup: int) -> dict[str, Any]:
        """See `turns.Worker`, and `timing.time_calls` for what is told."""
        command = [__name__, self.precision, "--threads", str(self.threads), *turn(runs, warmup)]
        return told_by(command, f"the benchmark of {self.precision} convolutions")

    def gmac_per_second(self, told: Sequence[dict[str, Any]]) -> float:
        """From what the processes of the rounds told: the median of the rounds, as of the files that it is compared with."""
        return MACS / 1e6 / float(np.median([steady_ms(self.threads, one) for one in told]))


def ceiling_of(precision: str) -> str | None:
    """The precision of the convolutions that a file is measured against; None where there is none, as for int16x8."""
    return _CEILING.get(precision)


def is_installed() -> bool:
    """Whether what computes the ceiling is there."""
    return all(importlib.util.find_spec(name) for name in ("ai_edge_litert", "flatbuffers"))


def model(precision: str) -> bytes:
    """The content of a `.tflite` file: `CONVOLUTIONS` 1x1 convolutions of [1, SIDE, SIDE, CHANNELS], one after the other.

    Written without TensorFlow, so that it can be had on the device.

    Args:
        precision: one of `PRECISIONS`; int8 has a scale for each channel, as converted networks have.

    Raises:
        InputError: the installed runtime has not what writes the format.
    """
    try:
        import flatbuffers
        from ai_edge_litert import schema_py_generated as schema
    except ImportError as error:
        raise InputError(f"the ceiling is measured with ai-edge-litert: {error}") from error
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(_model(schema, precision).Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _model(schema: Any, precision: str) -> Any:
    rng, integer = np.random.default_rng(0), precision == "int8"
    weights = rng.integers(-127, 128, (CHANNELS, 1, 1, CHANNELS))
    kernel = weights.astype(np.int8) if integer else (weights / (128 * CHANNELS**0.5)).astype(np.float32)
    bias = np.zeros(CHANNELS, np.int32 if integer else np.float32)
    types = schema.TensorType
    kind, kind_of_bias = (types.INT8, types.INT32) if integer else (types.FLOAT32, types.FLOAT32)
    each, one = (CHANNELS, 1) if integer else (0, 0)
    result, graph, code = schema.ModelT(), schema.SubGraphT(), schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CONV_2D
    code.version = 3 if integer else 1
    graph.tensors = [
        _tensor(schema, "kernel", kernel.shape, kind, 1, each),
        _tensor(schema, "bias", bias.shape, kind_of_bias, 2, each),
        *(_tensor(schema, f"map{i}", (1, SIDE, SIDE, CHANNELS), kind, 0, one) for i in range(CONVOLUTIONS + 1)),
    ]
    graph.operators = [_convolution(schema, 2 + i, 3 + i) for i in range(CONVOLUTIONS)]
    graph.inputs, graph.outputs = [2], [2 + CONVOLUTIONS]
    result.version, result.operatorCodes, result.subgraphs = 3, [code], [graph]
    result.buffers = [_buffer(schema, data) for data in (b"", kernel.tobytes(), bias.tobytes())]
    return result


def _tensor(schema: Any, name: str, shape: Sequence[int], kind: int, buffer: int, scales: int) -> Any:
    """A tensor of the file; `scales` is the number of scales, 0 for a float."""
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, buffer
    if scales:
        quantization = schema.QuantizationParametersT()
        per_value = _SCALE if name.startswith("map") else 1 / 1024
        quantization.scale = [per_value * (_SCALE if name == "bias" else 1)] * scales
        quantization.zeroPoint = [0] * scales
        tensor.quantization = quantization
    return tensor


def _convolution(schema: Any, source: int, output: int) -> Any:
    node, options = schema.OperatorT(), schema.Conv2DOptionsT()
    options.padding = schema.Padding.SAME
    options.strideH = options.strideW = options.dilationHFactor = options.dilationWFactor = 1
    node.opcodeIndex, node.inputs, node.outputs = 0, [source, 0, 1], [output]
    node.builtinOptionsType, node.builtinOptions = schema.BuiltinOptions.Conv2DOptions, options
    return node


def _buffer(schema: Any, data: bytes) -> Any:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(data, np.uint8) if data else None
    return buffer


def _work(precision: str, threads: int, runs: int, warmup: int) -> None:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=model(precision), num_threads=threads)
    interpreter.allocate_tensors()
    (source,) = interpreter.get_input_details()
    noise = np.random.default_rng(0).integers(-127, 128, source["shape"])
    interpreter.set_tensor(source["index"], (noise if precision == "int8" else noise / 64).astype(source["dtype"]))
    json.dump(time_calls(interpreter.invoke, runs, warmup), sys.stdout)


def main(argv: Sequence[str] | None = None) -> int:
    """The process; returns the exit code."""
    parser = commands.Parser(description=__doc__)
    parser.add_argument("precision", choices=PRECISIONS)
    parser.add_argument("--threads", type=commands.positive, required=True)
    parser.add_argument("--runs", type=commands.positive, required=True)
    parser.add_argument("--warmup", type=commands.natural, required=True)
    return commands.run(
        parser, lambda options: _work(options.precision, options.threads, options.runs, options.warmup), argv
    )


if __name__ == "__main__":
    sys.exit(main())
