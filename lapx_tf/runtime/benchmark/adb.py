"""An Android device behind `adb`, the Android debug bridge."""

import shutil
import struct
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark.machine import Machine

FOLDER = "/data/local/tmp/lapx-benchmark"
"""On the device: below the one folder where a program that was pushed may be run."""

_ABIS = {3: "x86", 40: "armeabi-v7a", 62: "x86_64", 183: "arm64-v8a"}
"""What Android calls the machines that a program is built for, by `e_machine` of its ELF header."""

_STATES = {
    "unauthorized": "does not trust this computer: unlock its screen and allow USB debugging",
    "offline": "is offline: unplug it and plug it in again",
}


class Device:
    """A device that is ready.

    Args:
        serial: as `adb devices` lists it.
    """

    def __init__(self, serial: str) -> None:
        self.serial = serial

    def adb(self, *arguments: str) -> str:
        """What a command of adb for this device writes.

        Raises:
            InputError: it failed.
        """
        return _adb("-s", self.serial, *arguments)

    def shell(self, *words: str) -> str:
        """What a command on the device writes; its words must need no quotes."""
        return self.adb("shell", *words)

    def machine(self) -> Machine:
        """What the device tells of itself."""
        maker, model, chip, version, cores = (
            self.shell(*words).strip()
            for words in (
                ("getprop", "ro.product.manufacturer"),
                ("getprop", "ro.product.model"),
                ("getprop", "ro.soc.model"),
                ("getprop", "ro.build.version.release"),
                ("nproc",),
            )
        )
        return Machine(
            cpu=chip or self.shell("getprop", "ro.board.platform").strip() or "unknown",
            board=f"{maker} {model}".strip() or None,
            cores=int(cores) if cores.isdecimal() else 0,
            governor=self._governor(),
            system=f"Android {version}",
            python=None,
            packages={},
        )

    def _governor(self) -> str | None:
        try:
            return self.shell("cat", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip() or None
        except InputError:  # an app's user may not read it on every device
            return None

    @contextmanager
    def folder(self) -> Iterator[str]:
        """`FOLDER`, empty; it is removed at the end."""
        self.shell("rm", "-rf", FOLDER)
        self.shell("mkdir", "-p", FOLDER)
        try:
            yield FOLDER
        finally:
            self.shell("rm", "-rf", FOLDER)

    def push(self, file: Path, name: str) -> str:
        """Copies a file to `FOLDER`; returns where it is."""
        target = f"{FOLDER}/{name}"
        self.adb("push", str(file), target)
        return target

    def check_program(self, program: Path) -> None:
        """Raises an InputError where a file is no program that this device can run."""
        built = abi_of(program)
        accepted = self.shell("getprop", "ro.product.cpu.abilist").strip().split(",")
        if built not in accepted:
            raise InputError(f"{program} is built for {built}, the device {self.serial} runs {', '.join(accepted)}")


def find_device(serial: str | None) -> Device:
    """A device that is connected and lets itself be used.

    Args:
        serial: which; None where there is only one.

    Raises:
        InputError: adb is not installed; there is no device, more than one without a serial, or it is not ready.
    """
    if shutil.which("adb") is None:
        raise InputError("adb is not installed or not in the PATH: it comes with Android's platform tools")
    # A line for each device: serial, state.
    lines = [line.split() for line in _adb("devices").splitlines()[1:] if line.strip()]
    states = {line[0]: line[1] for line in lines if len(line) > 1}
    if not states:
        raise InputError("adb sees no device: connect one, with USB debugging switched on")
    if serial is None and len(states) > 1:
        raise InputError(f"adb sees several devices; choose one: --device adb:SERIAL of {', '.join(states)}")
    chosen = serial or next(iter(states))
    if chosen not in states:
        raise InputError(f"adb sees no device {chosen}; there are {', '.join(states)}")
    if states[chosen] != "device":
        raise InputError(f"the device {chosen} {_STATES.get(states[chosen], f'is not ready: {states[chosen]}')}")
    return Device(chosen)


def abi_of(program: Path) -> str:
    """What Android calls the machine that a program is built for.

    Raises:
        InputError: the file is no program for Linux.
    """
    head = program.read_bytes()[:20]
    if head[:4] != b"\x7fELF" or len(head) < 20:
        raise InputError(f"{program} is no program for Android: it does not begin with an ELF header")
    (machine,) = struct.unpack_from("<H", head, 18)
    return _ABIS.get(machine, f"machine {machine} of ELF")


def _adb(*arguments: str) -> str:
    done = subprocess.run(["adb", *arguments], capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise InputError(f"adb {_shortened(arguments)} failed: {_reason(done)}")
    # A program's own messages go to stderr; benchmark_model writes everything there.
    return done.stdout + done.stderr


def _shortened(arguments: Sequence[str]) -> str:
    return " ".join(arguments[2:5] if arguments[0] == "-s" else arguments[:3])


def _reason(done: "subprocess.CompletedProcess[str]") -> str:
    """The line that says what went wrong: an error of the program where there is one, otherwise the last line."""
    lines = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines() if line.strip()]
    errors = [line for line in lines if line.upper().startswith(("ERROR", "ADB: ERROR"))]
    return (errors or lines or [f"exit code {done.returncode}"])[-1]
