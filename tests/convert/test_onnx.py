"""ONNX files: Keras' numbers in every precision, layout and opset, with the standard's operations alone."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf
from onnx import numpy_helper

from convert import onnx as writer
from convert.graph import inference_function
from convert.graph.options import GraphOptions
from convert.onnx_precision import SMALLEST
from lapx_tf import geometry, pixels
from lapx_tf.codecs.decode import decode, merge_flipped
from lapx_tf.errors import GateError
from lapx_tf.models.lapx import LAPX
from lapx_tf.skeletons import MPII_16
from lapx_tf.spec import TensorSpec
from tests.helpers import randomize

ABOUT = {"description": "finds joints", "licence": "research use", "provenance": "tiny.keras"}
PLAIN = GraphOptions(target="onnx")
JOINTS = GraphOptions("uint8", "keypoints", flip_test=True, target="onnx")


@pytest.fixture(scope="module")
def network() -> LAPX:
    """Smaller than that of the other tests: tf2onnx takes its time."""
    return randomize(LAPX(8, 1, 1, (1,), 16, (64, 64, 3), MPII_16, name="tiny"))


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """uint8 [4, 64, 64, 3], smooth."""
    noise = tf.random.stateless_uniform((4, 6, 6, 3), seed=(1, 2), maxval=255)
    return tf.image.resize(noise, (64, 64), "bicubic").numpy().clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def write(network, pictures, tmp_path_factory) -> Callable[..., Path]:
    """Converts the network, each way once."""
    files: dict[tuple, Path] = {}

    def written(
        options: GraphOptions = PLAIN, precision: str = "float32", opset: int = 17, layout: str = "nhwc"
    ) -> Path:
        key = (options, precision, opset, layout)
        if key not in files:
            files[key] = tmp_path_factory.mktemp("onnx") / "tiny.onnx"
            crops = pixels.normalize(pictures) if options.pixel_values == "normalized" else pictures.astype(np.float32)
            writer.write(inference_function(network, options), files[key], precision, opset, layout, crops, ABOUT)
        return files[key]

    return written


@pytest.fixture(scope="module")
def heatmaps(network, pictures) -> np.ndarray:
    """Keras', of the pictures and of the mirrored pictures."""
    crops = pixels.normalize(pictures)
    return network.predict_on_batch(np.concatenate([crops, crops[:, :, ::-1]]))


def run(file: Path, crops: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == ["image"]
    return np.concatenate([np.asarray(session.run(None, {"image": crop[None]})[0]) for crop in crops])


def count(file: Path) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load(file).graph.node)


def signal_to_noise(expected: np.ndarray, found: np.ndarray) -> float:
    return float(10 * np.log10(expected.var() / np.mean((found - expected) ** 2)))


@pytest.mark.parametrize(("precision", "bound"), [("float32", 1e-5), ("float16", 1e-3)])
def test_floats_agree_with_keras(write, heatmaps, pictures, precision, bound):
    found = run(write(precision=precision), pixels.normalize(pictures))
    expected = heatmaps[: len(pictures)]
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < bound * np.ptp(expected)


def test_int8_agrees_with_keras(write, heatmaps, pictures):
    found = run(write(precision="int8"), pixels.normalize(pictures))
    assert found.dtype == np.float32
    assert signal_to_noise(heatmaps[: len(pictures)], found) > 10


def test_the_ends_are_the_same_in_every_precision(write):
    for precision in ("float32", "float16", "int8"):
        ends = writer.tensors(write(precision=precision))
        assert ends == (TensorSpec("image", (1, 64, 64, 3)), TensorSpec("heatmaps", (1, 16, 16, 16)))
    assert writer.tensors(write(JOINTS)) == (
        TensorSpec("image", (1, 64, 64, 3), "uint8"),
        TensorSpec("keypoints", (1, 16, 3)),
    )


def test_channels_first_saves_the_first_transpose(write, pictures):
    rows_first, channels_first = write(), write(layout="nchw")
    assert writer.tensors(channels_first)[0] == TensorSpec("image", (1, 3, 64, 64))
    assert count(channels_first)["Transpose"] == count(rows_first)["Transpose"] - 1
    crops = pixels.normalize(pictures)
    np.testing.assert_array_equal(run(channels_first, crops.transpose(0, 3, 1, 2)), run(rows_first, crops))


def test_int8_with_channels_first_is_calibrated_with_channels_first(write, pictures):
    crops = pixels.normalize(pictures)
    found = run(write(precision="int8", layout="nchw"), crops.transpose(0, 3, 1, 2))
    assert signal_to_noise(run(write(), crops), found) > 10


