"""The machine that is measured on: its name, what its system tells of it, and the memory of this process."""

import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("lapx-tf", "ai-edge-litert", "tflite-runtime", "onnxruntime", "numpy", "opencv-python-headless")
"""What takes part in a measurement."""

_GOVERNOR = "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
_BOARD = "sys/firmware/devicetree/base/model"


@dataclass(frozen=True)
class Machine:
    """What a reader of figures must know of where they were taken, and nothing that names a person, a host or a folder.

    Attributes:
        cpu: the processor, as the system calls it.
        board: such as `Raspberry Pi 5 Model B Rev 1.0`; None where the system has no such name.
        cores: that this process may use.
        governor: how the system sets the clock, such as `ondemand`; None where it does not tell.
        system: the operating system with its version.
        python: its version; None on a device that runs none.
        packages: versions of `PACKAGES`, of those that are installed.
    """

    cpu: str
    board: str | None
    cores: int
    governor: str | None
    system: str
    python: str | None
    packages: dict[str, str]

    @property
    def name(self) -> str:
        """The board where it has a name, otherwise the processor."""
        return self.board or self.cpu

    def rows(self) -> dict[str, str]:
        """Names and values for a reader."""
        known = {
            "device": self.board,
            "processor": self.cpu if self.cpu != self.board else None,  # a Raspberry Pi calls both by the board's name
            "cores": str(self.cores),
            "governor": self.governor or "unknown",
            "system": self.system,
            "Python": self.python,
            **self.packages,
        }
        return {name: value for name, value in known.items() if value}


def this_machine(root: Path = Path("/")) -> Machine:
    """The machine that this runs on; its system's files lie below `root`."""
    return Machine(
        cpu=cpu_name(root),
        board=_line(root / _BOARD),
        cores=len(usable_cores()),
        governor=_line(root / _GOVERNOR),
        system=_system(root),
        python=platform.python_version(),
        packages={name: found for name in PACKAGES if (found := _version(name))},
    )


def usable_cores() -> set[int]:
    """The numbers of the cores that this process may use."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))


def cpu_name(root: Path = Path("/")) -> str:
    """The processor, as the system calls it."""
    # x86 tells a model name; a Raspberry Pi tells the board's name as Model.
    for key in ("model name", "Model", "Hardware"):
        for line in _lines(root / "proc/cpuinfo"):
            name, _, value = line.partition(":")
            if name.strip() == key and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()


def peak_memory() -> int | None:
    """The most memory that this process has had, in bytes, or None where the system does not tell."""
    # ru_maxrss is inherited over fork and exec: a small worker would report its large parent.
    found = _status("VmHWM")
    if found is not None:
        return found
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def memory() -> int | None:
    """The memory that this process has now, in bytes, or None where the system does not tell."""
    return _status("VmRSS")


def _status(key: str) -> int | None:
    found = (line for line in _lines(Path("/proc/self/status")) if line.startswith(f"{key}:"))
    return next((int(line.split()[1]) * 1024 for line in found), None)


def _system(root: Path) -> str:
    """The distribution's name where there is one; `platform` would tell the name of the kernel alone."""
    fields = (line.partition("=") for line in _lines(root / "etc/os-release"))
    named = {name: value.strip('"') for name, _, value in fields}
    kernel = f"{platform.system()} {platform.release()} {platform.machine()}"
    return f"{named['PRETTY_NAME']}, {kernel}" if "PRETTY_NAME" in named else kernel


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _line(path: Path) -> str | None:
    """What a file of the system says on its first line; names of boards end in a zero byte."""
    return next((line.strip("\0 ") for line in _lines(path) if line.strip("\0 ")), None)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
