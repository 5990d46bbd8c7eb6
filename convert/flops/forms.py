"""The graphs that are converted: LAPX by `convert.graph`, the baselines with the same rewrites, as far as they concern them.

Of the rewrites that `convert.graph.options.SUITED` has for a target, `BROADCAST_UPSAMPLE` and `NORM_IN_ONE_PASS` are made of
all networks alike. `MERGED_HEADS` would take 0.4% of its multiply-accumulates from the hourglass and nothing from Lite-HRNet;
`COLUMN_BLOCKS` is of LAPX's attention alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from convert.graph.network import heatmaps_of
from convert.graph.options import FOR_FLOAT, FOR_INT8, GraphOptions
from lapx_tf.models.baselines.layers import AddUpsampled, MultiplyUpsampled
from lapx_tf.models.lapx import LAPX
from lapx_tf.models.norm import BatchNorm


def function_of(model: keras.Model, size: tuple[int, int], target: str, integers: bool) -> Any:
    """The graph of a network in inference, as the converters take it.

    Args:
        model: of `networks.Network.made`.
        size: (height, width) of its input.
        target: see `GraphOptions`: `cpu` or `onnx`.
        integers: whether it will be quantised for LiteRT.

    Returns:
        A `tf.types.experimental.ConcreteFunction` from `image`, float32 [1, H, W, 3], to `heatmaps` [1, H / 4, W / 4, K].
    """
    image = tf.TensorSpec((1, *size, 3), tf.float32, "image")
    if isinstance(model, LAPX):
        options = GraphOptions(target=target, rewrites=FOR_INT8 if integers else FOR_FLOAT)
        graph = partial(heatmaps_of, model=model, stacks=len(model.stacks), scale=np.ones(3), rewrites=options.applied)
    else:
        graph = _frozen(keras_graph(for_xnnpack(model, integers) if target == "cpu" else model, size))
    return tf.compat.v1.wrap_function(lambda image: tf.identity(graph(image), "heatmaps"), [image])


def keras_graph(model: keras.Model, size: tuple[int, int]) -> Any:
    """The graph of a network as Keras builds it, for one image of (height, width)."""
    image = tf.TensorSpec((1, *size, 3), tf.float32, "image")
    return tf.function(lambda image: model(image, training=False)).get_concrete_function(image)


def _frozen(function: Any) -> Callable[[tf.Tensor], tf.Tensor]:
    """The same with its weights as constants, as the converters' other graphs have them."""
    constant = convert_variables_to_constants_v2(function)
    content, (output,) = constant.graph.as_graph_def(), constant.outputs
    return lambda image: tf.graph_util.import_graph_def(content, {"image": image}, [output.name], "")[0]


def for_xnnpack(model: keras.Model, integers: bool) -> keras.Model:
    """A baseline with the rewrites made: the same numbers up to rounding.

    Args:
        model: of Keras' functional interface.
        integers: pool by convolutions, because XNNPACK's pooling takes no integers.
    """
    maker = {id(layer.output): layer for layer in model.layers}

    def rewritten(layer: layers.Layer) -> layers.Layer:
        config = layer.get_config()
        if isinstance(layer, AddUpsampled | MultiplyUpsampled):
            return type(layer).from_config({**config, "broadcast": True})
        if isinstance(layer, BatchNorm) and not isinstance(
            maker[id(layer.input)], layers.Conv2D | layers.DepthwiseConv2D
        ):
            return _NormInOnePass.from_config(config)
        if isinstance(layer, layers.AveragePooling2D) and integers:
            return _PoolingByConvolution(layer.pool_size[0], name=layer.name)
        return type(layer).from_config(config)

    clone: Any = keras.models.clone_model(model, clone_function=rewritten)
    clone.set_weights(model.get_weights())
    return clone


class _NormInOnePass(BatchNorm):
    """A normalisation that no convolution can take, as a 1x1 depthwise convolution: `Rewrite.NORM_IN_ONE_PASS`."""

    def call(self, inputs: Any, **_: Any) -> Any:
        """[B, H, W, C] -> the same shape, as in inference."""
        weights: tuple[Any, ...] = (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        gamma, beta, mean, variance = weights
        scale = gamma * ops.rsqrt(variance + self.epsilon)
        y: Any = ops.depthwise_conv(inputs, ops.reshape(scale, (1, 1, -1, 1)))
        return y + (beta - mean * scale)


class _PoolingByConvolution(layers.Layer):
    """The mean of squares of `side` pixels as a depthwise convolution."""

    def __init__(self, side: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.side = side

    def call(self, x: Any) -> Any:
        """[B, H, W, C] -> [B, H / side, W / side, C]."""
        kernel = ops.full((self.side, self.side, x.shape[-1], 1), 1 / self.side**2)
        return ops.depthwise_conv(x, kernel, strides=self.side)
