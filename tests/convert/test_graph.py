"""The exported graph: exactly what Keras computes, whatever it is rewritten to, and in the form that runtimes like."""

from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import tensorflow as tf

from convert.graph import inference_function
from convert.graph.macs import macs
from convert.graph.operations import kernel_of_blocks
from convert.graph.options import FOR_FLOAT, FOR_INT8, GraphOptions, Rewrite
from lapx_tf import geometry, pixels
from lapx_tf.codecs.decode import decode, merge_flipped
from lapx_tf.errors import InputError
from lapx_tf.models.arguments import Gain, Logits
from lapx_tf.models.lapx import LAPX
from lapx_tf.runtime.profile import xnnpack
from lapx_tf.skeletons import MPII_16
from tests.helpers import TINY, randomize

SIZE = (64, 64)
ODD = (72, 40)  # heat maps of 18x10, then 9x5 and 5x3 in the hourglass, and no width that divides by 8
SIZES = pytest.mark.parametrize("size", [None, ODD], ids=["even", "odd"])

NONE: frozenset[Rewrite] = frozenset()
REWRITES = {
    "none": (None, NONE),
    "none, odd": (ODD, NONE),
    "float": (None, FOR_FLOAT),
    "float, odd": (ODD, FOR_FLOAT),
    "int8, odd": (ODD, FOR_INT8),
    **{one.value: (None, frozenset({one})) for one in Rewrite},
}


@cache
def network(size: tuple[int, int] | None = None) -> LAPX:
    """Two stacks, the first with NonLocal; the same weights for every size; not to be changed."""
    return randomize(LAPX(**TINY | {"input_shape": (*(size or SIZE), 3)}, skeleton=MPII_16, name="tiny"))


@cache
def graph(options: GraphOptions) -> Any:
    return inference_function(network(), options)


def picture(size: tuple[int, int] | None = None) -> np.ndarray:
    """uint8 [1, H, W, 3], bright up to the border, where the first convolution pads."""
    return np.random.default_rng(0).integers(0, 256, (1, *(size or SIZE), 3), np.uint8)


@cache
def keras(size: tuple[int, int] | None = None) -> np.ndarray:
    """Heat maps of the picture and of the mirrored picture, [2, h, w, K]."""
    image = pixels.normalize(picture(size))
    return network(size).predict_on_batch(np.concatenate([image, image[:, :, ::-1]]))


def answer(options: GraphOptions) -> np.ndarray:
    image = picture(options.size)
    given = {"normalized": pixels.normalize(image), "raw": image.astype(np.float32), "uint8": image}
    return graph(options)(tf.constant(given[options.pixel_values])).numpy()


def assert_equal_heatmaps(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-5 * np.ptp(expected)


def tflite(function: Any, path: Path) -> Path:
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    converter.experimental_lower_to_saved_model = False
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    path.write_bytes(converter.convert())
    return path


def run_tflite(path: Path, image: np.ndarray) -> np.ndarray:
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=str(path))
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], image)
    runner.invoke()
    return runner.get_tensor(runner.get_output_details()[0]["index"])


@pytest.mark.parametrize(("size", "rewrites"), REWRITES.values(), ids=REWRITES)
def test_no_rewrite_changes_more_than_the_rounding(size, rewrites):
    assert_equal_heatmaps(answer(GraphOptions(size=size, rewrites=rewrites)), keras(size)[:1])


def test_what_is_multiplied_by_zero_is_left_out():
    asleep = LAPX.from_config(network().get_config())
    asleep.set_weights(network().get_weights())
    for weight in asleep.weights:
        if weight.path.endswith(("/gamma", "/gate")):
            weight.assign(0 * weight)
    awake, spared = graph(GraphOptions()), inference_function(asleep, GraphOptions())
    types = [{one.type for one in function.graph.get_operations()} for function in (awake, spared)]
    assert types[0] - types[1] >= {"Softmax", "BatchMatMulV2"}
    assert macs(spared) < macs(awake)
    image = pixels.normalize(picture())
    assert_equal_heatmaps(spared(tf.constant(image)).numpy(), asleep.predict_on_batch(image))


