"""The page of a run: curves, what its best network finds, the recipe, and where it was trained."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from lapx_tf.evaluation import report_html as html
from lapx_tf.evaluation.details import Details
from train.report.curves import charts
from train.report.found import Found
from train.report.run_files import Run
from train.watching.pace import in_words

PERSONS = 12
"""That are drawn of the best, and of the worst."""


def page(run: Run, found: Found | str) -> str:
    """The HTML.

    Args:
        run: what its folder holds.
        found: with the best network; or why there is nothing, one sentence.
    """
    if isinstance(found, Found):
        headline, score, bars = found.headline, html.table("Score", found.conditions), html.bars(found.details)
        seen = _persons(found.details)
    else:
        headline, score, bars = best_epoch(run) or "no epoch has ended yet", "", ""
        seen = html.paragraph(found)
    recipe = run.settings["recipe"]
    body = f"""<div class="tables">
{html.table("Run", summary(run))}
{score}
</div>
<div class="charts">
{"".join(map(html.curves, charts(run)))}{bars}</div>
{seen}
<div class="tables">
{html.table("Recipe", flat(recipe))}
{html.table("Machine", machine(run))}
</div>"""
    return html.document(f"{recipe['name']} on {run.settings['dataset']}", headline, body)


def _persons(details: Details) -> str:
    best, worst = details.cases[::-1], details.cases
    return "\n".join(
        html.persons(which, cases, details.skeleton, PERSONS) for which, cases in (("best", best), ("worst", worst))
    )


def best_epoch(run: Run) -> str:
    """The score that chose `best.keras`, in words; empty where no epoch has one."""
    scores = run.log.get("val_pck", np.zeros(0))
    if not np.isfinite(scores).any():
        return ""
    best = int(np.nanargmax(scores))
    return f"PCK@0.2 {100 * scores[best]:.1f} in validation after epoch {run.epochs[best]}"


def summary(run: Run) -> dict[str, Any]:
    """How far the run has come, and what it took."""
    rates = [rate for session in run.sessions for rate in session.rates.values()]
    seconds = sum(session.ended - session.began for session in run.sessions)
    began = [time.strftime("%Y-%m-%d %H:%M", time.localtime(session.began)) for session in run.sessions[:1]]
    steps = [session.step for session in run.sessions[1:]]
    facts = {
        "best": best_epoch(run),
        "epochs": f"{max(run.epochs, default=0)} of {run.settings['recipe']['epochs']}",
        **{key: value for key, value in run.settings.items() if key != "recipe"},
        "began": "".join(began),
        "duration": in_words(seconds) if run.sessions else "",
        "images a second": f"{np.median(rates):.1f} (median of {len(rates)} epochs)" if rates else "",
        "resumed": f"from step {', '.join(map(str, steps))}" if steps else "never",
    }
    return {key: value for key, value in facts.items() if value not in ("", None)}


def machine(run: Run) -> dict[str, Any]:
    """The environment of all processes, with each fact that changed as often as it did."""
    facts: dict[str, list[str]] = {}
    for session in run.sessions:
        for key, value in session.facts.items():
            known = facts.setdefault(key, [])
            if value not in known:
                known.append(value)
    return {key: "; then ".join(map(str, values)) for key, values in facts.items() if key != "data"}


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by their dotted names, such as `augmentation.rotation`."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return found
