"""Shared by all tests: quiet TensorFlow, the real data where it is there, tiny networks and data sets."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
TINY = {"width": 16, "stacks": 2, "depth": 2, "nonlocal_stacks": (1,), "joints": 16, "input_shape": (64, 64, 3)}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; a test that needs it is skipped where it is not there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data beside the project (../shared/data)")
    return folder


@pytest.fixture
def tiny_network():
    """An untrained LAPX of two small stacks whose gates, gamma and statistics are not at their trivial start."""
    from lapx_tf import LAPX
    from lapx_tf.skeletons import MPII_16

    model = LAPX(**TINY, skeleton=MPII_16, name="tiny")
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if "released" not in weight.path:
            low = 0.5 if "variance" in weight.path else -0.3
            weight.assign(rng.uniform(low, low + 0.8, weight.shape))
    return model


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
