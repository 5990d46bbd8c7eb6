"""Networks in files of other versions of this package."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lapx_tf.errors import InputError
from lapx_tf.models import storage
from lapx_tf.skeletons import LSP_14
from tests.helpers import FIXTURES

OLD = FIXTURES / "format_1.keras"
"""As commit 92b1b88 wrote it, before a format version was stored; `format_1.npz` has heat maps that it gave then."""


def test_a_network_that_the_first_version_wrote_gives_the_same_heat_maps():
    network = storage.load(OLD)
    assert network.skeleton == LSP_14
    assert network.training_notes == {"dataset": "none, random weights"}
    with np.load(FIXTURES / "format_1.npz") as then:
        np.testing.assert_allclose(network.predict_on_batch(then["image"]), then["heatmaps"], atol=1e-5)


def test_a_network_of_the_paper_s_form_is_stored_so_that_the_first_version_reads_it(tmp_path: Path):
    storage.save(storage.load(OLD), tmp_path / "again.keras")
    assert config_of(tmp_path / "again.keras")["config"]["format_version"] == 1


@pytest.mark.parametrize("version", [99, 0, "2", None])
def test_a_version_that_is_not_known_is_refused_in_words(tmp_path: Path, version: object):
    newer, fields = tmp_path / "newer.keras", config_of(OLD)
    fields["config"] |= {"format_version": version, "of_the_future": 1}
    with zipfile.ZipFile(OLD) as before, zipfile.ZipFile(newer, "w") as after:
        for name in before.namelist():
            after.writestr(name, json.dumps(fields) if name == "config.json" else before.read(name))
    with pytest.raises(InputError, match=f"newer.keras: .* up to format version 2, got {version!r}: update lapx-tf"):
        storage.load(newer)


def config_of(path: Path) -> dict:
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read("config.json"))
