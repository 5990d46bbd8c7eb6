"""What several tests build: paths, the smallest network, a data set on disk."""

from pathlib import Path

import cv2
import numpy as np

from lapx_tf.models.lapx import LAPX

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
TINY = {"width": 16, "stacks": 2, "depth": 2, "nonlocal_stacks": (1,), "joints": 16, "input_shape": (64, 64, 3)}


def write_lsp(folder: Path, count: int = 6, extended: bool = False, seed: int = 0) -> np.ndarray:
    """Writes a small data set in LSP's (or LSPET's) layout; returns its joints as stored."""
    import scipy.io

    rng = np.random.default_rng(seed)
    joints = rng.uniform(20, 80, (14, 3, count))
    joints[:, 2] = 1 if extended else 0
    if not extended:
        joints = joints.transpose(1, 0, 2)
    (folder / "images").mkdir(parents=True)
    for index in range(count):
        picture = rng.integers(0, 256, (100, 110, 3), np.uint8)
        cv2.imwrite(str(folder / "images" / f"im{index + 1:04d}.jpg"), picture)
    scipy.io.savemat(folder / "joints.mat", {"joints": joints})
    return joints


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
