"""The graph that is exported: what the Keras network computes in inference, written so that runtimes run it fast.

`inference_function` builds it from a network's weights with TensorFlow's operations; both converters start from it. Every
difference from the Keras graph is exact up to rounding and has a name in `Rewrite`.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    # When first used: the command knows `convert.graph.options` before it waits for TensorFlow.
    if name != "inference_function":
        raise AttributeError(f"convert.graph has no attribute {name!r}")
    from convert.graph.function import inference_function

    return inference_function
