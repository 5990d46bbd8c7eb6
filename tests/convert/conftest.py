"""Tiny networks whose weights are random in every place, so that a mix-up of two weights shows."""

from pathlib import Path

import pytest

from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX
from lapx_tf.skeletons import MPII_16
from tests.helpers import randomize

SIZE = (64, 64)


@pytest.fixture(scope="session")
def network() -> LAPX:
    """One stack with NonLocal; not to be changed."""
    notes = {"dataset": "none, random weights"}
    return randomize(LAPX(16, 1, 2, (1,), 16, (*SIZE, 3), MPII_16, notes, name="tiny"))


@pytest.fixture(scope="session")
def keras_file(network: LAPX, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network as `tiny.keras`."""
    path = tmp_path_factory.mktemp("keras") / "tiny.keras"
    storage.save(network, path)
    return path
