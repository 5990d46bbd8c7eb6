"""The third gate: the file itself: plain operations, the size that its precision predicts, and what its hardware takes."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convert import onnx, tflite
from convert.gates import gpu, nodes
from convert.gates.result import Result
from convert.request import options_of
from lapx_tf.errors import GateError
from lapx_tf.runtime.profile import xnnpack
from lapx_tf.spec import ModelSpec

BYTES_PER_WEIGHT = {"float32": 4, "float16": 2, "dynamic": 1, "int8": 1, "int16x8": 1}

SIZE_MARGIN = (0.8, 1.25)
"""Of the weights' bytes: folding takes weights away, and a kernel may be laid out with zeros."""

BYTES_PER_OPERATOR = {"float32": 500, "float16": 500, "dynamic": 1000, "int8": 1000, "int16x8": 1000}
"""What an operation may take beside the weights: its tensors with their shapes and names, and the scales of each channel.
Measured on the network of `make demo`: 130 to 400, and 430 to 700 where there are scales."""


BESIDE_XNNPACK = frozenset({"ADD", "BATCH_MATMUL", "MUL", "QUANTIZE", "SOFTMAX"})
"""What an int8 graph may leave to LiteRT's own int8 kernels. XNNPACK takes the products and the softmax of NonLocal in float
only, and an addition or a multiplication only where the ranges are not too unlike (2^-10 to 2^8 for an addition), as those of a
gate that has hardly been trained are. It does not make int8 of an image's bytes."""


def check(file: Path, spec: ModelSpec, parameters: int) -> Result:
    """Looks into a file.

    Args:
        file: a `.tflite` or `.onnx` file.
        spec: what its JSON says.
        parameters: of the network that it was made of.
    """
    kind = tflite if file.suffix == ".tflite" else onnx
    try:
        operators = kind.operators(file)
    except GateError as error:
        return Result(failures=(str(error),))
    size = _size(file, spec, parameters, operators)
    return size if kind is onnx else size.joined(_hardware(file, spec))


def _size(file: Path, spec: ModelSpec, parameters: int, operators: Counter[str]) -> Result:
    size, precision = file.stat().st_size, spec.precision
    # Layers that were kept in float may have any share of the weights.
    largest = BYTES_PER_WEIGHT["float32" if options_of(spec).get("keep_float") else precision]
    low = round(SIZE_MARGIN[0] * parameters * BYTES_PER_WEIGHT[precision])
    high = round(SIZE_MARGIN[1] * parameters * largest) + BYTES_PER_OPERATOR[precision] * operators.total()
    failures = ()
    if not low <= size <= high:
        failures = (
            f"{size:,} bytes are not what {precision} predicts: {low:,} to {high:,} for {parameters:,} weights and"
            f" {operators.total():,} operations",
        )
    return Result({"bytes": size, "operators": dict(operators)}, {"bytes": [low, high]}, failures)


def _hardware(file: Path, spec: ModelSpec) -> Result:
    """What the delegates take."""
    options, content = options_of(spec), nodes.read(file)
    if options.get("target") == "gpu":
        return _for_gpu(content)
    # Decoding, mirroring and layers that were kept in float run beside XNNPACK by nature: nothing is asked of such a file.
    plain = spec.kind == "heatmaps" and not spec.flip_test and not options.get("keep_float")
    plan = xnnpack.plan(file)
    measured = {"xnnpack_partitions": plan.partitions, "outside_xnnpack": dict(plan.outside)}
    if spec.precision in ("float32", "float16"):
        return _in_one_partition(plan, measured) if plain else Result(measured)
    if spec.precision == "int8":
        floats = Counter(node.name for node in content if any(tensor.dtype == "FLOAT32" for tensor in node.outputs))
        measured["float_operators"] = dict(floats)
        return _in_integers(floats, plan, measured) if plain else Result(measured)
    return Result(measured)


def _in_one_partition(plan: xnnpack.Plan, measured: dict[str, Any]) -> Result:
    outside = {name: count for name, count in plan.outside.items() if name != "CAST"}  # of bytes at the input
    failures = ()
    if plan.partitions != 1 or outside:
        left = _counted(outside) or "nothing"
        failures = (f"XNNPACK takes {plan.partitions} parts of the graph and leaves {left}; one part is expected",)
    return Result(measured, {"xnnpack_partitions": 1}, failures)


def _in_integers(floats: Counter[str], plan: xnnpack.Plan, measured: dict[str, Any]) -> Result:
    outside = {name: count for name, count in plan.outside.items() if name not in BESIDE_XNNPACK}
    failures = []
    if floats:
        failures.append(f"operations are left in float: {_counted(floats)}; in an int8 file none should be")
    if outside:
        failures.append(
            f"XNNPACK leaves {_counted(outside)}; in an int8 file it takes all but {', '.join(sorted(BESIDE_XNNPACK))}"
        )
    bounds = {"float_operators": {}, "outside_xnnpack": sorted(BESIDE_XNNPACK)}
    return Result(measured, bounds, tuple(failures))


def _for_gpu(content: list[nodes.Node]) -> Result:
    refused, hazards = gpu.not_taken(content), gpu.hazards(content)
    measured = {"not_taken_by_gpu": dict(refused), "gpu_hazards": dict(hazards)}
    failures = ()
    if refused:
        failures = (f"the GPU delegate does not take: {_counted(refused)}",)
    return Result(measured, {"not_taken_by_gpu": {}}, failures)


def _counted(names: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in names.items())
