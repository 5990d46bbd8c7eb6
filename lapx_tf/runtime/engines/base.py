"""What all engines share: a runtime that may be missing, and errors in one sentence."""

import importlib
import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.spec import TensorSpec

UNKNOWN = -1
"""A side that the file leaves open, such as the batch."""


class Engine(ABC):
    """A model's file in a runtime. It is not to be used by two threads at once.

    Args:
        model: the file.
        threads: how many threads the runtime may use.

    Attributes:
        inputs: what goes in, as the file says; sides that it leaves open are `UNKNOWN`.
        outputs: what comes out, likewise.

    Raises:
        InputError: the runtime is not installed or can't load the file, or there is no thread.
    """

    runtime: ClassVar[str]
    """The Python package that computes, by the name it is installed by."""

    module: ClassVar[str]
    """What that package is imported as."""

    remedy: ClassVar[str]
    """How one gets it."""

    knows_quantization: ClassVar[bool] = True
    """Whether such a file says what its stored integers mean."""

    errors: tuple[type[Exception], ...] = (ValueError, RuntimeError)
    """What the runtime raises where it can't load or run a model."""

    inputs: Sequence[TensorSpec]
    outputs: Sequence[TensorSpec]

    def __init__(self, model: Path, threads: int = 1) -> None:
        if threads < 1:
            raise InputError(f"threads must be 1 or more, got {threads}")
        self.model, self.threads = model, threads

    @classmethod
    def is_installed(cls) -> bool:
        """Whether the runtime is there; it is not imported."""
        return importlib.util.find_spec(cls.module) is not None

    def run(self, stored: Sequence[NDArray], outputs: Sequence[int]) -> list[NDArray]:
        """Computes the model once.

        Args:
            stored: a value for each of `inputs`, as the file stores it.
            outputs: which of `outputs` to give, by their index.

        Raises:
            InputError: the runtime fails.
        """
        try:
            return self._run(stored, outputs)
        except self.errors as error:
            raise self._failure("run", error) from error

    @abstractmethod
    def _run(self, stored: Sequence[NDArray], outputs: Sequence[int]) -> list[NDArray]:
        """See `run`."""

    def _import(self, name: str) -> Any:
        """A module of the runtime.

        Raises:
            InputError: it is not installed, or does not work with what else is.
        """
        if not self.is_installed():
            raise InputError(f"{self.model} needs {self.runtime}: {self.remedy}")
        try:
            return importlib.import_module(name)
        except ImportError as error:
            raise InputError(f"{self.runtime} can't be imported: {_first_line(error)}") from error

    def _failure(self, done: str, error: Exception) -> InputError:
        return InputError(f"{self.model} can't be {done} by {self.runtime}: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
