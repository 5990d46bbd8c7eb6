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

MARKED = 40
"""So many positions or fewer have a dot each, or one position alone would show no line."""

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00")
"""Of curves: five colours, then the same ones dashed."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A line of a chart: its name in the legend, and [T] values at the chart's positions."""

    label: str
    y: ArrayLike


@dataclass(frozen=True)
class Span:
    """A part of a chart's axis, from a position to another, with a name that stands above it."""

    label: str
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Chart:
    """Curves over one axis; the first is the one that counts and is drawn thick.

    Attributes:
        title: what it shows, one line.
        x_label: name of the axis, with the unit.
        y_label: likewise.
        x: [T] positions of all curves.
        y_top: where the other axis ends; it begins at 0. None: it fits the curves.
        curves: the lines; a value that is NaN is left out.
        log: the other axis is logarithmic; then it fits the curves, and shows what is above 0.
        spans: parts of the axis that are told apart by their ground.
    """

    title: str
    x_label: str
    y_label: str
    x: ArrayLike
    y_top: float | None
    curves: Sequence[Curve]
    log: bool = False
    spans: Sequence[Span] = ()


def curves_svg(chart: Chart) -> bytes:
    """The chart as an SVG file."""
    figure, axes = _canvas(7.2, 4.4)
    x = np.asarray(chart.x, np.float64)
    for index, curve in enumerate(chart.curves):
        y = np.asarray(curve.y, np.float64)
        known = np.isfinite(y) & ((y > 0) | (not chart.log))  # a line goes on past what is missing
        axes.plot(x[known], y[known], label=curve.label, **_line(index, few=known.sum() <= MARKED))
    _ground(axes, chart.spans)
    axes.set(xlabel=chart.x_label, ylabel=chart.y_label)
    if x.max() > x.min():
        axes.set_xlim(x.min(), x.max())
    if chart.log:
        axes.set_yscale("log")
    elif chart.y_top is not None:
        axes.set_ylim(0, 1.02 * chart.y_top)
    if (x == x.round()).all():  # epochs
        axes.locator_params(axis="x", integer=True)
    axes.grid(color="#dddddd", linewidth=0.7)
    if [curve.label for curve in chart.curves] != [chart.y_label]:
        axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return _svg(figure)


def _line(index: int, few: bool) -> dict[str, Any]:
    """How curve number `index` is drawn."""
    marker: dict[str, Any] = {"marker": "o", "markersize": 3.5, "clip_on": False} if few else {}
    if not index:
        return {"color": "black", "linewidth": 2.6, "zorder": 3, **marker}
    repeat, color = divmod(index - 1, len(PALETTE))
    return {"color": PALETTE[color], "linewidth": 1.4, "linestyle": "--" if repeat % 2 else "-", **marker}


def _ground(axes: "Axes", spans: Sequence[Span]) -> None:
    """Every other span is grey, and each has its name at the top."""
    for index, span in enumerate(spans):
        if index % 2:
            axes.axvspan(span.start, span.end, color="#00000012", linewidth=0)
        middle = (span.start + span.end) / 2
        axes.text(middle, 1.01, span.label, transform=axes.get_xaxis_transform(), ha="center", fontsize=9)


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
