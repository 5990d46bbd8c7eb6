"""Horizontal bars as SVG, drawn by hand: matplotlib is not on a device."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lapx_tf.runtime.benchmark.intervals import Interval

WIDTH, LABEL, VALUE = 900, 330, 150
"""Of the drawing, of what stands left of the bars and of what stands right of the longest one, in its own units."""

ROW, THICK = 26, 16
"""From bar to bar, and the thickness of one."""

_LONGEST_LABEL = 46  # characters that fit into LABEL


@dataclass(frozen=True)
class Part:
    """A part of a bar: its length in the unit of all bars, and its colour in CSS."""

    length: float
    color: str


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        label: what it stands for.
        parts: one after the other from the left.
        text: its length in words.
        interval: a line over its end.
    """

    label: str
    parts: tuple[Part, ...]
    text: str
    interval: Interval | None = None

    @property
    def reach(self) -> float:
        """How far right it or its line goes."""
        return max(sum(part.length for part in self.parts), self.interval.high if self.interval else 0)


def bars(found: Sequence[Bar], described: str) -> str:
    """The SVG element.

    Args:
        found: at least one bar.
        described: what they show, for who can't see them.
    """
    # An interval of two unlike rounds may be boundless; it is cut off where the drawing ends.
    longest = max(sum(part.length for part in bar.parts) for bar in found)
    scale = (WIDTH - LABEL - VALUE) / min(max(bar.reach for bar in found), 1.3 * longest)
    rows = "".join(_bar(bar, ROW * index, scale) for index, bar in enumerate(found))
    words = f"{described}: " + "; ".join(f"{bar.label} {bar.text}" for bar in found)
    return f'<svg viewBox="0 0 {WIDTH} {ROW * len(found)}" role="img" aria-label="{escape(words)}">{rows}</svg>'


def _bar(bar: Bar, top: int, scale: float) -> str:
    left, middle, pieces = float(LABEL), top + ROW / 2, []
    for part in bar.parts:
        width = part.length * scale
        pieces.append(
            f'<rect x="{left:.1f}" y="{middle - THICK / 2}" width="{width:.1f}" height="{THICK}" fill="{part.color}"/>'
        )
        left += width
    end = left
    if bar.interval is not None:
        low, high = (LABEL + min(side * scale, WIDTH - LABEL - VALUE) for side in (bar.interval.low, bar.interval.high))
        end = max(end, high)
        pieces.append(f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="currentColor" stroke-width="2"/>')
    text = f'<text x="{LABEL - 8}" y="{middle + 4.5}" text-anchor="end">{escape(_shortened(bar.label))}</text>'
    return f'{text}{"".join(pieces)}<text x="{end + 8:.1f}" y="{middle + 4.5}">{escape(bar.text)}</text>'


def _shortened(label: str) -> str:
    """The end of a label that is too long, where threads and precision stand."""
    return label if len(label) <= _LONGEST_LABEL else f"…{label[1 - _LONGEST_LABEL :]}"
