"""An ONNX graph with smaller numbers: weights in half precision, or weights and feature maps in 8 bits."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

SMALLEST = 16
"""Numbers that a constant must hold to be stored in half: shapes and axes are not worth the node that widens them."""


def with_half_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph with its weights stored in float16, and computed in float32 as before.

    ONNX Runtime widens them once, when it loads the file. To compute in half, too (`onnxruntime.transformers.float16`), gains
    nothing on a CPU, where ONNX Runtime casts to float32 and back between its kernels: 1.06 times the time of float32 (full
    LAPX, one thread). And it is less exact: 1.0e-3 of the heat maps' range (two stacks, 32 crops of LSP), where half weights
    alone give 0.4e-3.

    Args:
        model: in float32; it is left as it is.
    """
    half = onnx.ModelProto()
    half.CopyFrom(model)
    casts = []
    for weights in half.graph.initializer:
        values = numpy_helper.to_array(weights)
        if values.dtype == np.float32 and values.size >= SMALLEST:
            name = weights.name
            weights.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}/half"))
            casts.append(helper.make_node("Cast", [weights.name], [name], f"{name}/cast", to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *half.graph.node]
    del half.graph.node[:]
    half.graph.node.extend(nodes)
    return half


def with_int8(model: onnx.ModelProto, crops: NDArray) -> onnx.ModelProto:
    """The graph with int8 weights, scaled per channel, and uint8 feature maps, as pairs of QuantizeLinear and DequantizeLinear.

    Everything is quantised that ONNX Runtime has a kernel for, down to the last convolution; ELU it leaves in float. The
    convolutions alone would be nearer to float32 (23 dB, not 21) and take 1.4 times as long (full LAPX, one thread). What
    follows the last convolution stays in float, so that joints decoded inside keep their pixels.

    Weights use 7 of the 8 bits: where a CPU has no VNNI, ONNX Runtime adds two products in 16 bits, which full weights
    overflow. `python -m convert best.keras --to onnx --precision int8 --calibration lsp --data lsp` for the network of `make
    demo`: PCK@0.2 43.6, where Keras has 43.4 and 8 bits 43.3.

    Args:
        model: in float32.
        crops: [N, ...] for the ranges, each as the input takes it, without the batch.
    """
    with TemporaryDirectory() as folder:
        source, prepared, result = (Path(folder) / name for name in ("float32.onnx", "prepared.onnx", "int8.onnx"))
        # By way of a file: a model in memory would be changed, and its empty tensors lost.
        onnx.save(model, source)
        # Shapes are fixed, so the symbolic inference, which needs SymPy, has nothing to find.
        quant_pre_process(source, str(prepared), skip_symbolic_shape=True)
        # The decoder takes places outside a map for -inf; their ranges are computed, though not used.
        with np.errstate(invalid="ignore"):
            quantization.quantize_static(
                prepared,
                result,
                _Crops(model.graph.input[0].name, crops),
                nodes_to_exclude=_behind_convolutions(onnx.load(prepared).graph),
                per_channel=True,
                reduce_range=True,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
            )
        return onnx.load(result)


class _Crops(quantization.CalibrationDataReader):
    """Hands the quantiser one crop after the other."""

    def __init__(self, name: str, crops: NDArray) -> None:
        self._feeds: Iterator[dict[str, NDArray]] = ({name: crop[None]} for crop in crops)

    def get_next(self) -> dict[str, NDArray] | None:
        return next(self._feeds, None)


def _behind_convolutions(graph: onnx.GraphProto) -> list[str]:
    """The names of the nodes from which no way leads to a convolution."""
    leading: set[str] = set()
    behind = []
    for node in reversed(graph.node):
        if node.op_type == "Conv" or leading.intersection(node.output):
            leading.update(node.input)
        else:
            behind.append(node.name)
    return behind
