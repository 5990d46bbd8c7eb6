"""What several tests build: paths, the smallest network, a data set on disk."""

from pathlib import Path

import cv2
import numpy as np

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
