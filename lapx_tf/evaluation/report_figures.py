"""The figures of a report as SVG, by matplotlib without its global state."""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT, RIGHT, MIDDLE = "#0072b2", "#d55e00", "#6f6f6f"
"""Blue is left, orange is right, as in drawn poses, darker for a white page (Okabe and Ito's palette)."""

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00")
"""Of curves: five colours, then the same ones dashed."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A line of a chart: its name in the legend, and [T] values at the chart's positions."""

    label: str
    y: ArrayLike


@dataclass(frozen=True, eq=False)
class Chart:
    """Curves over one axis; the first is the one that counts and is drawn thick.

    Attributes:
        title: what it shows, one line.
        x_label: name of the axis, with the unit.
        y_label: likewise.
        x: [T] positions of all curves.
        y_top: where the other axis ends; it begins at 0.
        curves: the lines.
    """

    title: str
    x_label: str
    y_label: str
    x: ArrayLike
    y_top: float
    curves: Sequence[Curve]


def curves_svg(chart: Chart) -> bytes:
    """The chart as an SVG file."""
    figure, axes = _canvas(7.2, 4.4)
    x = np.asarray(chart.x, np.float64)
    for index, curve in enumerate(chart.curves):
        style: dict[str, Any] = {"color": "black", "linewidth": 2.6, "zorder": 3}
        if index:
            repeat, color = divmod(index - 1, len(PALETTE))
            style = {"color": PALETTE[color], "linewidth": 1.4, "linestyle": "--" if repeat % 2 else "-"}
        axes.plot(x, curve.y, label=curve.label, **style)
    axes.set(xlabel=chart.x_label, ylabel=chart.y_label, xlim=(x.min(), x.max()), ylim=(0, 1.02 * chart.y_top))
    axes.grid(color="#dddddd", linewidth=0.7)
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return _svg(figure)


def bars_svg(values: Mapping[str, float], x_label: str) -> bytes:
    """One horizontal bar a joint, in per cent, in the colour of its side, as an SVG file.

    Args:
        values: per cent by joint; NaN, where a joint can't be scored, has no bar.
        x_label: what the per cent are of.
    """
    figure, axes = _canvas(7.2, 0.6 + 0.27 * len(values))
    names, shares = list(values), np.array(list(values.values()), np.float64)
    axes.barh(range(len(names)), np.nan_to_num(shares), height=0.72, color=[_side(name) for name in names])
    for position, share in enumerate(shares.tolist()):
        text = "none labelled" if math.isnan(share) else f"{share:.1f}"
        axes.text(0.8 + np.nan_to_num(share), position, text, va="center", fontsize=9)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set(xlabel=x_label, xlim=(0, 108), ylim=(len(names) - 0.4, -0.6))
    axes.set_xticks(range(0, 101, 20))
    axes.grid(axis="x", color="#dddddd", linewidth=0.7)
    return _svg(figure)


def _side(joint: str) -> str:
    if joint.startswith("left"):
        return LEFT
    return RIGHT if joint.startswith("right") else MIDDLE


def _canvas(width: float, height: float) -> tuple["Figure", "Axes"]:
    """A figure of a size in inches with one pair of axes."""
    from matplotlib.figure import Figure  # here: it takes half a second, and only reports need it

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    return figure, axes


def _svg(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()
