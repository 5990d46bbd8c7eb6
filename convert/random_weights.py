"""Random weights to time a network with: neither time nor memory depends on what weights say."""

import keras
import numpy as np


def move_off_identity(model: keras.Model) -> None:
    """Moves those weights of a new network that begin as 0 or 1: a converter may leave out what multiplies by them."""
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.path.endswith(("gate", "gamma", "beta", "moving_mean")):
            weight.assign(weight.numpy() + rng.uniform(0.05, 0.15, weight.shape))
