"""Accuracy against milliseconds of the released networks and of those cut from them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lapx_tf import commands
from lapx_tf.evaluation.report_figures import PALETTE
from lapx_tf.pretrained import INT8
from train.release.figures import SCORE, Figures, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def write(path: Path, networks: Sequence[Figures]) -> None:
    """Writes a PNG: a line a network and precision, from one stack to all; hollow with flip test, which runs twice."""
    from matplotlib.figure import Figure  # here: it takes half a second

    figure = Figure(figsize=(7.5, 5), layout="constrained")
    axes = figure.subplots()
    for network, color in zip(networks, PALETTE, strict=False):
        for kind, marker in (("float32", "o"), (INT8, "s")):
            rows = sorted((row for row in network.rows if row.kind == kind), key=lambda row: row.stacks)
            _line(axes, rows, f"{network.name}, {kind}", color, marker)
    axes.set(xlabel="ms for one person, one thread", ylabel=f"{SCORE} on LSP val, per cent")
    axes.set_xlim(left=0)
    axes.grid(color="#dddddd", linewidth=0.7, which="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.plot([], [], "o", color="grey", fillstyle="none", label="with flip test, two runs")
    axes.legend(frameon=False, fontsize=9)
    with commands.whole_file(path) as beside:
        figure.savefig(beside, dpi=120)


def _line(axes: "Axes", rows: Sequence[Row], label: str, color: str, marker: str) -> None:
    times = [row.milliseconds or 0.0 for row in rows]
    axes.plot(times, [row.plain for row in rows], marker=marker, color=color, label=label)
    axes.plot(
        [2 * time for time in times], [row.flipped for row in rows], ":", marker=marker, fillstyle="none", color=color
    )
    for time, row in zip(times, rows, strict=True):
        axes.annotate(f"{row.stacks}", (time, row.plain), (4, -12), textcoords="offset points", fontsize=9, color=color)
