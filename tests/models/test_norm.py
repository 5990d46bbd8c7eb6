import keras
import numpy as np
import pytest
import tensorflow as tf

from lapx_tf.models.norm import BatchNorm


def trained(layer: keras.layers.Layer, x: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """What a step of training sees of a layer: its output, all gradients, its statistics afterwards."""
    layer.build(x.shape)
    layer.gamma.assign(np.linspace(0.5, 2, x.shape[-1]))
    layer.beta.assign(np.linspace(-1, 1, x.shape[-1]))
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        output = layer(inputs, training=True)
        loss = tf.reduce_sum(output * weights)
    gradients = tape.gradient(loss, [inputs, layer.gamma.value, layer.beta.value])
    named = dict(zip(("by_input", "by_gamma", "by_beta"), gradients, strict=True))
    return {key: np.asarray(value) for key, value in named.items()} | {
        "output": np.asarray(output),
        "mean": np.asarray(layer.moving_mean),
        "variance": np.asarray(layer.moving_variance),
    }


@pytest.mark.parametrize("shape", [(4, 6, 5, 3), (2, 1, 1, 3)])
def test_the_fused_kernel_trains_as_keras_does(shape):
    rng = np.random.default_rng(0)
    x = rng.normal(2, 3, shape).astype(np.float32)
    weights = rng.normal(size=shape).astype(np.float32)
    fused = trained(BatchNorm(momentum=0.9, epsilon=1e-5), x, weights)
    plain = trained(keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5), x, weights)
    assert fused.keys() == plain.keys()
    for key, value in plain.items():
        np.testing.assert_allclose(fused[key], value, rtol=1e-4, atol=1e-4, err_msg=key)


def test_frozen_it_uses_its_statistics_and_leaves_them():
    layer = BatchNorm()
    layer.build((None, 4, 4, 3))
    layer.trainable = False
    x = np.full((2, 4, 4, 3), 5, np.float32)
    np.testing.assert_allclose(layer(x, training=True), x, rtol=1e-3)
    np.testing.assert_array_equal(layer.moving_mean, np.zeros(3))


def test_half_precision_keeps_its_statistics_in_float32():
    layer = BatchNorm(momentum=0.0, dtype="mixed_bfloat16")
    x = np.random.default_rng(0).normal(3, 1, (4, 8, 8, 2)).astype(np.float32)
    output = layer(x, training=True)
    assert output.dtype == tf.bfloat16
    np.testing.assert_allclose(layer.moving_mean, x.mean((0, 1, 2)), rtol=1e-2)
    assert layer.moving_mean.dtype == "float32"
