"""`.onnx` files in ONNX Runtime, on the CPU."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.runtime.sessions.base import FileSession
from lapx_tf.runtime.sessions.checks import UNKNOWN, find
from lapx_tf.spec import TensorSpec


class OnnxSession(FileSession):
    """An `.onnx` file in ONNX Runtime."""

    runtime = "onnxruntime"
    module = "onnxruntime"
    remedy = "pip install lapx-tf[onnx]"

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
        # What the stored numbers mean is not part of an ONNX file's ends: there only the JSON says it.
        find(model, "input", self.spec.input, [_tensor(found) for found in self._session.get_inputs()])
        find(model, "output", self.spec.output, [_tensor(found) for found in self._session.get_outputs()])

    def _infer(self, stored: NDArray) -> NDArray:
        return np.asarray(self._session.run([self.spec.output.name], {self.spec.input.name: stored})[0])


def _errors(state: Any) -> tuple[type[Exception], ...]:
    """ONNX Runtime's errors have no common base below Exception."""
    return (state.Fail, state.InvalidProtobuf, state.InvalidGraph, state.InvalidArgument, state.NotImplemented,
            state.RuntimeException, state.NoModel, state.EPFail, *FileSession.errors)  # fmt: skip


def _tensor(argument: Any) -> TensorSpec:
    shape = tuple(side if isinstance(side, int) else UNKNOWN for side in argument.shape)
    dtype = argument.type.removeprefix("tensor(").removesuffix(")")
    return TensorSpec(argument.name, shape, "float32" if dtype == "float" else dtype)
