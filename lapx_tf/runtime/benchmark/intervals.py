"""How sure a ratio of times is.

Runs of one process are not independent: they share a place in memory, a core, a clock and whatever else the machine does
meanwhile. So a thousand runs of one process say less than they seem to, and an interval from their scatter would be far too
narrow. Rounds are independent, nearly: each has new processes. So a round gives one number, its median, and the interval is
Student's t interval of the logarithms of these numbers. The bootstrap would need more than the three to ten rounds that there
are: over five rounds its 95% hold in fewer cases, see docs/benchmark.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95

_T = (12.706, 4.303, 3.182, 2.776)
"""Student's t for 1 to 4 degrees of freedom: 2.5% lie above."""


@dataclass(frozen=True)
class Interval:
    """Where a number lies with 95% confidence."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def spread(self) -> float:
        """The upper end in the lower one."""
        return self.high / self.low


def interval_of(values: Sequence[float]) -> Interval | None:
    """Where the mean lies of what positive numbers were drawn from, one for each round; None of fewer than two numbers.

    Args:
        values: times or ratios of times. It is the mean of logarithms that is estimated: times scatter by factors.
    """
    if len(values) < 2:
        return None
    logarithms = np.log(values)
    half = student_t(len(values) - 1) * float(logarithms.std(ddof=1)) / math.sqrt(len(values))
    center = float(logarithms.mean())
    return Interval(math.exp(center - half), math.exp(center + half))


def student_t(freedom: int) -> float:
    """The value that 2.5% of Student's t distribution lie above; the error is below 0.003.

    Args:
        freedom: degrees of freedom, 1 or more. From 5 on it is the first terms of the expansion in 1 / freedom (Abramowitz
            and Stegun, Handbook of Mathematical Functions, 26.7.5).
    """
    if freedom <= len(_T):
        return _T[freedom - 1]
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def interval_of_ratio(times: Sequence[float], others: Sequence[float]) -> Interval | None:
    """Where `others` in `times` lies, of two runs that did not alternate; None where one has fewer than two numbers.

    Welch's t interval of the logarithms: the two may scatter differently.

    Args:
        times: one for each round of the one run.
        others: of the other run, which may have another number of rounds.
    """
    if min(len(times), len(others)) < 2:
        return None
    own, other = np.log(times), np.log(others)
    variances = [float(values.var(ddof=1)) / len(values) for values in (own, other)]
    total = sum(variances)
    parts = sum(part**2 / (len(values) - 1) for part, values in zip(variances, (own, other), strict=True))
    freedom = max(1, math.floor(total**2 / parts)) if parts else len(own) + len(other) - 2
    half, center = student_t(freedom) * math.sqrt(total), float(other.mean() - own.mean())
    return Interval(math.exp(center - half), math.exp(center + half))
