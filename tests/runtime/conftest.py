"""The tiny models of `tests.runtime.dots`, and pictures for them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lapx_tf.skeletons import Skeleton
from lapx_tf.spec import ModelSpec, sidecar_of
from tests.runtime import dots


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same network as several files, by name; not to be changed (see `copy_of`)."""
    return dots.write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def copy_of(models: dict[str, Path], tmp_path: Path) -> Callable[..., Path]:
    """Copies a model and its JSON, with fields of the spec replaced."""

    def copy(name: str, **changes: object) -> Path:
        model = tmp_path / models[name].name
        model.write_bytes(models[name].read_bytes())
        spec = ModelSpec.from_dict(json.loads(sidecar_of(models[name]).read_text()))
        sidecar_of(model).write_text(json.dumps(replace(spec, **changes).to_dict()))
        return model

    return copy


@pytest.fixture(scope="session")
def paint() -> Callable[..., np.ndarray]:
    """See `tests.runtime.dots.paint`."""
    return dots.paint


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    """The five dots."""
    return dots.SKELETON
