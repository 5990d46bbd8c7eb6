"""What was found as files: JSON to report from again, tables, the plot, and the document that shows them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from convert.flops import plot, tables
from convert.flops.ram import Memory
from convert.flops.times import Row
from lapx_tf import commands

_FIGURE = "flops.png"


@dataclass(frozen=True)
class Found:
    """Of one run of the command.

    Attributes:
        conditions: under which it was measured, in words.
        size: (height, width) of the input that all networks were timed with.
        rows: times, some of them at other sizes.
        memory: what `ram.measured` gives.
    """

    conditions: str
    size: tuple[int, int]
    rows: Sequence[Row]
    memory: Sequence[Memory]

    def parts(self) -> dict[str, str]:
        """The tables, by the names that they have in a document."""
        timed = [row for row in self.rows if row.size == self.size]
        compared = {row.key for row in self.rows if row.size != self.size}
        several = [row for row in self.rows if row.key in compared and row.setting[0] != "onnxruntime"]
        return {
            "conditions": self.conditions,
            "times": tables.times(timed),
            "against Lite-HRNet": tables.against_lite(timed),
            "sizes": tables.sizes(several),
            "memory": tables.memory(self.memory),
        }


def write(found: Found, folder: Path) -> None:
    """Writes `flops.json`, `flops.md`, `ram.md` and `flops.png`."""
    commands.write_json(folder / "flops.json", asdict(found))
    parts = found.parts()
    commands.write_text(folder / "ram.md", "\n\n".join((parts["conditions"], parts["memory"])))
    times = [text for name, text in parts.items() if name != "memory"]
    commands.write_text(folder / "flops.md", "\n\n".join(times))
    plot.draw([row for row in found.rows if row.size == found.size], folder / _FIGURE)


def read(folder: Path) -> Found:
    """What `write` wrote.

    Raises:
        InputError: there is nothing.
    """
    fields: dict[str, Any] = json.loads(commands.existing_file(folder / "flops.json").read_text("utf-8"))
    rows = [Row.from_dict(row) for row in fields["rows"]]
    memory = [Memory(**one) for one in fields["memory"]]
    return Found(fields["conditions"], tuple(fields["size"]), rows, memory)


def fill(document: Path, found: Found, folder: Path) -> None:
    """Puts the tables into a document, each between `<!-- NAME -->` and `<!-- end of NAME -->`, and the plot beside it.

    Raises:
        InputError: the document has no place for one.
    """
    commands.fill(document, found.parts())
    with commands.whole_file(document.parent / document.stem / _FIGURE) as beside:
        beside.write_bytes((folder / _FIGURE).read_bytes())
