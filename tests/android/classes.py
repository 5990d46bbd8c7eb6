"""What compiled classes declare and call, through `javap`."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.android.api import Member
from tests.android.tools import run

DECLARED = re.compile(
    r"^(?:public |protected |abstract |static |final )*(?:<.*> )?(?:[\w.$<>?\[\], ]+ )?([\w.$]+)\((.*)\)"
)
FIELD = re.compile(r"^(?:public |protected |static |final )+[\w.$<>\[\]]+ (\w+);")
CALLED = re.compile(r"// (?:Interface)?Method ((?:java|android)/[\w/$]+)\.(\"<init>\"|\w+):\((.*?)\)")


@dataclass(frozen=True)
class Use:
    """A member of a class; nested classes have points in their names."""

    class_name: str
    member: Member


def declared(folder: Path, classes: list[str]) -> Iterator[Use]:
    """The public and protected members of compiled classes, by names such as `android.view.View$OnClickListener`."""
    for name in classes:
        lines = [line.strip() for line in run("javap", "-protected", "-cp", folder, name).splitlines()]
        for line in lines[2:-1]:
            yield Use(name.replace("$", "."), _member(line, name))


def called(jar: Path) -> set[Use]:
    """The methods of Java and Android that the classes of a jar call."""
    with zipfile.ZipFile(jar) as archive:
        classes = [name.removesuffix(".class") for name in archive.namelist() if name.endswith(".class")]
    code = run("javap", "-p", "-c", "-cp", jar, *classes)
    return {
        Use(_pointed(owner), Member("constructor" if "init" in name else name, _count(descriptor)))
        for owner, name, descriptor in CALLED.findall(code)
    }


def _member(line: str, class_name: str) -> Member:
    if method := DECLARED.match(line):
        arity = len(_split(method[2]))
        return Member("constructor" if method[1] == class_name else method[1], arity)
    other = FIELD.match(line)
    assert other, f"{class_name}: {line}"
    return Member(other[1], None)


def _split(parameters: str) -> list[str]:
    return [one for one in re.sub(r"<.*?>", "", parameters).split(",") if one.strip()]


def _pointed(internal: str) -> str:
    return internal.replace("/", ".").replace("$", ".")


def _count(descriptor: str) -> int:
    """How many parameters a method's descriptor has, such as 3 of `[BILjava/lang/String;`."""
    return len(re.findall(r"\[*(?:L[^;]+;|[BCDFIJSZ])", descriptor))
