import importlib.util
import os
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest

from lapx_tf import geometry
from lapx_tf.codecs.dark import DECODERS
from lapx_tf.codecs.encode import encode
from lapx_tf.codecs.layers import IN_GRAPH, Decode
from tests.codecs.samples import random_joints, rough_maps
from tests.helpers import ROOT

TOLERANCE = {"quarter": 0, "dark": 1e-3}

PROGRAM = """
import sys, numpy, keras
from lapx_tf.codecs.layers import IN_GRAPH
heatmaps = numpy.load(sys.argv[1])["heatmaps"]
numpy.savez(sys.argv[2], **{name: keras.ops.convert_to_numpy(IN_GRAPH[name](heatmaps)) for name in IN_GRAPH})
assert "tensorflow" not in sys.modules or keras.backend.backend() == "tensorflow"
"""


def network(size: tuple[int, int], **arguments) -> keras.Model:
    heatmaps = keras.Input((*size, 3), batch_size=1)
    return keras.Model(heatmaps, Decode(**arguments)(heatmaps))


def assert_same(found: np.ndarray, heatmaps: np.ndarray, name: str) -> None:
    expected = DECODERS[name](heatmaps)
    np.testing.assert_allclose(found[..., :2], expected[..., :2], rtol=0, atol=TOLERANCE[name])
    np.testing.assert_array_equal(found[..., 2], expected[..., 2])


@pytest.mark.parametrize("size", [(9, 7), (1, 5), (3, 3), (2, 1)])
@pytest.mark.parametrize("name", DECODERS)
def test_decoding_in_the_graph_gives_what_numpy_gives(name, size):
    heatmaps = rough_maps(size)
    assert_same(np.asarray(IN_GRAPH[name](heatmaps)), heatmaps, name)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_decode_alike(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    heatmaps, source, out = rough_maps(), tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(source, heatmaps=heatmaps)
    command = [sys.executable, "-c", PROGRAM, str(source), str(out)]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "KERAS_BACKEND": backend})
    for name, found in np.load(out).items():
        assert_same(found, heatmaps, name)


def test_layer_gives_joints_in_pixels_of_the_crop_or_of_the_heat_map():
    joints = random_joints(10, (12, 16), joints=3, beyond=0.5)
    heatmaps = np.asarray(encode(joints, (12, 16), 1.5))
    np.testing.assert_allclose(np.asarray(Decode(stride=1)(heatmaps))[..., :2], joints[..., :2], atol=1e-3)
    in_crop = geometry.transform(geometry.crop_from_heatmap(), joints)
    np.testing.assert_allclose(np.asarray(Decode()(heatmaps))[..., :2], in_crop[..., :2], atol=4e-3)


def test_layer_decodes_in_float32_under_any_policy():
    heatmaps = np.zeros((1, 5, 5, 1), np.float32)
    heatmaps[0, 2, 2:4, 0] = [0.9, 0.9001]  # equal in float16
    found = np.asarray(Decode("quarter", stride=1, dtype="mixed_float16")(heatmaps))
    np.testing.assert_array_equal(found, DECODERS["quarter"](heatmaps))


def test_layer_survives_saving(tmp_path):
    model = network((8, 8), decoder="quarter", stride=2)
    model.save(tmp_path / "a.keras")
    loaded: Any = keras.models.load_model(tmp_path / "a.keras")
    assert (loaded.layers[-1].decoder, loaded.layers[-1].stride) == ("quarter", 2)
    assert loaded.output_shape == (1, 3, 3)


@pytest.mark.parametrize("arguments", [{"decoder": "soft"}, {"stride": 0}])
def test_layer_refuses_other_arguments(arguments):
    with pytest.raises(ValueError, match="must be"):
        Decode(**arguments)


@pytest.mark.parametrize("name", DECODERS)
def test_the_layer_in_a_tensorflow_lite_file_needs_no_tensorflow_and_gives_the_same(name):
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    size = (9, 7)
    model = network(size, decoder=name, stride=1)
    function = tf.function(model).get_concrete_function(tf.TensorSpec((1, *size, 3)))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    interpreter = Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    source, output = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    heatmaps = rough_maps(size)
    found = np.empty((len(heatmaps), 3, 3), np.float32)
    for index, one in enumerate(heatmaps):
        interpreter.set_tensor(source, one[None])
        interpreter.invoke()
        found[index] = interpreter.get_tensor(output)[0]
    assert_same(found, heatmaps, name)
