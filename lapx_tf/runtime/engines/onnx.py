"""`.onnx` files in ONNX Runtime, on the CPU."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.runtime.engines.base import UNKNOWN, Engine
from lapx_tf.spec import TensorSpec


class OnnxRuntime(Engine):
    """An `.onnx` file in ONNX Runtime."""

    runtime = "onnxruntime"
    module = "onnxruntime"
    remedy = "pip install lapx-tf[onnx]"
    knows_quantization = False  # it is no part of an ONNX file's ends

    def __init__(self, model: Path, threads: int = 1) -> None:
        super().__init__(model, threads)
        onnxruntime = self._import("onnxruntime")
        self.errors = _errors(self._import("onnxruntime.capi.onnxruntime_pybind11_state"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors; the warnings are about the optimiser's own affairs
        try:
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except self.errors as error:
            raise self._failure("loaded", error) from error
        self.inputs = [_tensor(found) for found in self._session.get_inputs()]
        self.outputs = [_tensor(found) for found in self._session.get_outputs()]

    def _run(self, stored: Sequence[NDArray], outputs: Sequence[int]) -> list[NDArray]:
        values = {tensor.name: value for tensor, value in zip(self.inputs, stored, strict=True)}
        names = [self.outputs[place].name for place in outputs]
        return [np.asarray(answer) for answer in self._session.run(names, values)]


def _errors(state: Any) -> tuple[type[Exception], ...]:
    """ONNX Runtime's errors have no common base below Exception."""
    return (state.Fail, state.InvalidProtobuf, state.InvalidGraph, state.InvalidArgument, state.NotImplemented,
            state.RuntimeException, state.NoModel, state.EPFail, *Engine.errors)  # fmt: skip


def _tensor(argument: Any) -> TensorSpec:
    shape = tuple(side if isinstance(side, int) else UNKNOWN for side in argument.shape)
    dtype = argument.type.removeprefix("tensor(").removesuffix(")")
    return TensorSpec(argument.name, shape, "float32" if dtype == "float" else dtype)
