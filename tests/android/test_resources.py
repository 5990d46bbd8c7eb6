"""Resources, manifest, style and Gradle's version catalog, as far as they can be checked without Android's SDK."""

import re
import tomllib
from pathlib import Path

from tests.android.tools import DEMO, KTLINT, MIN_SDK, TARGET_SDK, run

SCRIPTS = sorted(DEMO.glob("*.gradle.kts")) + sorted(DEMO.glob("*/build.gradle.kts"))
LIBRARY = re.compile(r"\blibs\.((?:\w+\.)*\w+)")


def test_resources_and_manifest_compile(resources: tuple[Path, str]):
    folder, said = resources
    assert "public static final int overlay" in (folder / "dev/lapx/demo/R.java").read_text("utf-8")
    # The element is newer (Android 12) than the framework that Debian has (Android 10).
    warnings = [line for line in said.splitlines() if "uses-native-library" not in line]
    assert not warnings


def test_the_manifest_names_the_activity_that_is_there():
    manifest = (DEMO / "app/src/main/AndroidManifest.xml").read_text("utf-8")
    (activity,) = re.findall(r'<activity\s+android:name="([\w.]+)"', manifest)
    assert (DEMO / "app/src/main/kotlin" / f"{activity.replace('.', '/')}.kt").is_file()


def test_every_view_of_our_own_in_a_layout_is_there():
    layouts = "".join(path.read_text("utf-8") for path in (DEMO / "app/src/main/res/layout").glob("*.xml"))
    views = re.findall(r"<(dev\.lapx\.[\w.]+)", layouts)
    assert views
    assert all((DEMO / "app/src/main/kotlin" / f"{view.replace('.', '/')}.kt").is_file() for view in views)


def test_every_string_is_used():
    names = re.findall(r'<string name="(\w+)"', (DEMO / "app/src/main/res/values/strings.xml").read_text("utf-8"))
    sources = "".join(
        path.read_text("utf-8") for path in (DEMO / "app/src/main").rglob("*") if path.suffix in (".kt", ".xml")
    )
    assert names
    assert not [name for name in names if f"R.string.{name}" not in sources and f"@string/{name}" not in sources]


def test_style():
    run(KTLINT, "core/src/**/*.kt", "app/src/**/*.kt", "stubs/**/*.kt", "**/*.kts", "!node_modules/**")


def test_aliases_of_the_version_catalog_resolve():
    catalog = tomllib.loads((DEMO / "gradle/libs.versions.toml").read_text("utf-8"))
    accessors = {alias.replace("-", ".") for alias in catalog["libraries"]}
    accessors |= {f"plugins.{alias.replace('-', '.')}" for alias in catalog["plugins"]}
    accessors |= {f"versions.{alias.replace('-', '.')}" for alias in catalog["versions"]}
    used = {name.removesuffix(".int") for path in SCRIPTS for name in LIBRARY.findall(path.read_text("utf-8"))}
    assert used <= accessors, used - accessors
    for entry in [*catalog["libraries"].values(), *catalog["plugins"].values()]:
        assert entry["version"]["ref"] in catalog["versions"]


def test_gradle_has_the_versions_that_are_checked_here():
    catalog = tomllib.loads((DEMO / "gradle/libs.versions.toml").read_text("utf-8"))["versions"]
    assert (int(catalog["minSdk"]), int(catalog["targetSdk"])) == (MIN_SDK, TARGET_SDK)
    compiler = (DEMO / "package.json").read_text("utf-8")
    assert f'"kotlin-compiler": "{catalog["kotlin"]}"' in compiler
