"""`.tflite` files, on the CPU: in LiteRT, or in the older tflite-runtime, which has the same interface."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.sessions.base import FileSession
from lapx_tf.runtime.sessions.checks import check_quantization, find
from lapx_tf.spec import Quantization, TensorSpec


class LiteRtSession(FileSession):
    """A `.tflite` file in LiteRT (ai-edge-litert)."""

    runtime = "ai-edge-litert"
    module = "ai_edge_litert"
    remedy = "pip install ai-edge-litert"

    def __init__(self, model: Path, threads: int = 1) -> None:
        super().__init__(model, threads)
        interpreter = self._import(f"{self.module}.interpreter").Interpreter
        try:
            self._interpreter = interpreter(model_path=str(model), num_threads=threads)
            self._interpreter.allocate_tensors()
        except self.errors as error:
            raise self._failure("loaded", error) from error
        self._input = self._index_in(self._interpreter.get_input_details(), "input", self.spec.input)
        self._output = self._index_in(self._interpreter.get_output_details(), "output", self.spec.output)

    def _index_in(self, details: Sequence[dict[str, Any]], side: str, described: TensorSpec) -> int:
        """The interpreter's index of the tensor that the JSON describes."""
        found = [_tensor(one) for one in details]
        place = find(self.model, side, described, found)
        check_quantization(self.model, side, described, found[place])
        return int(details[place]["index"])

    def _infer(self, stored: NDArray) -> NDArray:
        self._interpreter.set_tensor(self._input, stored)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)


class TfliteRuntimeSession(LiteRtSession):
    """A `.tflite` file in tflite-runtime, whose last release is 2.14.0: for systems that have no ai-edge-litert."""

    runtime = "tflite-runtime"
    module = "tflite_runtime"
    remedy = "pip install tflite-runtime 'numpy<2'"

    def __init__(self, model: Path, threads: int = 1) -> None:
        # It was built for NumPy 1: beside NumPy 2 it can be imported, but fails with a SystemError when it opens a file.
        if self.is_installed() and np.lib.NumpyVersion(np.__version__) >= "2.0.0":
            raise InputError(f"{self.runtime} needs numpy<2, found numpy {np.__version__}: {self.remedy}")
        super().__init__(model, threads)


def _tensor(details: dict[str, Any]) -> TensorSpec:
    scale, zero_point = details["quantization"]
    return TensorSpec(
        name=details["name"],
        shape=tuple(int(side) for side in details["shape"]),
        dtype=np.dtype(details["dtype"]).name,
        quantization=Quantization(float(scale), int(zero_point)) if scale else None,
    )
