import os

import pytest

from lapx_tf.runtime.benchmark.machine import cpu_name, memory, peak_memory, this_machine
from lapx_tf.runtime.benchmark.throttling import Reading, read, slowdown


@pytest.fixture
def pi(tmp_path):
    """The files of a Raspberry Pi's system that are looked at."""
    cores = sorted(os.sched_getaffinity(0))
    files = {
        "proc/cpuinfo": "processor\t: 0\nBogoMIPS\t: 108.00\nModel\t\t: Raspberry Pi 5 Model B Rev 1.0\n",
        "sys/firmware/devicetree/base/model": "Raspberry Pi 5 Model B Rev 1.0\0",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "ondemand\n",
        "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\n',
        "sys/class/thermal/thermal_zone0/temp": "61850\n",
        "sys/class/thermal/thermal_zone1/temp": "disabled\n",
        f"sys/devices/system/cpu/cpu{cores[0]}/cpufreq/scaling_cur_freq": "1500000\n",
        f"sys/devices/system/cpu/cpu{cores[-1]}/cpufreq/scaling_cur_freq": "2400000\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def test_a_raspberry_pi_tells_its_board_governor_and_system(pi):
    found = this_machine(pi)
    assert found.name == "Raspberry Pi 5 Model B Rev 1.0"
    assert found.governor == "ondemand"
    assert found.system.startswith("Debian GNU/Linux 12 (bookworm), Linux ")
    assert {"lapx-tf", "ai-edge-litert", "numpy"} <= set(found.packages)
    assert list(found.rows())[:3] == ["device", "cores", "governor"]


def test_a_machine_that_tells_little_is_described_all_the_same(tmp_path):
    found = this_machine(tmp_path)
    assert found.board is None
    assert found.name == found.cpu != ""
    assert found.rows()["governor"] == "unknown"


def test_nothing_private_is_told(pi):
    import getpass
    import socket

    told = " ".join(this_machine(pi).rows().values())
    assert not any(name in told.split() for name in (getpass.getuser(), socket.gethostname()))
    assert "/" not in told.replace("GNU/Linux", "")


def test_x86_tells_a_model_name(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("model name\t: AMD EPYC 9B45\n")
    assert cpu_name(tmp_path) == "AMD EPYC 9B45"


def vcgencmd(tmp_path, monkeypatch, says):
    tool = tmp_path / "bin" / "vcgencmd"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\n[ $1 = get_throttled ] && echo '{says}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")


@pytest.mark.parametrize(("says", "bits"), [("throttled=0x50005", 0x50005), ("VCHI initialization failed", None)])
def test_clock_temperature_and_the_firmwares_bits_are_read(pi, monkeypatch, says, bits):
    vcgencmd(pi, monkeypatch, says)
    assert read(pi) == Reading(2400.0, 61.85, bits)


def test_what_is_not_told_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read(tmp_path) == Reading()


def test_the_slowdown_is_of_the_last_third_against_the_first():
    assert slowdown([1, 1, 1, 5, 9, 5, 2, 2, 2]) == 2
    assert slowdown([1, 9]) == 1


def test_the_memory_now_is_not_above_the_peak():
    assert 10_000_000 < memory() <= peak_memory()
