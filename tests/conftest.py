"""Shared by all tests: quiet TensorFlow, the real data where it is there, tiny networks and data sets."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

from pathlib import Path

import pytest

from tests.helpers import ROOT, TINY, randomize


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

    return randomize(LAPX(**TINY, skeleton=MPII_16, name="tiny"))
