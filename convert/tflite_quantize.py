"""A float TensorFlow Lite file in integers: ranges from crops, then TensorFlow's quantisers.

What TensorFlow's converter does with a representative data set, in steps, because two of them go wrong for this network:

- The ranges are taken here. The calibrator of TensorFlow 2.21 reads a tensor after an operation that works in place has
  written its result over it, so that what is added to something gets the range of the sum. It is slow, too: it runs without
  XNNPACK.
- The quantiser is led around islands of float and ranges that are cut off, see `islands`.

A range is that of the smallest and the largest value. Narrower ones (percentiles, least squared error) were tried on three
networks trained on LSP: two gained a little, and in the third the noise of the heat maps doubled and more. A peak is rare.
What goes into an ELU is another matter: it ends where the ELU's answer is -1 in 8 bits anyhow.
"""

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from tensorflow.lite.python.convert import mlir_quantize
from tensorflow.lite.python.optimize.calibrator import Calibrator
from tensorflow.python.framework import dtypes

from convert import flatbuffer, islands
from lapx_tf.errors import InputError

BYTES = (0.0, 255.0)
"""The range of an image of bytes, which makes its scale one and its zero point zero whatever the crops show."""

STEPS = 255
"""Between the smallest and the largest of 8 bits."""

_OF_ZEROS = (-1.0, 1.0)
"""The range of what is zero on all crops, as where a layer's weights are. Any will do for zeros, but LiteRT's int16 kernels end
the process where a scale is zero."""

_DECODING = re.compile(r"(^|/)decode(_\d+)*/")
"""In the names of tensors, where `lapx_tf.codecs.layers.Decode` stands in the graph."""


def int8(content: bytes, crops: NDArray[Any], keep_float: Sequence[str] = ()) -> bytes:
    """Weights in int8 for each channel, activations in int8 for each tensor.

    An image of bytes stays uint8. Decoding stays in float, and so do the joints that come of it: 8 bits would place them in
    steps of a pixel and more.

    Args:
        content: of a float32 file.
        crops: [N, H, W, 3], numbers as the file takes them.
        keep_float: names of layers that stay in float, whole or as they begin, see `layers`.

    Raises:
        InputError: there is no such layer.
    """
    kept = _tensors_of(layers(content), keep_float)
    ranged = calibrate(content, crops)
    return from_ranges(ranged, kept)


def int16x8(content: bytes, crops: NDArray[Any]) -> bytes:
    """Weights in int8 for each channel, activations in int16 for each tensor. The arguments are those of `int8`.

    Raises:
        InputError: the file gives joints.
    """
    if _decoded(flatbuffer.parse(content).subgraphs[0]):
        raise InputError("int16x8 files give heat maps: int16 has no operations to find the joints with")
    model = flatbuffer.parse(calibrate(islands.with_elu_in_parts(content), crops))
    _unshare_biases(model)
    of_bytes = _take_floats(model.subgraphs[0])
    image = dtypes.float32 if of_bytes else dtypes.int16
    # The quantiser is a method of the calibrator, which is fed nothing: the ranges are in the file already.
    quantised: Any = Calibrator(flatbuffer.pack(model)).calibrate_and_quantize(
        lambda: (), image, dtypes.int16, False, dtypes.int16, dtypes.int64
    )
    return _taking_bytes(quantised) if of_bytes else quantised


def from_ranges(ranged: bytes, keep_float: Sequence[str] = (), integer_ends: bool = True) -> bytes:
    """The int8 file from a float file with ranges.

    Args:
        ranged: of `calibrate`.
        keep_float: names of tensors whose operations stay in float.
        integer_ends: the image goes in as int8 or uint8 and heat maps come out as int8; otherwise all are float32.
    """
    model = flatbuffer.parse(ranged)
    graph = model.subgraphs[0]
    image = dtypes.uint8 if _take_floats(graph) else dtypes.int8
    of_decoding = [flatbuffer.name_of(graph, tensor) for tensor in sorted(_decoded(graph))]
    answer = dtypes.float32 if of_decoding else dtypes.int8
    quantised: Any = mlir_quantize(
        islands.with_stand_ins(flatbuffer.pack(model), keep_float),
        input_data_type=image if integer_ends else dtypes.float32,
        output_data_type=answer if integer_ends else dtypes.float32,
        denylisted_nodes=[*keep_float, *of_decoding],
    )
    return islands.without_stand_ins(quantised)


def calibrate(content: bytes, crops: NDArray[Any]) -> bytes:
    """Writes the range of every activation into a float file, but for those of decoding; see `int8` for the arguments."""
    model = flatbuffer.parse(content)
    graph = model.subgraphs[0]
    of_decoding, answers = _decoded(graph), graph.outputs
    made = (int(tensor) for node in graph.operators for tensor in node.outputs)
    activations = [
        tensor for tensor in made if graph.tensors[tensor].type == flatbuffer.FLOAT32 and tensor not in of_decoding
    ]
    # As outputs, because what lies between two operations does not exist in XNNPACK, and without it all is slow.
    graph.outputs = np.array(activations, np.int32)
    ranges = _ranges(flatbuffer.pack(model), crops, activations)
    graph.outputs = answers
    (image,) = map(int, graph.inputs)
    if graph.tensors[image].type == flatbuffer.FLOAT32:
        ranges[image] = float(crops.min()), float(crops.max())
    _end_before_elu(model, ranges)
    for tensor, (low, high) in ranges.items():
        graph.tensors[tensor].quantization = flatbuffer.value_range(low, high)
    return flatbuffer.pack(model)


