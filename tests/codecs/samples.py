"""Joints and heat maps for the tests of the codecs."""

import numpy as np


def random_joints(count: int, size: tuple[int, int], joints: int = 4, beyond: float = 0.0, seed: int = 0) -> np.ndarray:
    """Joints anywhere from the first to the last pixel's centre, or by up to `beyond` outside; some on corners."""
    rng = np.random.default_rng(seed)
    low, high = np.full(2, -beyond), np.array([size[1] - 1, size[0] - 1]) + beyond
    xy = rng.uniform(low, high, (count, joints, 2))
    xy[:4, 0] = [low, high, [low[0], high[1]], [high[0], low[1] + 0.4]]
    return np.concatenate([xy, np.ones((count, joints, 1))], axis=-1).astype(np.float32)


def rough_maps(size: tuple[int, int] = (9, 7)) -> np.ndarray:
    """What networks give at worst: noise, ties, ridges, plateaus, nothing positive, nothing at all, tiny and huge values."""
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(12, *size, 3)).astype(np.float32)
    kinds = [
        noise,
        np.round(noise, 1),
        np.round(noise[:, :1], 1) + 0 * noise,
        np.minimum(noise, 0.5),
        -np.abs(noise) - 1,
        np.zeros_like(noise),
        np.copysign(0, noise),
        1e-30 * noise,
        1e30 * noise,
    ]
    return np.concatenate(kinds).astype(np.float32)
