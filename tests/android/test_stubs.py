"""What the app calls is there on a phone: the stubs agree with Android's classes, and nothing is newer than minSdk.

The stubs of CameraX, the other androidx packages and LiteRT have nothing to be compared with here.
"""

from pathlib import Path

import pytest

from tests.android.api import AndroidClass, Member, since_of
from tests.android.classes import Use, called, declared
from tests.android.tools import DEMO, KOTLIN, MIN_SDK, run

ENUM_MEMBERS = {Member("values", 0), Member("valueOf", 1)}


@pytest.fixture(scope="module")
def stubs(build: Path) -> list[Use]:
    """What the stubs of `android` declare."""
    sources = sorted((DEMO / "stubs" / "android").rglob("*.java"))
    folder = build / "stubs"
    run(
        "javac",
        "-Werror",
        "-cp",
        KOTLIN / "annotations-13.0.jar",
        "-sourcepath",
        DEMO / "stubs",
        "-d",
        folder,
        *sources,
    )
    files = [path.relative_to(folder).with_suffix("") for path in (folder / "android").rglob("*.class")]
    return list(declared(folder, [str(path).replace("/", ".") for path in sorted(files)]))


def complaints(uses: list[Use], android: dict[str, AndroidClass]) -> list[str]:
    found = []
    for use in uses:
        version = since_of(android, use.class_name, use.member)
        if version is None:
            found.append(f"{use.class_name} has no {use.member.name} of {use.member.arity}")
        elif version > MIN_SDK:
            found.append(f"{use.class_name}.{use.member.name} needs Android API {version}, minSdk is {MIN_SDK}")
    return found


def test_the_stubs_are_androids_classes_of_min_sdk(stubs: list[Use], android: dict[str, AndroidClass]):
    assert len(stubs) > 80
    assert not complaints([use for use in stubs if use.member not in ENUM_MEMBERS], android)


def test_what_is_newer_or_missing_is_found(android: dict[str, AndroidClass]):
    newer = Use("android.content.Context", Member("getMainExecutor", 0))
    missing = Use("android.view.View", Member("invalidate", 7))
    assert "needs Android API 28" in complaints([newer], android)[0]
    assert "has no invalidate of 7" in complaints([missing], android)[0]


def test_core_and_app_call_no_java_that_min_sdk_has_not(
    core_jar: Path, app_jar: Path, android: dict[str, AndroidClass]
):
    own = {use for jar in (core_jar, app_jar) for use in called(jar)}
    ours = [use for use in own if use.class_name.startswith("java.")]
    assert len(ours) > 20
    assert not complaints(ours, android)