def layers(content: bytes) -> dict[str, str]:
    """The layers of a float file, but for those of decoding, by the names of the tensors that they make.

    A layer is called by its path in the Keras network and the operation in it: `stack1/hourglass/up0/pointwise1/BiasAdd`.
    """
    graph = flatbuffer.parse(content).subgraphs[0]
    of_decoding = _decoded(graph)
    outputs = [int(node.outputs[0]) for node in graph.operators]
    names = [flatbuffer.name_of(graph, tensor) for tensor in outputs if tensor not in of_decoding]
    # Where the converter made one operation of several, the names of all stand there, separated by semicolons.
    return {name: name.split(";")[0] for name in names}


def _ranges(content: bytes, crops: NDArray[Any], tensors: Sequence[int]) -> dict[int, tuple[float, float]]:
    """The smallest and the largest value of each of the outputs, which are given by their indices."""
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    (image,) = interpreter.get_input_details()
    lows, highs = np.full(len(tensors), np.inf), np.full(len(tensors), -np.inf)
    for crop in crops:
        interpreter.set_tensor(image["index"], crop[None].astype(image["dtype"]))
        interpreter.invoke()
        # Looked at where they are: copies of all would take a gigabyte.
        lows = np.minimum(lows, [interpreter.tensor(tensor)().min() for tensor in tensors])
        highs = np.maximum(highs, [interpreter.tensor(tensor)().max() for tensor in tensors])
    found = zip(tensors, lows, highs, strict=True)
    return {tensor: (float(low), float(high)) if low or high else _OF_ZEROS for tensor, low, high in found}


def _end_before_elu(model: Any, ranges: dict[int, tuple[float, float]]) -> None:
    """Cuts off the ranges of what goes into an ELU and nowhere else below the value that gives -1 but for half a step of int8.

    A value of -5 or of -20 makes no difference there, but the steps above are the finer the sooner the range ends.
    """
    graph = model.subgraphs[0]
    uses = Counter(int(tensor) for node in graph.operators for tensor in node.inputs)
    for node in graph.operators:
        (source, *_), (answer, *_) = node.inputs, node.outputs
        if flatbuffer.operation(model, node) == "ELU" and source in ranges and uses[source] == 1:
            (low, high), (bottom, top) = ranges[source], ranges[answer]
            least = math.log((top - bottom) / STEPS / 2) if top > bottom else low
            ranges[source] = max(low, min(least, 0.0)), high


def _take_floats(graph: Any) -> bool:
    """Lets a graph that takes bytes take the floats that it makes of them first; returns whether it took bytes."""
    (image,) = graph.inputs
    if graph.tensors[image].type == flatbuffer.FLOAT32:
        return False
    (reader,) = (node for node in graph.operators if image in node.inputs)
    graph.inputs = reader.outputs
    graph.tensors[reader.outputs[0]].quantization = flatbuffer.value_range(*BYTES)
    graph.operators.remove(reader)
    return True


def _unshare_biases(model: Any) -> None:
    """Gives each convolution a bias of its own: the quantiser scales one that several share for the first of them alone."""
    seen: set[int] = set()
    for node in model.subgraphs[0].operators:
        if flatbuffer.operation(model, node) in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            bias = int(node.inputs[2])
            if bias in seen:
                node.inputs[2] = flatbuffer.copy_constant(model, bias)
            seen.add(bias)


def _taking_bytes(content: bytes) -> bytes:
    """Puts what `_take_floats` took away back before a graph that takes floats; the tensor of the bytes is still there."""
    model = flatbuffer.parse(content)
    graph = model.subgraphs[0]
    image = next(index for index, tensor in enumerate(graph.tensors) if tensor.type == flatbuffer.UINT8)
    graph.operators.insert(0, flatbuffer.operator(model, flatbuffer.Builtin.DEQUANTIZE, [image], graph.inputs))
    graph.inputs = [image]
    return flatbuffer.pack(model)


def _tensors_of(named: dict[str, str], wanted: Sequence[str]) -> list[str]:
    """The tensors of the layers that are called so, or whose path begins so."""
    found = []
    for path in wanted:
        matching = [tensor for tensor, layer in named.items() if f"{layer}/".startswith(f"{path}/")]
        if not matching:
            near = difflib.get_close_matches(path, _paths(named.values()), cutoff=0)
            raise InputError(f"there is no layer {path!r} to keep in float; the nearest are {', '.join(near)}")
        found += matching
    return found


def _paths(layers: Iterable[str]) -> list[str]:
    """The names of layers and all that they begin with."""
    parts = [layer.split("/") for layer in layers]
    return sorted({"/".join(path[:depth]) for path in parts for depth in range(1, len(path) + 1)})


def _decoded(graph: Any) -> set[int]:
    """The tensors of a float graph that decoding makes, and what comes of them."""
    found: set[int] = set()
    for node in graph.operators:
        outputs = [int(tensor) for tensor in node.outputs]
        of_decoding = any(_DECODING.search(flatbuffer.name_of(graph, tensor)) for tensor in outputs)
        if of_decoding or found.intersection(map(int, node.inputs)):
            found.update(outputs)
    return found
