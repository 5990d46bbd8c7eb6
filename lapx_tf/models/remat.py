"""Gradient checkpointing (Chen et al., arXiv 1604.06174): memory for time, on any of Keras' backends."""

from typing import Any

import keras
from keras import layers, ops


def rematerialized(layer: layers.Layer, inputs: Any) -> Any:
    """What `layer(inputs, training=True)` gives; what is computed on the way is not kept for the gradient, but computed again.

    `keras.remat` wants a function without side effects: TensorFlow would move the statistics of the batch normalisation a
    second time when it computes them again, and JAX would let them out of the function. So they come out as results here, and
    the layer gets them once.

    Args:
        layer: built; every result of it is a tensor.
        inputs: a tensor.

    Returns:
        A list of its results, one if it gives one.
    """
    trained, moved = layer.trainable_variables, layer.non_trainable_variables

    def call(inputs: Any, *values: Any) -> list[Any]:
        with keras.StatelessScope(state_mapping=list(zip([*trained, *moved], values, strict=True))) as scope:
            outputs = layer(inputs, training=True)
        after = [ops.stop_gradient(scope.get_current_value(variable)) for variable in moved]
        # TensorFlow begins to compute again when the gradient of the first result is there. So what goes on to the next layer
        # comes first: the gradient of a stack's heat maps is there early, and all stacks would be computed again together.
        return [*keras.tree.flatten(outputs), *after]

    # Copies of what is assigned below: PyTorch changes it in place, and the gradient needs what it was.
    before = [ops.copy(variable.value) for variable in moved]
    results = keras.remat(call)(inputs, *(variable.value for variable in trained), *before)
    outputs, after = results[: len(results) - len(moved)], results[len(results) - len(moved) :]
    for variable, value in zip(moved, after, strict=True):
        variable.assign(value)
    return outputs
