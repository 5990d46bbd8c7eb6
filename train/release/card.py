"""The tables of a model card, and the figures beside it."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from lapx_tf import commands
from lapx_tf.pretrained import KERAS, KINDS
from train.release import plot
from train.release.figures import SCORE, Figures, Row, read_all


def write(card: Path, found: Figures) -> None:
    """Fills the card, writes the figures beside it as JSON, and draws the plot of all networks whose cards lie there.

    Args:
        card: a Markdown file with places for `parts`.
        found: of its network.

    Raises:
        InputError: the card has no place for a table.
    """
    commands.fill(card, parts(found))
    commands.write_json(card.with_suffix(".json"), asdict(found))
    plot.write(card.parent / "speed.png", read_all(card.parent))


def parts(found: Figures) -> Mapping[str, str]:
    """The tables as Markdown, by the names of their places."""
    conditions, (keras, *_) = found.conditions, found.rows
    height, width = conditions["input_size"]
    return {
        "score": f"**{SCORE} {keras.plain:.1f}, with flip test {keras.flipped:.1f}**, {conditions['images']} images of LSP val "
        f"(1001-1500), {conditions['joints']}, reference: {conditions['reference']}; crop: {conditions['crop']}, "
        f"{height}x{width}; decoder: {conditions['decoder']}.",
        "files": _table(
            ["file", SCORE, "with flip test", "ms", "MB"],
            [_cells(row) for row in found.rows],
            f"Times: {found.timing}.",
        ),
        "joints": _table(
            ["joint", SCORE, "with flip test"],
            [
                [joint.replace("_", " "), *(f"{share:.1f}" for share in shares)]
                for joint, shares in found.joints.items()
            ],
        ),
    }


def _cells(row: Row) -> list[str]:
    name = "Keras" if row.kind == KERAS else f"TFLite {row.kind}"
    if not row.whole:
        name += f", cut after stack {row.stacks}"
    elif row.kind in KINDS:
        name = f"**{name}**"
    time = "" if row.milliseconds is None else f"{row.milliseconds:.1f}"
    return [name, f"{row.plain:.1f}", f"{row.flipped:.1f}", time, f"{row.megabytes:.1f}"]


def _table(header: list[str], rows: list[list[str]], below: str = "") -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + (f"\n\n{below}" if below else "")
