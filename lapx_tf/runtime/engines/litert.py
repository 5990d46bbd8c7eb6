"""`.tflite` files, on the CPU: in LiteRT, or in the older tflite-runtime, which has the same interface."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.engines.base import Engine
from lapx_tf.spec import Quantization, TensorSpec


class LiteRt(Engine):
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
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self.inputs, self.outputs = [_tensor(one) for one in inputs], [_tensor(one) for one in outputs]
        self._inputs, self._outputs = [one["index"] for one in inputs], [one["index"] for one in outputs]

    def _run(self, stored: Sequence[NDArray], outputs: Sequence[int]) -> list[NDArray]:
        for index, values in zip(self._inputs, stored, strict=True):
            self._interpreter.set_tensor(index, values)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(self._outputs[place]) for place in outputs]


class TfliteRuntime(LiteRt):
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
