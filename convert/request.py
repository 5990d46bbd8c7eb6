"""What can be asked of a conversion, which of it goes together, and the names of the files that come of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from convert.graph.options import FOR_INT8, GraphOptions
from lapx_tf.errors import InputError
from lapx_tf.spec import ModelSpec

PRECISIONS = {
    "tflite": ("float32", "float16", "dynamic", "int8", "int16x8"),
    "onnx": ("float32", "float16", "int8"),
}
"""What each format is offered in. `dynamic`: int8 weights, computed in float; `int16x8`: int16 activations, int8 weights."""

CALIBRATED = ("int8", "int16x8")
"""What needs crops to find the ranges of its activations."""

ALL = "all"
GPU_PRECISIONS = ("float32", "float16")
OPSETS = range(13, 19)
DEFAULT_OPSET = 17


@dataclass(frozen=True)
class Variant:
    """One file to write.

    Attributes:
        to: `tflite` or `onnx`.
        precision: one of the format's `PRECISIONS`.
        graph: what it computes.
        layout: of the input, `nhwc` or `nchw` (ONNX).
        opset: version of ONNX' operations.
        keep_float: names of layers that int8 leaves in float (TFLite).
    """

    to: str
    precision: str
    graph: GraphOptions
    layout: str = "nhwc"
    opset: int = DEFAULT_OPSET
    keep_float: tuple[str, ...] = ()

    def file_name(self, stem: str) -> str:
        """The name of the file for a network called `stem`; what is plain is not named."""
        graph = self.graph
        marks = {
            self.precision: (self.to, self.precision) != ("onnx", "float32"),
            "mixed": bool(self.keep_float),
            "uint8": graph.pixel_values != "normalized",
            "keypoints": graph.output == "keypoints",
            "flip": graph.flip_test,
            f"s{graph.stacks}": graph.stacks is not None,
            "x".join(map(str, graph.size or ())): graph.size is not None,
            "gpu": graph.target == "gpu",
            "nchw": self.layout == "nchw",
            f"opset{self.opset}": self.opset != DEFAULT_OPSET,
        }
        return "_".join([stem, *(mark for mark, present in marks.items() if present)]) + f".{self.to}"

    def options(self) -> dict[str, Any]:
        """How the file was asked for, as far as its JSON does not say it elsewhere."""
        return {
            "stacks": self.graph.stacks,
            "target": self.graph.target,
            "rewrites": sorted(rewrite.value for rewrite in self.graph.applied),
            "opset": self.opset if self.to == "onnx" else None,
            "keep_float": list(self.keep_float),
        }


@dataclass(frozen=True)
class Request:
    """What the command is asked to do.

    Attributes:
        model: the `.keras` file.
        variants: the files to make of it.
        out: folder for them.
        calibration: data set or folder of pictures to take crops from; None for synthetic people.
        samples: number of crops for the ranges of int8.
        data: data set on whose val people Keras and the files are scored; None for no score.
        dataset: what it must be; None for whatever it is.
        jobs: files that are made at the same time.
        licence: of the network, in words; None where it is not stated.
        verbose: let the converters talk.
    """

    model: Path
    variants: tuple[Variant, ...]
    out: Path
    calibration: Path | None = None
    samples: int = 128
    data: Path | None = None
    dataset: str | None = None
    jobs: int = 1
    licence: str | None = None
    verbose: bool = False

    @property
    def graph(self) -> GraphOptions:
        """What the files compute: all of them the same, but for how pixels come in and what hardware it is made for."""
        return self.variants[0].graph


def variants_of(
    formats: Sequence[str],
    precisions: Sequence[str],
    graph: GraphOptions,
    layout: str = "nhwc",
    opset: int | None = None,
    keep_float: Sequence[str] = (),
) -> tuple[Variant, ...]:
    """Every format in every precision asked for; an option that only one format has is left at rest in the other.

    Raises:
        InputError: a precision that a format is not offered in, or an option that none of the files can have.
    """
    _refuse_idle(formats, graph.target, layout, opset)
    if graph.target == "gpu" and (graph.output == "keypoints" or graph.flip_test):
        raise InputError(
            "--target gpu gives heat maps without a flip test: the GPU delegate takes neither the comparisons of the decoding"
            " nor the mirroring"
        )
    pairs = [(to, one) for to in dict.fromkeys(formats) for one in _precisions(to, precisions, graph)]
    if keep_float and ("tflite", "int8") not in pairs:
        raise InputError("--keep-float is of int8 TFLite files: it needs --to tflite --precision int8")
    return tuple(
        Variant(to, precision, _suited(graph, precision), keep_float=tuple(keep_float) if precision == "int8" else ())
        if to == "tflite"
        else Variant(to, precision, replace(graph, target="onnx"), layout, opset or DEFAULT_OPSET)
        for to, precision in pairs
    )


def _suited(graph: GraphOptions, precision: str) -> GraphOptions:
    if graph.target == "gpu" and graph.pixel_values == "uint8":
        return replace(graph, pixel_values="raw")  # a GPU takes floats only, so the pixels go in as such
    return replace(graph, rewrites=FOR_INT8) if precision in CALIBRATED else graph


def _precisions(to: str, asked: Sequence[str], graph: GraphOptions) -> tuple[str, ...]:
    offered, condition = _offered(to, graph)
    wanted = offered if ALL in asked else tuple(dict.fromkeys(asked))
    refused = [one for one in wanted if one not in offered]
    if refused:
        raise InputError(
            f"--to {to} is offered in {', '.join(offered)}{condition}, got --precision {', '.join(refused)}"
        )
    return wanted


def _offered(to: str, graph: GraphOptions) -> tuple[tuple[str, ...], str]:
    """The precisions of a format for a graph, and where it narrows them, why."""
    if to == "tflite" and graph.target == "gpu":
        return GPU_PRECISIONS, " with --target gpu, which computes in float"
    if to == "tflite" and graph.output == "keypoints":
        without_int16 = tuple(one for one in PRECISIONS[to] if one != "int16x8")
        return without_int16, " with --output keypoints, as int16 can't compare numbers to find the maxima"
    return PRECISIONS[to], ""


def _refuse_idle(formats: Sequence[str], target: str, layout: str, opset: int | None) -> None:
    """Raises an InputError for an option that no file of these formats has."""
    of_onnx = {f"--layout {layout}": layout != "nhwc", f"--opset {opset}": opset is not None}
    for option in (option for option, given in of_onnx.items() if given and "onnx" not in formats):
        raise InputError(f"{option} is of ONNX files: it needs --to onnx, got --to {' '.join(formats)}")
    if target == "gpu" and "tflite" not in formats:
        raise InputError(f"--target gpu is of TFLite files: it needs --to tflite, got --to {' '.join(formats)}")


def options_of(spec: ModelSpec) -> Mapping[str, Any]:
    """`Variant.options` of a file that is there, from its JSON; nothing where an older version wrote it."""
    options = spec.conversion.get("options")
    return options if isinstance(options, Mapping) else {}


def parse_size(text: str) -> tuple[int, int]:
    """(height, width) from `HxW`.

    Raises:
        InputError: it is not written so.
    """
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if not found:
        raise InputError(f"--size must be HEIGHTxWIDTH in pixels, such as 256x192, got {text!r}")
    return int(found[1]), int(found[2])
