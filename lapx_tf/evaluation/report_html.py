"""The pieces of an HTML report: one file that opens from disk and needs no server, no script and no other file."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from lapx_tf.evaluation.details import Case, Details
from lapx_tf.evaluation.report_figures import Chart, bars_svg, curves_svg
from lapx_tf.evaluation.report_pictures import drawn
from lapx_tf.runtime import page
from lapx_tf.skeletons import Skeleton

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
.headline { font-size: 2.2rem; font-weight: 600; margin: 0.3rem 0 1rem; }
.tables { display: flex; flex-wrap: wrap; gap: 1.5rem 3rem; margin: 1.5rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; align-self: flex-start; }
th { text-align: left; font-weight: 400; white-space: nowrap; opacity: 0.75; padding-right: 1.5rem; vertical-align: top; }
td { overflow-wrap: anywhere; } th, td { border-bottom: 1px solid #8884; padding-top: 0.15rem; padding-bottom: 0.15rem; }
caption { text-align: left; font-weight: 600; }
figure { margin: 0; } figcaption { font-size: 0.85rem; overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 1.5rem; }
.chart h2 { margin-bottom: 0.5rem; } .chart img { background: white; padding: 0.4rem; box-sizing: border-box; }
.persons { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.2rem; }
"""


def document(title: str, headline: str, body: str) -> str:
    """A whole page.

    Args:
        title: one line, as text.
        headline: the figure that counts, as text.
        body: everything below, as HTML.
    """
    head = f'<h1>{escape(title)}</h1>\n<p class="headline">{escape(headline)}</p>'
    return page.document(title, STYLE, f"{head}\n{body}")


def paragraph(text: str) -> str:
    """A sentence or more, given as text."""
    return f"<p>{escape(text)}</p>"


def table(caption: str, rows: Mapping[str, Any]) -> str:
    """A table of names and values."""
    cells = (
        f'<tr><th scope="row">{escape(key)}</th><td>{escape(_text(value))}</td></tr>' for key, value in rows.items()
    )
    return f"<table><caption>{escape(caption)}</caption>{''.join(cells)}</table>"


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "unknown"}[value]
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def curves(chart: Chart) -> str:
    """A chart, with its first curve in words for those who can't see it."""
    return _figure(chart.title, curves_svg(chart), _said(chart))


def _said(chart: Chart) -> str:
    """The first curve in words, at a few places."""
    x, y = np.asarray(chart.x), np.asarray(chart.curves[0].y)
    places = np.unique(np.linspace(0, len(x) - 1, 6).astype(int))
    points = ", ".join(f"{y[place]:.3g} at {x[place]:.3g}" for place in places)
    return f"{chart.y_label} over {chart.x_label}; {chart.curves[0].label}: {points}"


def bars(details: Details) -> str:
    """The share of each joint."""
    shares = ", ".join(f"{joint.replace('_', ' ')} {share:.1f}" for joint, share in details.per_joint.items())
    svg = bars_svg(details.per_joint, details.per_joint_label)
    return _figure("Each joint", svg, f"{details.per_joint_label}: {shares}")


def _figure(title: str, svg: bytes, alt: str) -> str:
    return f'<div class="chart"><h2>{escape(title)}</h2><img src="{_data("svg+xml", svg)}" alt="{escape(alt)}"></div>\n'


def persons(which: str, cases: Sequence[Case], skeleton: Skeleton, count: int) -> str:
    """Drawn persons under a title.

    Args:
        which: `worst` or `best`, as `cases` begin.
        cases: all persons, in the order in which they matter.
        skeleton: of their joints.
        count: how many to draw.
    """
    pictures, missing = drawn(cases, skeleton, count)
    note = f" {missing} others are left out: their picture is not here or can't be read." if missing else ""
    figures = "\n".join(_person(case, jpeg) for case, jpeg in pictures)
    return f"""<h2>The {which} {len(pictures)} of {len(cases)} persons</h2>
<p>The truth on the left, what was found on the right; blue is the person's left, orange the right.{note}</p>
<div class="persons">
{figures}
</div>"""


def _person(case: Case, jpeg: bytes) -> str:
    caption = f"{escape(case.person.name)}: {escape(case.note)}"
    return (
        f'<figure><img src="{_data("jpeg", jpeg)}" alt="Truth and found pose of {caption}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _data(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
