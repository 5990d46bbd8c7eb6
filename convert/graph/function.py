"""The exported graph as a function of one image."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from convert.graph.network import heatmaps_of
from convert.graph.options import GraphOptions
from lapx_tf import pixels
from lapx_tf.codecs.layers import Decode
from lapx_tf.errors import InputError
from lapx_tf.models.lapx import LAPX


def inference_function(model: LAPX, options: GraphOptions) -> tf.types.experimental.ConcreteFunction:
    """What the network computes in inference, as a graph for the converters.

    The batch is one: a free one costs ONNX 'Shape', 'Gather' and 'Slice' nodes, and the sessions run crop by crop.

    Args:
        model: the whole network; its weights are copied into the graph.
        options: what the graph takes and gives.

    Returns:
        A function of the tensor `image`; its output is called `heatmaps` or `keypoints`.

    Raises:
        InputError: the network has not that many stacks, no fixed size and none is given, or no names of joints to mirror.
    """
    dtype = tf.uint8 if options.pixel_values == "uint8" else tf.float32
    image = tf.TensorSpec((1, *_size(model, options), 3), dtype, "image")
    # `tf.function` would call the output Identity, and the converters keep that.
    return tf.compat.v1.wrap_function(_graph(model, options), [image])


def _graph(model: LAPX, options: GraphOptions) -> Callable[[tf.Tensor], tf.Tensor]:
    stacks, flip_order = _stacks(model, options), _flip_order(model, options)
    decode = Decode("quarter")

    def graph(image: tf.Tensor) -> tf.Tensor:
        x = tf.cast(image, tf.float32)
        if options.flip_test:
            x = tf.concat([x, _mirrored(x)], 0)
        x, scale = _centred(x, options)
        y = heatmaps_of(x, model, stacks, scale, options.applied)
        if options.flip_test:
            # As `lapx_tf.codecs.decode.merge_flipped`.
            y = (y[:1] + tf.gather(_mirrored(y[1:]), flip_order, axis=-1)) / 2
        return tf.identity(decode(y) if options.output == "keypoints" else y, options.output)

    return graph


def _centred(image: tf.Tensor, options: GraphOptions) -> tuple[tf.Tensor, NDArray[np.float64]]:
    """Something that is the network's input once multiplied by a scale [3], which the first convolution can take.

    The mean it can't take: the image's border is padded with zeros after the normalisation, that is with the mean colour.
    """
    if options.pixel_values == "normalized":
        return image, np.ones(3)
    mean, std = 255 * np.asarray(pixels.MEAN), 255 * np.asarray(pixels.STD)
    return image - tf.constant(mean, tf.float32), 1 / std


def _mirrored(x: tf.Tensor) -> tf.Tensor:
    return tf.reverse(x, [2])


def _size(model: LAPX, options: GraphOptions) -> tuple[int, int]:
    height, width = options.size or model.image_size
    if height is None or width is None:
        raise InputError("the network takes any input size: one must be given to export it")
    return height, width


def _stacks(model: LAPX, options: GraphOptions) -> int:
    stacks = len(model.stacks) if options.stacks is None else options.stacks
    if not 1 <= stacks <= len(model.stacks):
        raise InputError(f"stacks must be 1 to {len(model.stacks)} for this network, got {stacks}")
    return stacks


def _flip_order(model: LAPX, options: GraphOptions) -> list[int]:
    if not options.flip_test:
        return []
    if model.skeleton is None:
        raise InputError("the network does not say which joints mirror each other, so a flip test would mix them up")
    return model.skeleton.flip_order
