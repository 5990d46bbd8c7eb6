"""The import directions of the architecture: what runs on the device needs neither TensorFlow nor Keras."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import ROOT

HEAVY = {"tensorflow", "keras", "jax", "torch"}
ON_DEVICE = [
    "runtime",
    "silence",
    "geometry",
    "skeletons",
    "spec",
    "pixels",
    "images",
    "commands",
    "errors",
    "stopping",
    "pretrained",
    "codecs/decode",
    "codecs/dark",
]
KERAS_ONLY = ["models", "losses", "metrics", "callbacks", "codecs/encode", "codecs/layers"]
FUSED = ROOT / "lapx_tf/models/norm.py"  # has TensorFlow's fused kernel, and uses it where TensorFlow is the backend


def sources(part: str) -> list[Path]:
    path = ROOT / part
    found = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    assert found
    assert all(file.is_file() for file in found)
    return found


def imported(file: Path) -> Iterator[str]:
    """The modules that a file names in an import, wherever in the file."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports are not this project's way"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def packages(part: str) -> set[str]:
    return {name.partition(".")[0] for file in sources(part) for name in imported(file)}


@pytest.mark.parametrize("part", ON_DEVICE)
def test_on_device_code_names_no_heavy_package(part):
    assert not packages(f"lapx_tf/{part}") & HEAVY


@pytest.mark.parametrize("part", ON_DEVICE)
def test_on_device_code_imports_on_device_code_only(part):
    allowed = {f"lapx_tf.{name.replace('/', '.')}" for name in [*ON_DEVICE, "version"]}
    ours = {name for file in sources(f"lapx_tf/{part}") for name in imported(file) if name.startswith("lapx_tf.")}
    stray = {name for name in ours if not any(name == good or name.startswith(f"{good}.") for good in allowed)}
    assert not {name for name in stray if (ROOT / f"{name.replace('.', '/')}.py").is_file()}


@pytest.mark.parametrize("part", KERAS_ONLY)
def test_network_and_training_parts_run_on_any_backend(part):
    named = {name.partition(".")[0] for file in sources(f"lapx_tf/{part}") if file != FUSED for name in imported(file)}
    assert not named & (HEAVY - {"keras"})


def test_the_library_imports_neither_train_nor_convert_and_those_not_each_other():
    assert not packages("lapx_tf") & {"train", "convert"}
    assert "convert" not in packages("train")
    assert "train" not in packages("convert")


def loaded_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*sorted(name.partition('.')[0] for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_a_fresh_interpreter_loads_nothing_heavy_on_the_device():
    modules = [f"lapx_tf.{name.replace('/', '.')}" for name in ON_DEVICE]
    files = [file for file in sources("lapx_tf/runtime") if file.stem != "__init__"]
    modules += [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    assert not loaded_by(f"import {', '.join(modules)}") & HEAVY
    assert not loaded_by("from lapx_tf import PoseEstimator") & HEAVY


def test_importing_the_package_loads_not_even_numpy():
    assert not loaded_by("import lapx_tf") & (HEAVY | {"numpy", "cv2"})


def test_every_public_name_can_be_had():
    import lapx_tf

    for name in lapx_tf.__all__:
        assert getattr(lapx_tf, name) is not None
    with pytest.raises(AttributeError, match="public names"):
        _ = lapx_tf.Nothing