@pytest.mark.parametrize("logits", get_args(Logits))
@pytest.mark.parametrize("gain", get_args(Gain))
def test_every_form_of_nonlocal_gives_the_same_in_a_file_that_xnnpack_takes_whole(logits, gain, tmp_path):
    form = {"nonlocal_logits": logits, "nonlocal_gain": gain}
    other = randomize(LAPX(8, 1, 1, (1,), 2, (32, 32, 3), **form))
    image = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    expected, function = other.predict_on_batch(image), inference_function(other, GraphOptions())
    assert_equal_heatmaps(function(tf.constant(image)).numpy(), expected)
    file = tflite(function, tmp_path / "m.tflite")
    assert_equal_heatmaps(run_tflite(file, image), expected)
    assert xnnpack.plan(file).partitions == 1


def test_an_output_projection_that_is_still_zero_takes_its_branch_with_it():
    network = LAPX(8, 1, 1, (1,), 2, (32, 32, 3), nonlocal_gain="zero_projection")
    operations = inference_function(network, GraphOptions()).graph.get_operations()
    assert "Softmax" not in {one.type for one in operations}


@SIZES
def test_on_a_gpu_the_same_comes_of_tensors_of_at_most_four_dimensions(size):
    options = GraphOptions(size=size, target="gpu")
    assert_equal_heatmaps(answer(options), keras(size)[:1])
    operations = graph(options).graph.get_operations()
    assert max(len(output.shape) for operation in operations for output in operation.outputs) == 4


@pytest.mark.parametrize("pixel_values", ["raw", "uint8"])
def test_pixels_are_normalised_inside_up_to_the_border(pixel_values):
    assert_equal_heatmaps(answer(GraphOptions(pixel_values=pixel_values)), keras()[:1])


@pytest.mark.parametrize("pixel_values", ["normalized", "uint8"])
def test_the_flip_test_is_that_of_the_package(pixel_values):
    expected = merge_flipped(keras()[:1], keras()[1:], MPII_16.flip_order)
    assert_equal_heatmaps(answer(GraphOptions(flip_test=True, pixel_values=pixel_values)), expected)


@pytest.mark.parametrize("flip_test", [False, True], ids=["", "flip"])
def test_keypoints_are_those_of_the_numpy_decoder(flip_test):
    heatmaps = answer(GraphOptions(flip_test=flip_test))
    expected = geometry.transform(geometry.crop_from_heatmap(), decode(heatmaps))
    np.testing.assert_allclose(answer(GraphOptions(output="keypoints", flip_test=flip_test)), expected, atol=1e-3)


def test_a_cut_network_gives_the_heat_maps_of_its_last_stack():
    expected = network().truncated(1).predict_on_batch(pixels.normalize(picture()))
    assert_equal_heatmaps(answer(GraphOptions(stacks=1)), expected)


def test_the_graph_keeps_the_weights_it_was_made_of():
    changed = LAPX.from_config(network().get_config())
    changed.set_weights(network().get_weights())
    function = inference_function(changed, GraphOptions())
    changed.set_weights([np.zeros_like(weight) for weight in changed.get_weights()])
    assert_equal_heatmaps(function(tf.constant(pixels.normalize(picture()))).numpy(), keras()[:1])


@pytest.mark.parametrize("output", ["heatmaps", "keypoints"])
def test_a_tflite_file_of_built_in_operations_gives_the_same(output, tmp_path):
    path = tflite(graph(GraphOptions(pixel_values="uint8", output=output)), tmp_path / "m.tflite")
    expected = keras()[:1]
    if output == "keypoints":
        expected = geometry.transform(geometry.crop_from_heatmap(), decode(expected))
    np.testing.assert_allclose(run_tflite(path, picture()), expected, atol=1e-5 * np.ptp(expected))


@SIZES
def test_xnnpack_takes_the_graph_whole(size, tmp_path):
    whole = xnnpack.plan(tflite(graph(GraphOptions(size=size)), tmp_path / "m.tflite"))
    assert (whole.partitions, whole.outside.total()) == (1, 0)


def test_without_the_broadcast_addition_upsampling_breaks_the_graph(tmp_path):
    """Should this fail some day, then XNNPACK takes upsampling, and the rewrite can go."""
    path = tflite(graph(GraphOptions(rewrites=FOR_FLOAT - {Rewrite.BROADCAST_UPSAMPLE})), tmp_path / "m.tflite")
    assert xnnpack.plan(path).outside == {"RESIZE_NEAREST_NEIGHBOR": 4}


