"""What Android's classes have, by name and arity, and since when: from the npm package `@nativescript/types-android`."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

SINCE = re.compile(r"@since (\d+)")
OPENING = re.compile(r"(?:declare|export) (?:abstract )?(module|class|interface) ([\w$]+).*\{$")
BASES = re.compile(r"(?:extends|implements|,) ([\w$.]+)")
METHOD = re.compile(r"public (?:static )?([\w$]+)\((.*)\)[:;]")
FIELD = re.compile(r"public (?:static )?([\w$]+):")


@dataclass(frozen=True)
class Member:
    """A method by its arity, a constructor (`constructor`), or a field (arity None)."""

    name: str
    arity: int | None


@dataclass
class AndroidClass:
    """A class or interface.

    Attributes:
        bases: names of what it extends and implements.
        since: for each member, the lowest Android version that has an overload of it (0: all that the package knows).
    """

    bases: list[str] = field(default_factory=list)
    since: dict[Member, int] = field(default_factory=dict)


def read_api(declarations: Path) -> dict[str, AndroidClass]:
    """The classes of a declaration file, by names such as `android.view.View.OnClickListener`."""
    classes: dict[str, AndroidClass] = defaultdict(AndroidClass)
    blocks: list[str | None] = []  # the name of each open module or class; None for other braces
    comment: list[str] = []
    for line in map(str.strip, declarations.read_text("utf-8").splitlines()):
        if line.startswith(("/**", "*")):
            comment.append(line)
            continue
        opening = OPENING.match(line)
        if line.startswith("}"):
            blocks.pop()
        elif opening:
            blocks.append(opening[2])
            if opening[1] != "module":
                classes[_name(blocks)].bases += BASES.findall(line)
        elif line.endswith("{"):
            blocks.append(None)
        elif blocks and blocks[-1] is not None:
            _add(classes[_name(blocks)], line, comment)
        comment = []
    return classes


def since_of(classes: dict[str, AndroidClass], name: str, member: Member) -> int | None:
    """Since which version of Android a class has a member, inherited ones included; None where it has not."""
    if name not in classes:
        return None
    found = [classes[name].since.get(member)]
    if member.name != "constructor":
        found += [since_of(classes, base, member) for base in classes[name].bases]
    return min((version for version in found if version is not None), default=None)


def _name(blocks: list[str | None]) -> str:
    return ".".join(block for block in blocks if block is not None)


def _add(described: AndroidClass, line: str, comment: list[str]) -> None:
    if method := METHOD.match(line):
        member = Member(method[1], _arity(method[2]))
    elif other := FIELD.match(line):
        member = Member(other[1], None)
    else:
        return
    tags = SINCE.findall(" ".join(comment))
    version = int(tags[0]) if tags else 0
    described.since[member] = min(version, described.since.get(member, version))


def _arity(parameters: str) -> int:
    """How many there are; commas inside <> and () belong to types."""
    depth, count = 0, 1 if parameters else 0
    for letter in parameters.replace("=>", ""):
        depth += (letter in "<({") - (letter in ">)}")
        count += letter == "," and depth == 0
    return count
