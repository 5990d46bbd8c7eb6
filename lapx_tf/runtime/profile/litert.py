"""The time of each operation of a `.tflite` file, inside XNNPACK too, from the profiler in LiteRT's library.

LiteRT's Python interface does not offer the profiler; its C interface (litert/c in google-ai-edge/LiteRT) does, and the
wheel of ai-edge-litert has it in `libLiteRt.so`. That interface still changes from version to version, and a wrong call is a
crash. So it is used only where the library is of the version that this was written for, and in a process of its own.
"""

import ctypes
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.profile.names import names_of, operations_of
from lapx_tf.runtime.profile.profiles import Operation, fastest

VERSION = "2.3."
"""Of ai-edge-litert, how it must begin."""

_CPU = 1  # kLiteRtHwAcceleratorCpu
_WRITE = 1  # kLiteRtTensorBufferLockModeWrite
_OPERATOR, _IN_DELEGATE = 1 << 1, 1 << 3  # of LiteRtProfilerEventType: what runs on its own, and what a delegate runs
_TENSOR_TYPE_BYTES = 256  # more than LiteRtRankedTensorType takes, which is handed on unread

_Pointer = ctypes.c_void_p
_FREE = ctypes.CFUNCTYPE(None, _Pointer)(lambda _: None)
_KEPT: list[Any] = []
"""What the library reads after the call that handed it over."""


class _Memory(ctypes.Structure):
    """tflite::profiling::memory::MemoryUsage."""

    _fields_ = (("footprint_kb", ctypes.c_int64), ("allocated", ctypes.c_size_t), ("in_use", ctypes.c_size_t))


class _Event(ctypes.Structure):
    """ProfiledEventData."""

    _fields_ = (
        ("tag", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("start_us", ctypes.c_uint64),
        ("elapsed_us", ctypes.c_uint64),
        ("memory_before", _Memory),
        ("memory_after", _Memory),
        ("index", ctypes.c_uint64),
        ("subgraph", ctypes.c_uint64),
        ("source", ctypes.c_int),
    )


def missing(runtime: str, version: str) -> str | None:
    """Why the profiler can't be used, in words; None where it can."""
    if runtime != "ai-edge-litert":
        return f"{runtime} offers no profile of its operations, ai-edge-litert does"
    if not version.startswith(VERSION):
        return f"the profiler's interface is known of ai-edge-litert {VERSION}x, {version} is installed"
    return None if _library() else "this wheel of ai-edge-litert comes without libLiteRt, which has the profiler"


def _library() -> Path | None:
    """The library with the C interface; None where the installed wheel has none."""
    package = importlib.util.find_spec("ai_edge_litert")
    folders = package.submodule_search_locations if package else None
    found = [path for folder in folders or () for path in sorted(Path(folder).glob("libLiteRt.*"))]
    return found[0] if found else None


def profile(model: Path, image: NDArray[Any], threads: int, runs: int, warmup: int) -> tuple[Operation, ...]:
    """Runs a model under the profiler, which must not be `missing`.

    Args:
        model: a file of one input and one output.
        image: what goes in, as the file stores it.
        threads: of XNNPACK.
        runs: profiled inferences.
        warmup: inferences before them.

    Raises:
        InputError: the library refuses a call.
    """
    calls = _Calls(_library())
    environment = calls.make("CreateEnvironment", 0, None)
    file = calls.make("CreateModelFromFile", environment, str(model).encode())
    compiled = calls.make("CreateCompiledModel", environment, file, _options(calls, threads))
    source, output = (_buffer(calls, environment, file, compiled, side) for side in ("Input", "Output"))
    _write(calls, source, image)
    first, one = ctypes.c_size_t(0), ctypes.c_size_t(1)
    profiler = calls.make("CompiledModelGetProfiler", compiled)
    for index in range(warmup + runs):
        if index == warmup:
            calls("StartProfiler", profiler)
        calls("RunCompiledModel", compiled, first, one, ctypes.byref(source), one, ctypes.byref(output))
    kinds, ms = _kernels(calls, profiler, runs)
    return fastest(names_of(kinds, operations_of(model)), kinds, ms)


class _Calls:
    """Functions of the C interface; each returns 0 where it did what it should. What they make lives as long as the process."""

    def __init__(self, library: Path | None) -> None:
        self._library = ctypes.CDLL(str(library))

    def __call__(self, name: str, *arguments: Any) -> None:
        """Calls `LiteRt<name>`.

        Raises:
            InputError: it is not there, or refuses.
        """
        function = getattr(self._library, f"LiteRt{name}", None)
        status = function(*arguments) if function else "it is missing"
        if status:
            raise InputError(f"LiteRt{name} of {self._library._name} failed: {status}")

    def make(self, name: str, *arguments: Any) -> _Pointer:
        """What a function hands out through its last argument."""
        made = _Pointer()
        self(name, *arguments, ctypes.byref(made))
        return made


def _options(calls: _Calls, threads: int) -> _Pointer:
    options = calls.make("CreateOptions")
    calls("SetOptionsHardwareAccelerators", options, _CPU)
    contents = {b"runtime_options_string": b"enable_profiling = true\n", b"xnnpack": b"num_threads = %d\n" % threads}
    for name, content in contents.items():
        _KEPT.append(ctypes.create_string_buffer(content))
        address = ctypes.cast(_KEPT[-1], _Pointer)
        calls("AddOpaqueOptions", options, calls.make("CreateOpaqueOptions", name, address, _FREE))
    return options


def _buffer(calls: _Calls, environment: _Pointer, file: _Pointer, compiled: _Pointer, side: str) -> _Pointer:
    """Memory for the input or the output; `side` is `Input` or `Output`."""
    first = ctypes.c_size_t(0)
    needs = calls.make(f"GetCompiledModel{side}BufferRequirements", compiled, first, first)
    tensor = calls.make(f"GetSignature{side}TensorByIndex", calls.make("GetModelSignature", file, first), first)
    described = ctypes.create_string_buffer(_TENSOR_TYPE_BYTES)
    calls("GetRankedTensorType", tensor, described)
    return calls.make("CreateManagedTensorBufferFromRequirements", environment, described, needs)


def _write(calls: _Calls, buffer: _Pointer, values: NDArray[Any]) -> None:
    address = _Pointer()
    calls("LockTensorBuffer", buffer, ctypes.byref(address), _WRITE)
    ctypes.memmove(address, np.ascontiguousarray(values).ctypes.data, values.nbytes)
    calls("UnlockTensorBuffer", buffer)


def _kernels(calls: _Calls, profiler: _Pointer, runs: int) -> tuple[list[str], NDArray[np.float64]]:
    """The kinds of the N operations of a run in the order in which they ran, and the milliseconds of each, [runs, N]."""
    count = ctypes.c_int()
    calls("GetNumProfilerEvents", profiler, ctypes.byref(count))
    events = (_Event * count.value)()
    calls("GetProfilerEvents", profiler, count, events)
    ran = [event for event in events if event.type in (_OPERATOR, _IN_DELEGATE)]
    kinds, each = [event.tag.decode() for event in ran], len(ran) // runs
    if not each or kinds != kinds[:each] * runs:
        raise InputError(f"LiteRT's profiler saw {len(ran)} operations in {runs} runs, not the same ones each time")
    return kinds[:each], np.array([event.elapsed_us for event in ran]).reshape(runs, each) / 1000
