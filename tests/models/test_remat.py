import importlib.util
import os
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest

from lapx_tf import LAPX
from lapx_tf.models.layers import Bottleneck
from lapx_tf.models.remat import rematerialized
from tests.helpers import ROOT, randomize

SHAPE = {"width": 8, "stacks": 2, "depth": 1, "nonlocal_stacks": (1,), "joints": 5, "input_shape": (32, 32, 3)}

PROGRAM = """
import sys, numpy
from tests.models.test_remat import trained
numpy.savez(sys.argv[1], **{str(int(remat)): trained(remat) for remat in (False, True)})
"""


class Network(keras.Model):
    """One bottleneck, which is quick to build on every backend."""

    def __init__(self, remat: bool) -> None:
        super().__init__()
        self.remat, self.block = remat, Bottleneck(8, gated=True)
        self.build((None, 6, 6, 8))
        rng = np.random.default_rng(0)
        for weight in self.weights:
            weight.assign(rng.uniform(0.2, 0.6, weight.shape))

    def build(self, input_shape) -> None:
        self.block.build(input_shape)

    def call(self, x, training: bool = False):
        return rematerialized(self.block, x)[0] if self.remat and training else self.block(x, training=training)


def trained(remat: bool, steps: int = 2) -> np.ndarray:
    """All weights, statistics included, after some steps."""
    network: Any = Network(remat)
    x = np.random.default_rng(1).normal(size=(2 * steps, 6, 6, 8)).astype(np.float32)
    network.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=keras.backend.backend() == "jax")
    if steps:
        network.fit(x, 0 * x, batch_size=2, shuffle=False, verbose=0)
    values: list[Any] = [keras.ops.convert_to_numpy(weight) for weight in network.weights]
    return np.concatenate([value.ravel() for value in values])


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_what_is_computed_again_gives_the_same_training(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "weights.npz")]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "KERAS_BACKEND": backend})
    kept, again = np.load(tmp_path / "weights.npz").values()
    np.testing.assert_allclose(again, kept, rtol=1e-4, atol=1e-5)
    begun = trained(remat=False, steps=0)
    assert (np.abs(kept - begun) > 1e-5).mean() > 0.9  # weights and statistics have moved


def test_tensorflow_computes_a_stack_again_only_when_the_gradient_of_the_next_has_come_through():
    import tensorflow as tf

    kept, again = (convolutions(graph_of(tf, remat)) for remat in (False, True))
    in_stem, in_stack = 3, 3 + 2  # bottlenecks: three; those of an hourglass of depth 1, and the one behind it
    assert len(kept) == in_stem + 2 * in_stack
    assert len(again) == len(kept) + in_stem + in_stack  # the last stack is not computed again
    waiting = [node for node in again if "DepthwiseConv2dNativeBackpropInput" in {each.type for each in before(node)}]
    assert len(waiting) == in_stem + in_stack


def graph_of(tf, remat: bool):
    network = LAPX(**SHAPE, remat=remat)

    @tf.function
    def gradients(images):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(network(images, training=True))
        return tape.gradient(loss, [weight.value for weight in network.trainable_weights])

    return gradients.get_concrete_function(tf.TensorSpec((2, 32, 32, 3))).graph


def convolutions(graph) -> list:
    """The depthwise convolutions, one in a bottleneck."""
    return [node for node in graph.get_operations() if node.type == "DepthwiseConv2dNative"]


def before(node) -> set:
    """The operations that must have run when this one runs."""
    found, todo = set(), [node]
    while todo:
        for each in [tensor.op for tensor in todo.pop().inputs]:
            if each not in found:
                found.add(each)
                todo.append(each)
    return found


def test_inference_does_not_change_and_the_choice_is_saved():
    images = np.random.default_rng(1).normal(size=(2, 32, 32, 3)).astype(np.float32)
    plain, checkpointed = (randomize(LAPX(**SHAPE, remat=remat)) for remat in (False, True))
    np.testing.assert_array_equal(plain(images), checkpointed(images))
    assert LAPX.from_config(checkpointed.get_config()).remat
    assert not LAPX.from_config({key: value for key, value in plain.get_config().items() if key != "remat"}).remat
