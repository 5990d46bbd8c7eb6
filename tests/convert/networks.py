"""Random weights for tiny networks."""

import numpy as np

from lapx_tf.models.lapx import LAPX


def randomize(model: LAPX, seed: int = 0) -> LAPX:
    """Random weights, statistics, gates and gamma; sized so that the signal neither dies nor explodes."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        leaf, shape = weight.path.rsplit("/", 1)[-1], tuple(weight.shape)
        if leaf == "released":
            continue
        if leaf == "moving_variance":
            value = rng.uniform(0.5, 1.5, shape)
        elif leaf in ("gamma", "gate"):
            value = rng.uniform(0.5, 1.2, shape)
        elif leaf == "kernel":
            inputs = shape[:2] if "depthwise" in weight.path else shape[:-1]
            value = rng.normal(0, np.prod(inputs) ** -0.5, shape)
        else:
            value = rng.normal(0, 0.2, shape)
        weight.assign(value.astype(np.float32))
    return model
