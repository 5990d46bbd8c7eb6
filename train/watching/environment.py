"""On what a run was trained: versions, machine, and the commit where it runs from a checkout."""

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

import keras

from lapx_tf.runtime.benchmark import cpu_name

PACKAGES = {"tensorflow": ("tensorflow", "tensorflow-cpu"), "jax": ("jax",), "torch": ("torch",)}
"""What a backend of Keras may be installed as."""


def environment() -> dict[str, str]:
    """Facts by name, for people to read."""
    backend, tensor = keras.backend.backend(), cast(Any, keras.ops.zeros(()))
    found = {
        "lapx_tf": _version("lapx-tf"),
        "commit": commit(Path(__file__).parent),
        "backend": f"{backend} {_version(*PACKAGES.get(backend, ()))}",
        "keras": _version("keras"),
        "numpy": _version("numpy"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": f"{cpu_name()}, {_cores()} cores",
        "device": str(tensor.device).rpartition("/device:")[2],
    }
    return {name: fact for name, fact in found.items() if fact}


def commit(folder: Path) -> str:
    """The commit that is checked out in a folder, and whether files differ from it; empty outside of a checkout."""
    described = ["git", "-C", str(folder), "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(described, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):  # no git here
        return ""
    return done.stdout.strip().replace("-dirty", ", with changes")


def _version(*names: str) -> str:
    """Of the first of the packages that is installed."""
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return ""


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
