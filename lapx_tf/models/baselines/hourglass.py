"""The plain stacked hourglass (Newell et al., ECCV 2016, arXiv 1603.06937), with random weights.

What LAPX is made lighter from: the same nest of skips, with full convolutions in the bottlenecks and without attention.
"""

from typing import Any

import keras
from keras import layers

from lapx_tf.models.baselines.blocks import activated, conv, normalized
from lapx_tf.models.baselines.layers import AddUpsampled
from lapx_tf.models.layers import Shape


def stacked_hourglass(
    stacks: int = 2,
    filters: int = 256,
    depth: int = 4,
    joints: int = 16,
    input_shape: Shape = (256, 256, 3),
    name: str = "hourglass",
) -> keras.Model:
    """The network with one bottleneck in each place: with two stacks 6,730,912 parameters, 8.99 GMAC at 256x256.

    Args:
        stacks: number of hourglasses.
        filters: channels of their features, a multiple of 4.
        depth: poolings in an hourglass.
        joints: number of heat maps K.
        input_shape: (H, W, 3), H and W multiples of 4 * 2^depth.
        name: of the model.

    Returns:
        From images [B, H, W, 3] to the last stack's heat maps [B, H / 4, W / 4, K].

    Raises:
        ValueError: an argument is outside its range.
    """
    least = 4 << depth
    if any(side is None or side % least for side in input_shape[:2]):
        raise ValueError(f"`input_shape` must have sides that are multiples of {least}, got {tuple(input_shape)}")
    if stacks < 1 or filters < 4 or filters % 4:
        raise ValueError(f"`stacks` must be at least 1 and `filters` a multiple of 4, got {stacks} and {filters}")
    image = layers.Input(input_shape, name="image")
    x = _stem(image, filters)
    for _ in range(stacks - 1):
        y = _features(x, depth)
        x = layers.Add()([x, conv(y, filters), conv(conv(y, joints), filters)])
    return keras.Model(image, conv(_features(x, depth), joints), name=name)


def _stem(image: Any, filters: int) -> Any:
    """[B, H, W, 3] -> [B, H / 4, W / 4, filters]."""
    x = activated(normalized(conv(image, filters // 4, 7, strides=2)), "relu")
    x = layers.MaxPooling2D(2)(_bottleneck(x, filters // 2))
    return _bottleneck(_bottleneck(x, filters), filters)


def _features(x: Any, depth: int) -> Any:
    """What a stack's heat maps are made of."""
    filters = x.shape[-1]
    return activated(normalized(conv(_bottleneck(_hourglass(x, depth), filters), filters)), "relu")


def _hourglass(x: Any, depth: int) -> Any:
    """Down by 2 `depth` times and up again, with a skip at each level: [B, H, W, C] -> the same shape."""
    filters = x.shape[-1]
    skip = _bottleneck(x, filters)
    low = _bottleneck(layers.MaxPooling2D(2)(x), filters)
    low = _hourglass(low, depth - 1) if depth > 1 else _bottleneck(low, filters)
    return AddUpsampled(2)([skip, _bottleneck(low, filters)])


def _bottleneck(x: Any, filters: int) -> Any:
    """Pre-activation: 1x1 to half the channels, 3x3, 1x1 back, and the residual, projected where the channels change."""
    y = x
    for width, kernel_size in ((filters // 2, 1), (filters // 2, 3), (filters, 1)):
        y = conv(activated(normalized(y), "relu"), width, kernel_size)
    return layers.Add()([y, x if x.shape[-1] == filters else conv(x, filters)])
