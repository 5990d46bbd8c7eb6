"""Multiply-accumulates against milliseconds."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from convert.flops.networks import NETWORKS
from convert.flops.times import Row
from lapx_tf import commands
from lapx_tf.evaluation.report_figures import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RATES = (3, 10, 30, 100, 300)
"""GMAC/s of the lines."""

_BLUE, _ORANGE, _GREEN, _PINK, _ = PALETTE
_LOOKS = dict(
    zip(
        (one.key for one in NETWORKS),
        (
            ("^", _BLUE),
            ("o", _BLUE),
            ("v", _BLUE),
            ("<", _GREEN),
            (">", _GREEN),
            ("D", _ORANGE),
            ("P", _ORANGE),
            ("s", _PINK),
        ),
        strict=True,
    )
)
"""Marker and colour by network: LAPX blue, cut green, Lite-HRNet orange, the hourglass pink."""


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draws a chart for each precision and number of threads; the scales of both axes are logarithmic, and common to all.

    Args:
        rows: of one input size.
        path: of the PNG.
    """
    from matplotlib.figure import Figure  # here: it takes half a second

    precisions, threads = (sorted({getattr(row, name) for row in rows}) for name in ("precision", "threads"))
    figure = Figure(figsize=(5.4 * len(precisions), 4.2 * len(threads) + 1), layout="constrained")
    charts = figure.subplots(len(threads), len(precisions), sharex=True, sharey=True, squeeze=False)
    for line, count in zip(charts, threads, strict=True):
        for chart, precision in zip(line, precisions, strict=True):
            _chart(chart, [row for row in rows if (row.precision, row.threads) == (precision, count)])
            chart.set_title(f"{precision}, {count} thread{'s' if count > 1 else ''}", fontsize=10)
    for chart in charts.flat:  # when all points are in, for the axes are common
        _lines(chart)
    for chart in charts[-1]:
        chart.set_xlabel("GMAC of the network")
    for chart in charts[:, 0]:
        chart.set_ylabel("ms for one image")
    figure.legend(handles=_legend(rows), loc="outside lower center", ncols=4, fontsize=9, frameon=False)
    with commands.whole_file(path) as beside:
        figure.savefig(beside, dpi=110)


def _chart(chart: "Axes", rows: Sequence[Row]) -> None:
    chart.set_xscale("log")
    chart.set_yscale("log")
    for row in rows:
        marker, colour = _LOOKS[row.key]
        face = "white" if row.setting[0] == "onnxruntime" else colour
        chart.plot(row.macs / 1e9, row.steady_ms, marker, color=colour, markerfacecolor=face, markersize=7)
    chart.margins(0.12)
    for axis in (chart.xaxis, chart.yaxis):
        axis.set_major_formatter("{x:g}")


def _lines(chart: "Axes") -> None:
    """Lines of equal GMAC/s."""
    (left, right), (low, high) = chart.get_xlim(), chart.get_ylim()
    for rate in _RATES:
        chart.plot(
            [left, right], [left / rate * 1e3, right / rate * 1e3], ":", color="#999999", linewidth=0.8, zorder=0
        )
        x = min(right, high * rate / 1e3)  # where the line leaves the chart
        if max(left, low * rate / 1e3) < x:
            chart.annotate(
                f"{rate} GMAC/s", (x, x / rate * 1e3), xytext=(-4, -4), textcoords="offset points",
                fontsize=7, color="#666666", ha="right", va="top",
            )  # fmt: skip
    chart.set_xlim(left, right)
    chart.set_ylim(low, high)


def _legend(rows: Sequence[Row]) -> list:
    from matplotlib.lines import Line2D

    def entry(label: str, marker: str, colour: str, face: str) -> Line2D:
        return Line2D([], [], marker=marker, color=colour, markerfacecolor=face, linestyle="", label=label)

    shown = {row.key for row in rows}
    networks = [(one.label, *_LOOKS[one.key]) for one in NETWORKS if one.key in shown]
    filled = [entry(label, marker, colour, colour) for label, marker, colour in networks]
    grey = "#555555"
    return [*filled, entry("filled: LiteRT", "o", grey, grey), entry("hollow: ONNX Runtime", "o", grey, "white")]
