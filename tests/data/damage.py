"""Ways to damage a JSON document, for hypothesis."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Path = tuple[Any, ...]

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10),
    st.floats(),
    st.text(max_size=4),
    st.lists(st.integers(0, 9), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from(
        [-1e300, 10**400, 2**63, -(2**63), float("nan"), float("inf"), "\x00", "../..", [[]], [[1, 2], [3]]]
    ),
)


def places(document: Any, at: Path = ()) -> Iterator[Path]:
    """The way to everything inside a document."""
    inside = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inside:
        yield (*at, key)
        yield from places(value, (*at, key))


@st.composite
def damaged(draw: st.DrawFn, document: Any) -> Any:
    """The document with one to three things replaced by junk, left out, or doubled."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        ways = list(places(document))
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        holder = document
        for key in way:
            holder = holder[key]
        deed = draw(st.sampled_from(["replace", "replace", "leave out", "double"]))
        if deed == "leave out":
            del holder[last]
        elif deed == "double" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        else:
            holder[last] = draw(JUNK)
    return document


def numbers_in(document: Any) -> Iterator[float]:
    """All numbers of a document that a float can hold."""
    if isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from numbers_in(value)
    elif isinstance(document, int | float) and abs(document) < 1e30:
        yield float(document)
