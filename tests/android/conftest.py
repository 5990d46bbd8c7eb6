"""The compiled parts of the Android demo and what they are tested against; all of it is made once."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.android.api import AndroidClass, read_api
from tests.android.tools import API, DEMO, FRAMEWORK, JSON, KOTLIN, MIN_SDK, TARGET_SDK, TEST_JARS, compile_kotlin, run


@pytest.fixture(scope="session", autouse=True)
def _asked_for() -> None:
    if "ANDROID" not in os.environ:
        pytest.skip("the Android demo needs tools of its own: `make test-android` installs them and runs this")


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("android")


@pytest.fixture(scope="session")
def core_jar(build: Path) -> Path:
    """Only what Java 11 has, so that nothing newer slips in that Android may not have."""
    return compile_kotlin([DEMO / "core/src/main"], [JSON], build / "core.jar", "-Xjdk-release=11")


@pytest.fixture(scope="session")
def test_jar(build: Path, core_jar: Path) -> Path:
    return compile_kotlin(
        [DEMO / "core/src/test"], [core_jar, *TEST_JARS], build / "test.jar", f"-Xfriend-paths={core_jar}"
    )


@pytest.fixture(scope="session")
def golden(build: Path) -> Path:
    """The folder of `tests.android.golden`."""
    from tests.android.golden import write  # TensorFlow, for which the other fixtures need not wait

    write(build / "golden")
    return build / "golden"


@pytest.fixture(scope="session")
def java(core_jar: Path, test_jar: Path) -> list[str]:
    """The command that runs a class of the Kotlin tests."""
    litert = find_spec("ai_edge_litert")
    assert litert is not None
    assert litert.origin is not None
    classpath = [core_jar, test_jar, *TEST_JARS, KOTLIN / "kotlin-stdlib.jar"]
    return [
        "java",
        "-Djava.awt.headless=true",
        f"-Dlapx.litert={Path(litert.origin).with_name('libLiteRt.so')}",
        "-cp",
        ":".join(map(str, classpath)),
    ]


@pytest.fixture(scope="session")
def resources(build: Path) -> tuple[Path, str]:
    """A folder with R.java of the app's resources and manifest, and what aapt2 said of them."""
    run("aapt2", "compile", "--dir", DEMO / "app/src/main/res", "-o", build / "resources.zip")
    # The manifest gets the package's name from Gradle's `namespace`.
    manifest = (DEMO / "app/src/main/AndroidManifest.xml").read_text("utf-8")
    (build / "AndroidManifest.xml").write_text(manifest.replace("<manifest ", '<manifest package="dev.lapx.demo" ', 1))
    said = run(
        *("aapt2", "link", "-I", FRAMEWORK, "--manifest", build / "AndroidManifest.xml", "--java", build / "generated"),
        *("--min-sdk-version", str(MIN_SDK), "--target-sdk-version", str(TARGET_SDK), "--warn-manifest-validation"),
        *("-o", build / "resources.apk", build / "resources.zip"),
    )
    return build / "generated", said


@pytest.fixture(scope="session")
def app_jar(build: Path, core_jar: Path, resources: tuple[Path, str]) -> Path:
    sources = [DEMO / "app/src/main/kotlin", DEMO / "stubs", resources[0]]
    return compile_kotlin(sources, [core_jar, KOTLIN / "annotations-13.0.jar"], build / "app.jar", "-Xjdk-release=11")


@pytest.fixture(scope="session")
def android() -> dict[str, AndroidClass]:
    return read_api(API)
