"""The tools that check the Android demo, and how they are run. `make test-android` installs them."""

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.helpers import ROOT

DEMO = ROOT / "android_demo"
NODE_MODULES = DEMO / "node_modules"
KOTLINC = NODE_MODULES / "kotlin-compiler" / "bin" / "kotlinc"
KOTLIN = NODE_MODULES / "kotlin-compiler" / "lib"
KTLINT = NODE_MODULES / "@naturalcycles" / "ktlint" / "resources" / "ktlint"
API = NODE_MODULES / "@nativescript" / "types-android" / "lib" / "android" / "android-platform-21-37-merged.d.ts"
FRAMEWORK = Path("/usr/share/android-framework-res/framework-res.apk")

JAVA = Path("/usr/share/java")
JSON = JAVA / "json-android.jar"
TEST_JARS = (JAVA / "junit4.jar", JAVA / "hamcrest-all.jar", JAVA / "jna.jar", JSON)

MIN_SDK = 24
TARGET_SDK = 36


def run(*command: str | Path) -> str:
    """Runs a command; its output, stderr included. Where it fails the output is the test's message."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=DEMO,
    )
    assert done.returncode == 0, f"{command[0]} failed with {done.returncode}:\n{done.stdout}"
    return done.stdout


def compile_kotlin(sources: Iterable[Path], classpath: Sequence[Path], jar: Path, *further: str) -> Path:
    """Compiles Kotlin, and Java that it refers to, with every warning an error."""
    joined = ":".join(map(str, classpath))
    run("bash", KOTLINC, "-Werror", "-jvm-target", "11", *further, "-cp", joined, "-d", jar, *sources)
    return jar