@pytest.mark.parametrize(("precision", "opset"), [("float32", 13), ("int8", 13), ("int8", 18)])
def test_any_opset_offered_gives_the_same(write, pictures, precision, opset):
    file = write(precision=precision, opset=opset)
    assert [(one.domain, one.version) for one in onnx.load(file).opset_import] == [("", opset)]
    crops = pixels.normalize(pictures)
    expected = run(write(precision=precision), crops)
    assert np.abs(run(file, crops) - expected).max() < 1e-5 * np.ptp(expected)


def test_joints_decoded_inside_are_keras_joints(write, heatmaps, pictures, network):
    merged = merge_flipped(*np.split(heatmaps, 2), network.skeleton.flip_order)
    expected = geometry.transform(geometry.crop_from_heatmap(), decode(merged))
    found = run(write(JOINTS), pictures)
    np.testing.assert_allclose(found[..., 2], expected[..., 2], rtol=0, atol=1e-5 * np.ptp(heatmaps))
    # Where two places are equal but for rounding, either may be the maximum.
    assert np.mean(np.abs(found - expected)[..., :2].max(axis=-1) < 1e-3) > 0.95


def test_int8_decodes_in_float(write, pictures):
    """Joints in 8 bits would lie on steps of a quarter of a pixel at best: they are exactly those of the int8 heat maps."""
    joints = GraphOptions(output="keypoints", target="onnx")
    crops = pixels.normalize(pictures)
    expected = geometry.transform(geometry.crop_from_heatmap(), decode(run(write(precision="int8"), crops)))
    np.testing.assert_allclose(run(write(joints, "int8"), crops), expected, rtol=0, atol=1e-4)


def test_half_weights_take_half_the_bytes(write):
    full, half = (onnx.load(write(precision=precision)).graph.initializer for precision in ("float32", "float16"))
    weights = [one for one in full if np.prod(one.dims) >= SMALLEST and one.data_type == onnx.TensorProto.FLOAT]
    halves = [one for one in half if one.data_type == onnx.TensorProto.FLOAT16]
    assert len(weights) == len(halves) > 20
    assert sum(len(one.raw_data) for one in halves) == sum(4 * np.prod(one.dims) for one in weights) / 2


def test_all_convolutions_are_int8_with_a_scale_a_channel_and_7_bits(write):
    """More bits would overflow where a CPU has no VNNI."""
    graph = onnx.load(write(precision="int8")).graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    made_by = {node.output[0]: node for node in graph.node}
    convolutions = [[made_by[name] for name in node.input] for node in graph.node if node.op_type == "Conv"]
    assert len(convolutions) > 20
    for inputs in convolutions:
        assert {node.op_type for node in inputs} == {"DequantizeLinear"}
        kernel, scale = (stored[name] for name in inputs[1].input[:2])
        assert kernel.dtype == np.int8
        assert np.abs(kernel.astype(int)).max() <= 64
        assert scale.shape == (len(kernel),)


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
def test_a_file_says_what_it_is(write, precision):
    model = onnx.load(write(precision=precision))
    assert {one.key: one.value for one in model.metadata_props} == ABOUT
    assert model.doc_string == "finds joints"
    assert model.producer_name == "lapx-tf"


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
def test_only_the_standard_is_used(write, precision):
    file = write(precision=precision)
    assert writer.operators(file) == count(file)
    modes = [
        attribute.s
        for node in onnx.load(file).graph.node
        if node.op_type == "Resize"
        for attribute in node.attribute
        if attribute.name == "coordinate_transformation_mode"
    ]
    assert modes == [b"asymmetric"]


def test_an_operation_of_another_domain_fails_the_check(write, tmp_path):
    model = onnx.load(write())
    model.graph.node[3].domain, model.graph.node[3].op_type = "com.microsoft", "FusedConv"
    onnx.save(model, tmp_path / "fused.onnx")
    with pytest.raises(GateError, match=r"com\.microsoft\.FusedConv"):
        writer.operators(tmp_path / "fused.onnx")


def test_what_onnx_can_not_express_leaves_no_file(tmp_path, pictures):
    image = tf.TensorSpec((1, 4, 4, 3), tf.float32, "image")
    function = tf.compat.v1.wrap_function(lambda image: tf.math.digamma(image, "heatmaps"), [image])
    file = tmp_path / "digamma.onnx"
    with pytest.raises(GateError, match=r"ONNX can't express this network: .*Digamma"):
        writer.write(function, file, "float32", 17, "nhwc", pictures, ABOUT)
    assert list(tmp_path.iterdir()) == []
