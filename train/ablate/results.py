"""What came of the runs: scores by variant, and whether they differ by more than the seeds make them differ."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.records import read_json
from train.ablate.experiments import Variant
from train.ablate.runs import OUTCOME, Run
from train.report import run_files

LEARNT = 10.0
"""Per cent. Below it a network finds hardly anything, and its score jumps about."""

SIGNIFICANT = 0.05


@dataclass(frozen=True, eq=False)
class Result:
    """A run that is over.

    Attributes:
        seed: of the run.
        epochs: [T] that ended, counted from 1.
        pck: [T] per cent, the score of those held out after each of these epochs.
        gammas: [T] gamma at the end of each of these epochs, by stack.
        logits: [T] the largest logit, likewise, by stack; so are entropies and shares, see `watching.attention`. Empty where
            the attention was not watched.
        diverged: the sentence that it ended with; None where it finished.
    """

    seed: int
    epochs: NDArray[np.int64]
    pck: NDArray[np.float64]
    gammas: dict[int, NDArray[np.float64]]
    diverged: str | None
    logits: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    entropies: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    shares: dict[int, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def best(self) -> float:
        """Per cent, of the best epoch; 0 where none ended."""
        return float(np.nan_to_num(self.pck).max(initial=0))

    @property
    def last(self) -> float:
        """Per cent, of the last epoch; 0 where none ended."""
        return float(np.nan_to_num(self.pck[-1])) if len(self.pck) else 0.0

    @property
    def collapsed(self) -> bool:
        """Whether the score, once it was above `LEARNT`, has ever fallen below half of its best until then."""
        pck = np.nan_to_num(self.pck)
        best = np.maximum.accumulate(pck)
        return bool(((best > LEARNT) & (pck < best / 2)).any())


@dataclass(frozen=True, eq=False)
class Outcome:
    """A variant and its runs that are over, by seed."""

    variant: Variant
    results: Sequence[Result]


def read(run: Run) -> Result:
    """What a run that is over has left."""
    left = run_files.read(run.folder)
    gammas, *watched = (_by_stack(left.log, name) for name in ("gamma", "logit", "entropy", "share"))
    pck = 100 * left.log.get("val_pck", np.zeros(0))
    return Result(run.seed, left.epochs, pck, gammas, read_json(run.folder / OUTCOME)["diverged"], *watched)


def _by_stack(log: Mapping[str, NDArray[np.float64]], name: str) -> dict[int, NDArray[np.float64]]:
    """The columns `name_1`, `name_2`, ... of a log."""
    matches = ((re.fullmatch(rf"{name}_(\d+)", column), values) for column, values in log.items())
    return {int(match[1]): values for match, values in matches if match}


def verdict(outcomes: Sequence[Outcome]) -> str:
    """Whether the variants' last scores differ by more than their seeds do, in words.

    Tukey's test of all pairs (HSD, in Kramer's form where the variants have different numbers of runs).
    """
    groups = {one.variant.label: [result.last for result in one.results] for one in outcomes if one.results}
    if len(groups) < 2:
        return "There are not yet two variants to compare."
    means = {label: float(np.mean(scores)) for label, scores in groups.items()}
    best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
    range_of = (
        f"After the last epoch the means go from {means[worst]:.1f} ({worst}) to {means[best]:.1f} ({best}), which is "
        f"{means[best] - means[worst]:.1f} points."
    )
    seeds = sorted({len(scores) for scores in groups.values()})
    if seeds[0] < 2:
        return f"{range_of} A variant has a single run, so there is no spread of seeds to hold that against."
    return f"{range_of} {_compared(groups)} {_warning(seeds)}"


def _compared(groups: dict[str, list[float]]) -> str:
    from scipy.stats import tukey_hsd  # here: it takes a second, and comes with the training only

    spread = np.sqrt(np.mean([np.var(scores, ddof=1) for scores in groups.values()]))
    if not spread:
        return "The seeds of a variant give the same score, so that nothing can be tested."
    test, labels = tukey_hsd(*groups.values()), list(groups)
    interval = test.confidence_interval(1 - SIGNIFICANT)
    needed = float((interval.high - interval.low)[~np.eye(len(labels), dtype=bool)].max() / 2)
    pairs = [
        f"{labels[one]} is better than {labels[other]}"
        for one, other in itertools.permutations(range(len(labels)), 2)
        if test.pvalue[one, other] < SIGNIFICANT and test.statistic[one, other] > 0
    ]
    found = f"{'; '.join(pairs)}; no other difference exceeds it" if pairs else "no difference exceeds it"
    return (
        f"The seeds of one variant spread by {spread:.1f} points (pooled standard deviation), against which a difference of "
        f"two means must exceed {needed:.1f} points (Tukey's HSD at {SIGNIFICANT:.0%}): {found}."
    )


def _warning(seeds: Sequence[int]) -> str:
    """How far so many runs a variant carry."""
    count = " to ".join(map(str, sorted({seeds[0], seeds[-1]})))
    return (
        f"With {count} seeds a variant the spread itself is known only roughly; what is not shown to differ is not shown to be "
        "equal."
    )
