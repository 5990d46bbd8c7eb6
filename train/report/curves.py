"""The charts of a run."""

import re
from collections.abc import Sequence

import numpy as np

from lapx_tf import GammaWarmup
from lapx_tf.evaluation.report_figures import Chart, Curve, Span
from train.report.run_files import Run

Lines = Sequence[tuple[str, str]]
"""Columns of the log, as regular expressions, and what their curves are called; the one that counts is the first."""

LOSS: Lines = (
    ("val_loss", "validation"),
    ("loss", "training"),
    (r"val_loss_stack(\d+)", r"validation, stack \1"),
    (r"loss_stack(\d+)", r"training, stack \1"),
)
SHARE: Lines = (("val_pck", "validation, PCK@0.2"), ("pck", "training, PCK@0.2"), ("val_AP", "full evaluation, AP"))
"""From 0 to 1."""
PER_CENT: Lines = ((r"val_(PCKh?@.+)", r"full evaluation, \1"),)
RATE: Lines = (("learning_rate", "learning rate"),)
GAMMA: Lines = ((r"gamma_(\d+)", r"stack \1"),)


def charts(run: Run) -> list[Chart]:
    """Those that the run has figures for, over its epochs."""
    x = run.epochs
    shares = [Curve(one.label, 100 * np.asarray(one.y)) for one in _curves(run, SHARE)]
    found = [
        Chart("Loss", "epoch", "loss", x, None, _curves(run, LOSS), log=True),
        Chart("Score", "epoch", "per cent", x, 100, [*shares, *_curves(run, PER_CENT)]),
        Chart("Learning rate", "epoch", "learning rate", x, None, _curves(run, RATE)),
        Chart("Gamma of the NonLocal modules", "epoch", "gamma", x, None, _curves(run, GAMMA), spans=phases(run)),
        _speed(run),
    ]
    return [chart for chart in found if chart.curves]


def _curves(run: Run, lines: Lines) -> list[Curve]:
    """The columns that hold figures."""
    return [
        Curve(match.expand(label), column)
        for pattern, label in lines
        for name, column in run.log.items()
        if (match := re.fullmatch(pattern, name)) and np.isfinite(column).any()
    ]


def _speed(run: Run) -> Chart:
    """Images a second; where two processes trained an epoch, that of the later one."""
    rates = {epoch: rate for session in run.sessions for epoch, rate in session.rates.items()}
    epochs = sorted(rates)
    curves = [Curve("images a second", [rates[epoch] for epoch in epochs])] if epochs else []
    return Chart("Speed", "epoch", "images a second", epochs, max(rates.values(), default=1), curves)


def phases(run: Run) -> list[Span]:
    """The epochs of each phase of the gamma warm-up; neighbours meet in the middle between two epochs."""
    phase, spans = run.log.get("gamma_phase", np.full(len(run.epochs), np.nan)), []
    for index, name in enumerate(GammaWarmup.PHASES):
        epochs = run.epochs[phase == index]
        if len(epochs):
            start, end = epochs.min() - 0.5, epochs.max() + 0.5
            spans.append(Span(name, max(start, run.epochs.min()), min(end, run.epochs.max())))
    return spans
