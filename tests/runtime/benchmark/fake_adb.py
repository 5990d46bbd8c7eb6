"""A program that stands in for `adb` and one Android device: it replays what they write."""

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
PROPERTIES = {
    "ro.product.manufacturer": "Google",
    "ro.product.model": "Pixel 7",
    "ro.soc.model": "GS201",
    "ro.build.version.release": "14",
    "ro.product.cpu.abilist": "arm64-v8a,armeabi-v7a",
}


def answer(words: list[str], state: dict) -> str:
    """What adb writes."""
    if words == ["devices"]:
        lines = [f"{serial}\t{how}" for serial, how in state["devices"].items()]
        return "\n".join(["List of devices attached", *lines, ""])
    assert words[:2] == ["-s", "S1"], words
    command, *rest = words[2:]
    if command == "push":
        return f"{rest[0]}: 1 file pushed, 0 skipped.\n"
    assert command == "shell"
    return shell(rest, state)


def shell(words: list[str], state: dict) -> str:
    """What a command on the device writes."""
    if words[0] == "getprop":
        return PROPERTIES.get(words[1], "") + "\n"
    if words[0].endswith("/benchmark_model"):
        if state["fails"]:
            sys.stderr.write(
                "ERROR: Didn't find op for builtin opcode 'ELU' version '1'.\nERROR: Benchmarking failed.\n"
            )
            sys.exit(1)
        files = ["benchmark_model.txt"]
        files += ["benchmark_model_profile.txt"] if "--enable_op_profiling=true" in words else []
        return "".join((FOLDER / name).read_text() for name in files)
    if words[0] == "cat":
        sys.stderr.write("cat: scaling_governor: Permission denied\n")
        sys.exit(1)
    return "8\n" if words == ["nproc"] else ""


def main() -> None:
    """Answers, and notes what it was asked."""
    state_file = Path(sys.argv[1])
    state = json.loads(state_file.read_text())
    state["calls"].append(sys.argv[2:])
    state_file.write_text(json.dumps(state))
    sys.stdout.write(answer(sys.argv[2:], state))


if __name__ == "__main__":
    main()
