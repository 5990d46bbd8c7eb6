"""Multiply-accumulates and parameters of a converted model, counted in its file.

What is counted are convolutions and matrix products, multiplications by stored zeros included; element-wise operations and
pooling are not, as usual. Parameters are the numbers that were trained, as far as they are in the file: a batch norm that
the conversion folded into a convolution is no longer there, zeros that it stores are, and shapes, axes and the scales of
quantisation do not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lapx_tf.runtime.benchmark import counting_onnx, counting_tflite
from lapx_tf.spec import ModelSpec

KEY = "counts"
"""Where the JSON beside a file may tell them, in `conversion`."""


@dataclass(frozen=True)
class Counts:
    """Of one file."""

    macs: int
    parameters: int


def counted(model: Path) -> Counts | None:
    """Counted in the file; None where what reads its format is not installed."""
    for reader in (counting_tflite, counting_onnx):
        if model.suffix == reader.ENDING and reader.is_installed():
            return Counts(*reader.count(model))
    return None


def counts_of(model: Path, spec: ModelSpec) -> Counts | None:
    """Counted in the file, or else what its JSON says; None where neither can be had."""
    told = spec.conversion.get(KEY)
    return counted(model) or (Counts(int(told["macs"]), int(told["parameters"])) if isinstance(told, Mapping) else None)
