"""The plot of an experiment: score, gamma and largest logit by epoch, each run thin, the mean of a variant thick."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from lapx_tf.evaluation.report_figures import PALETTE
from train.ablate.results import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = (*PALETTE, "#56b4e9", "#000000")
"""Of the variants."""

DASHES = ("-", "--", ":", "-.")
"""Of the stacks, from the first on, and again from there."""

THIN: dict[str, Any] = {"linewidth": 0.8, "alpha": 0.4}
THICK: dict[str, Any] = {"linewidth": 2.2}


def write(path: Path, outcomes: Sequence[Outcome], title: str) -> None:
    """Writes a PNG; variants without a run are left out."""
    from matplotlib.figure import Figure  # here: it takes half a second

    shown = [(one, COLORS[index % len(COLORS)]) for index, one in enumerate(outcomes) if one.results]
    watched = any(result.logits for one, _ in shown for result in one.results)
    figure = Figure(figsize=(16.5 if watched else 11, 4.6), layout="constrained")
    scores, gammas, *logits = figure.subplots(1, 3 if watched else 2)
    for outcome, color in shown:
        _scores(scores, outcome, color)
        _modules(gammas, [result.gammas for result in outcome.results], color)
        for axes in logits:
            _modules(axes, [result.logits for result in outcome.results], color)
    scores.set(xlabel="epoch", ylabel="PCK@0.2 of those held out, per cent")
    gammas.set(xlabel="epoch", ylabel="gamma")
    for axes in logits:
        axes.set(xlabel="epoch", ylabel="largest logit", yscale="log")
    for axes in (scores, gammas, *logits):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#dddddd", linewidth=0.7)
        axes.xaxis.get_major_locator().set_params(integer=True)
    _name_stacks(gammas, sorted({stack for one, _ in shown for result in one.results for stack in result.gammas}))
    scores.legend(frameon=False, fontsize=9, loc="lower right")
    figure.suptitle(title, fontsize=11)
    with commands.whole_file(path) as beside:
        figure.savefig(beside, dpi=120)


def _scores(axes: "Axes", outcome: Outcome, color: str) -> None:
    _draw(axes, [result.pck for result in outcome.results], color, "-")
    axes.plot([], [], color=color, label=outcome.variant.label, **THICK)


def _modules(axes: "Axes", runs: Sequence[Mapping[int, NDArray[np.float64]]], color: str) -> None:
    """The curves [T] of some runs, by stack."""
    for stack in sorted({stack for run in runs for stack in run}):
        curves = [run[stack] for run in runs if stack in run]
        _draw(axes, curves, color, DASHES[(stack - 1) % len(DASHES)])


def _draw(axes: "Axes", curves: Sequence[NDArray[np.float64]], color: str, dashes: str) -> None:
    """Curves [T] over epochs 1 to T, and the mean of the longest: where one ends that diverged, a mean of all would jump."""
    for curve in curves:
        axes.plot(range(1, len(curve) + 1), curve, dashes, color=color, **THIN)
    longest = max(map(len, curves))
    mean = np.mean([curve for curve in curves if len(curve) == longest], axis=0)
    axes.plot(range(1, longest + 1), mean, dashes, color=color, **THICK)


def _name_stacks(axes: "Axes", stacks: Sequence[int]) -> None:
    for stack in stacks:
        axes.plot([], [], DASHES[(stack - 1) % len(DASHES)], color="black", label=f"stack {stack}")
    if stacks:
        axes.legend(frameon=False, fontsize=9)
