"""How a network was trained: the logs of its runs, one after the other, as a table and a plot, and the last recipe."""

import csv
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from lapx_tf import commands
from lapx_tf.evaluation.report_figures import PALETTE
from lapx_tf.silence import quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOG = "log.csv"

COLUMNS = ("learning_rate", "loss", "pck", "val_loss", "val_pck", "gamma_1", "gamma_2", "gamma_3")
"""What is kept of a log, where it has it."""


def write(model: Path, logs: Sequence[Path], folder: Path) -> None:
    """Writes `recipe.json` of the last run, as the network tells it, and `log.csv` and `curves.png` of all of them.

    Args:
        model: the network.
        logs: `log.csv` of each run that led to it, the first one first, or, for several runs, the one that an earlier release
            wrote; of none, no log is written.
        folder: where they go.
    """
    with quiet():
        from lapx_tf.models import storage

        commands.write_json(folder / "recipe.json", storage.load(model).training_notes)
    if logs:
        rows = joined(logs)
        names = ["run", "epoch", *(name for name in COLUMNS if any(row.get(name) for row in rows))]
        lines = [names, *([row.get(name, "") for name in names] for row in rows)]
        commands.write_text(folder / LOG, "\n".join(",".join(line) for line in lines))
        draw(rows, folder / "curves.png")


def joined(logs: Sequence[Path]) -> list[Mapping[str, str]]:
    """The rows of all logs; `run` and `epoch` count from 1, the epochs through all runs.

    A log with a column `run` was joined before, and counts as so many runs.
    """
    rows: list[Mapping[str, str]] = []
    for log in logs:
        before = int(rows[-1]["run"]) if rows else 0
        with commands.existing_file(log).open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                run = before + int(row.get("run", 1))
                rows.append({**row, "run": str(run), "epoch": str(len(rows) + 1)})
    return rows


def draw(rows: Sequence[Mapping[str, str]], path: Path) -> None:
    """Draws score, loss and gamma over the epochs; a grey line where a run begins with the weights of the one before."""
    from matplotlib.figure import Figure  # here: it takes half a second

    figure = Figure(figsize=(11, 3.4), layout="constrained")
    charts = figure.subplots(1, 3)
    for chart, (title, lines) in zip(
        charts,
        (
            ("PCK@0.2, part of 1", {"pck": "training, augmented", "val_pck": "LSP val"}),
            ("loss of all stacks", {"loss": "training, augmented", "val_loss": "LSP val"}),
            ("gamma", {f"gamma_{stack}": f"stack {stack}" for stack in (1, 2, 3)}),
        ),
        strict=True,
    ):
        _chart(chart, rows, lines)
        chart.set(title=title, xlabel="epoch")
    with commands.whole_file(path) as beside:
        figure.savefig(beside, dpi=110)


def _chart(axes: "Axes", rows: Sequence[Mapping[str, str]], lines: Mapping[str, str]) -> None:
    for (name, label), color in zip(lines.items(), PALETTE, strict=False):
        points = [(int(row["epoch"]), float(row[name])) for row in rows if row.get(name)]
        if points:
            axes.plot(*zip(*points, strict=True), color=color, label=label)
    for before, row in pairwise(rows):
        if row["run"] != before["run"]:
            axes.axvline(int(row["epoch"]) - 0.5, color="#bbbbbb", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
