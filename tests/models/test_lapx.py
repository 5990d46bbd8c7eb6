import keras
import numpy as np
import pytest

from lapx_tf import LAPX, presets
from lapx_tf.errors import InputError
from lapx_tf.models import storage
from lapx_tf.models.lapx import weights_by_path
from lapx_tf.skeletons import MPII_16
from tests.helpers import TINY


def trained_parameters(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def crops(height: int = 64, width: int = 64, count: int = 2) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(count, height, width, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("preset", "with_16", "with_17"),
    [
        (presets.lapx_2_stage, 2_319_979, 2_320_749),
        (presets.lapx, 2_277_675, 2_278_718),
        (presets.lapx_4_stage, 2_270_641, 2_271_905),
    ],
)
def test_presets_have_the_paper_s_parameters(preset, with_16, with_17):
    assert trained_parameters(preset()) == with_16
    assert trained_parameters(preset(joints=17)) == with_17


def test_training_gives_all_stacks_and_inference_the_last(tiny_network):
    images = crops()
    stacks = np.stack([np.asarray(maps) for maps in tiny_network.stack_heatmaps(images)], axis=1)
    assert stacks.shape == (2, 2, 16, 16, 16)
    np.testing.assert_array_equal(tiny_network(images), stacks[:, -1])
    np.testing.assert_allclose(tiny_network.predict(images, verbose=0), stacks[:, -1], atol=1e-5)
    assert tiny_network(images, training=True).shape == stacks.shape


def test_truncated_network_gives_the_inner_stack_s_heat_maps(tiny_network):
    cut = tiny_network.truncated(stacks=1)
    np.testing.assert_allclose(cut(crops()), tiny_network.stack_heatmaps(crops())[0], atol=1e-6)
    assert trained_parameters(cut) < trained_parameters(tiny_network) / 1.5
    assert cut.skeleton == MPII_16
    with pytest.raises(ValueError, match="must be 1 to 2, got 3"):
        tiny_network.truncated(stacks=3)


def test_every_argument_survives_saving_config_and_cloning(tmp_path, tiny_network):
    tiny_network.training_notes["dataset"] = "lsp"
    storage.save(tiny_network, tmp_path / "a.keras")
    loaded = storage.load(tmp_path / "a.keras")
    for other in (loaded, LAPX.from_config(tiny_network.get_config()), keras.models.clone_model(tiny_network)):
        assert other.get_config() == tiny_network.get_config()
        assert {path: w.shape for path, w in weights_by_path(other).items()} == {
            path: w.shape for path, w in weights_by_path(tiny_network).items()
        }
    np.testing.assert_array_equal(loaded(crops()), tiny_network(crops()))


@pytest.mark.parametrize("argument", ["width", "stacks", "depth", "nonlocal_stacks", "joints", "input_shape"])
def test_every_argument_is_in_the_config(argument):
    other = {"width": 24, "stacks": 3, "depth": 1, "nonlocal_stacks": (2,), "joints": 5, "input_shape": (None, None, 3)}
    config = LAPX(**{**TINY, argument: other[argument]}).get_config()[argument]
    assert (tuple(config) if isinstance(config, list) else config) == other[argument]


@pytest.mark.parametrize("size", [(384, 288), (100, 68)])
def test_sizes_that_do_not_divide_by_the_depth_work(size):
    model = LAPX(**{**TINY, "depth": 4, "input_shape": (None, None, 3)})
    fixed = LAPX(**{**TINY, "depth": 4, "input_shape": (*size, 3)})
    fixed.set_weights(model.get_weights())
    images = crops(*size, count=1)
    found = model.predict(images, verbose=0)
    assert found.shape == (1, size[0] // 4, size[1] // 4, 16)
    np.testing.assert_allclose(fixed.predict(images, verbose=0), found, atol=1e-5)


def test_gates_and_gamma_begin_at_zero():
    weights = weights_by_path(LAPX(**TINY))
    gates = [weight for path, weight in weights.items() if path.endswith("gate")]
    assert len(gates) == 2 * (3 * TINY["depth"] + 1)
    assert all(not gate.numpy().any() for gate in gates)
    assert float(weights["stack1/hourglass/attention/position/gamma"]) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"width": 30}, "multiple of 4, got 30"),
        ({"stacks": 0, "nonlocal_stacks": ()}, "at least 1"),
        ({"nonlocal_stacks": (3,)}, "stacks from 1 to 2"),
        ({"input_shape": (62, 64, 3)}, "multiples of 4"),
        ({"input_shape": (64, 64, 1)}, "height, width, 3"),
        ({"joints": 14, "skeleton": MPII_16}, "has 16 joints"),
    ],
)
def test_impossible_networks_are_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        LAPX(**{**TINY, **arguments})


def test_what_is_no_lapx_file_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "text.keras").write_text("no model")
    keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)]).save(tmp_path / "other.keras")
    whole = tmp_path / "whole.keras"
    storage.save(LAPX(**TINY), whole)
    (tmp_path / "cut.keras").write_bytes(whole.read_bytes()[:-2000])
    for name, sentence in (
        ("none.keras", "no such file"),
        ("text.keras", "not a whole Keras model"),
        ("cut.keras", "not a whole Keras model"),
        ("other.keras", "holds a Sequential"),
    ):
        with pytest.raises(InputError, match=sentence):
            storage.load(tmp_path / name)


def test_a_keras_file_can_not_run_code(tmp_path):
    inner = keras.Sequential([keras.layers.Input((2,)), keras.layers.Lambda(lambda x: x + 1)])
    inner.save(tmp_path / "lambda.keras")
    with pytest.raises(InputError, match="not a whole Keras model"):
        storage.load(tmp_path / "lambda.keras")