def test_tensors_are_called_by_what_they_are_and_operations_by_their_layer():
    for output in ("heatmaps", "keypoints"):
        function = graph(GraphOptions(output=output))
        assert [tensor.name for tensor in (*function.inputs, *function.outputs)] == ["image:0", f"{output}:0"]
        names = {operation.name for operation in function.graph.get_operations()}
        assert "stack1/hourglass/skip0/pointwise1/Conv2D" in names
        assert "stack1/hourglass/attention/position/theta/Conv2D" in names


@pytest.mark.parametrize("columns", [2, 4, 8])
@pytest.mark.parametrize("width", [1, 3, 7, 9, 21])
def test_blocks_of_columns_are_the_same_convolution(columns, width):
    rng = np.random.default_rng(width)
    x, kernel = rng.normal(size=(1, 5, 16, 2)), rng.normal(size=(3, width, 2, 1))
    expected = tf.nn.conv2d(x, kernel, 1, "SAME").numpy()
    # Columns of a block become channels beside those of the same map.
    blocks = x.reshape(1, 5, 16 // columns, columns, 2).swapaxes(3, 4).reshape(1, 5, 16 // columns, 2 * columns)
    found = tf.nn.conv2d(blocks, kernel_of_blocks(kernel, columns), 1, "SAME").numpy()
    np.testing.assert_allclose(found.reshape(expected.shape), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"pixel_values": "int8"}, "pixel_values must be one of normalized, raw, uint8, got 'int8'"),
        ({"output": "joints"}, "output must be one of heatmaps, keypoints, got 'joints'"),
        ({"target": "tpu"}, "target must be one of cpu, gpu, onnx, got 'tpu'"),
        ({"size": (64, 63)}, "positive multiples of 4, got (64, 63)"),
        ({"stacks": 3}, "stacks must be 1 to 2 for this network, got 3"),
        ({"stacks": 0}, "stacks must be 1 to 2 for this network, got 0"),
    ],
)
def test_what_cannot_be_built_is_said(options, sentence):
    with pytest.raises(InputError) as raised:
        inference_function(network(), GraphOptions(**options))
    assert sentence in str(raised.value)


def test_a_network_of_any_size_needs_one_and_a_flip_test_needs_names():
    free = LAPX(8, 1, 1, (), 2, (None, None, 3))
    with pytest.raises(InputError, match="any input size"):
        inference_function(free, GraphOptions())
    assert inference_function(free, GraphOptions(size=(32, 16))).outputs[0].shape == (1, 8, 4, 2)
    with pytest.raises(InputError, match="mirror"):
        inference_function(free, GraphOptions(size=(32, 16), flip_test=True))


def test_macs_are_counted_by_hand():
    @tf.function(input_signature=[tf.TensorSpec((2, 8, 6, 3))])
    def function(x: tf.Tensor) -> tf.Tensor:
        y = tf.nn.conv2d(x, tf.zeros((5, 3, 3, 4)), 2, "SAME")  # [2, 4, 3, 4]
        y = tf.nn.depthwise_conv2d(y, tf.zeros((3, 3, 4, 1)), (1, 1, 1, 1), "SAME")
        y = tf.reshape(y, (2, 12, 4))
        y = tf.matmul(y, y, transpose_b=True)  # [2, 12, 12] over 4
        y = tf.matmul(y, tf.zeros((2, 12, 5)), transpose_a=True)  # [2, 12, 5] over 12
        return tf.matmul(
            tf.reshape(y, (10, 12)), tf.zeros((7, 10)), transpose_a=True, transpose_b=True
        )  # [12, 7] over 10

    convolutions = 2 * 4 * 3 * 4 * (5 * 3 * 3) + 2 * 4 * 3 * 4 * 9
    products = 2 * 12 * 12 * 4 + 2 * 12 * 5 * 12 + 12 * 7 * 10
    assert macs(function.get_concrete_function()) == convolutions + products


def test_merging_the_heads_saves_the_way_through_the_heat_maps():
    plain, merged = (macs(graph(GraphOptions(rewrites=some))) for some in (NONE, frozenset({Rewrite.MERGED_HEADS})))
    maps = 16 * 16 * network().width * network().joints
    assert plain - merged == 2 * maps  # to the heat maps and back
