"""The table of an experiment: as CSV and JSON for programs, as Markdown for people."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands
from train.ablate.conditions import Conditions
from train.ablate.results import Outcome, Result
from train.ablate.size import size_of

Row = dict[str, Any]


def rows(outcomes: Sequence[Outcome], joints: int) -> list[Row]:
    """One row a variant, the same columns in each; None where there is no figure.

    PCK is in per cent. Logit, entropy and share are those of the NonLocal module that has the most extreme one. Means and
    standard deviations (of a sample, so that one run has none) are those over the seeds.
    """
    stacks = sorted({stack for one in outcomes for result in one.results for stack in result.gammas})
    return [_row(one, stacks, joints) for one in outcomes]


def _row(outcome: Outcome, stacks: Sequence[int], joints: int) -> Row:
    variant, results = outcome.variant, outcome.results
    size = size_of(variant.recipe, joints)
    row: Row = {
        "variant": variant.label,
        "settings": " ".join(variant.settings),
        "parameters": size.parameters,
        "gmac": round(size.macs / 1e9, 5),
        "runs": len(results),
        "diverged": sum(result.diverged is not None for result in results),
        "collapsed": sum(result.collapsed for result in results),
    }
    row |= _statistics("best_pck", [result.best for result in results])
    row |= _statistics("last_pck", [result.last for result in results])
    for name, values in _WATCHED.items():
        row |= _statistics(name, [value for one in results if (value := values(one)) is not None])
    for stack in stacks:
        row |= _statistics(f"gamma_{stack}", [one.gammas[stack][-1] for one in results if stack in one.gammas])
    return row


def _at_the_end(of_stacks: Mapping[int, NDArray[np.float64]], worst: Callable[[list[float]], float]) -> float | None:
    last = [float(values[-1]) for values in of_stacks.values()]
    return worst(last) if last else None


_WATCHED: Mapping[str, Callable[[Result], float | None]] = {
    "largest_logit": lambda one: _at_the_end(one.logits, max),
    "lowest_entropy": lambda one: _at_the_end(one.entropies, min),
    "largest_share": lambda one: _at_the_end(one.shares, max),
}
"""What a run was watched for, at its end; None where it was not."""


def _statistics(name: str, values: Sequence[float]) -> Row:
    mean = float(np.mean(values)) if len(values) else None
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return {f"{name}_mean": mean, f"{name}_sd": deviation}


def write_csv(path: Path, table: Sequence[Row]) -> None:
    """Writes the rows, an empty cell where there is no figure."""
    with commands.whole_file(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def run_rows(outcome: Outcome) -> list[Row]:
    """One row a run, for the JSON."""
    return [{"variant": outcome.variant.label, **_run_row(result)} for result in outcome.results]


def _run_row(result: Result) -> Row:
    return {
        "seed": result.seed,
        "epochs": len(result.epochs),
        "best_pck": result.best,
        "last_pck": result.last,
        "gamma": {stack: float(gamma[-1]) for stack, gamma in result.gammas.items()},
        "collapsed": result.collapsed,
        "diverged": result.diverged,
    }


def markdown(name: str, conditions: Conditions, table: Sequence[Row], verdict: str) -> str:
    """The table with its conditions above and the verdict below."""
    stacks = [column.split("_")[1] for column in table[0] if column.startswith("gamma_") and column.endswith("_mean")]
    figures = {"best_pck": 1, "last_pck": 1} | {f"gamma_{stack}": 3 for stack in stacks}
    figures |= {name: 2 for name in _WATCHED if any(row[f"{name}_mean"] is not None for row in table)}
    named = (name.replace("_", " ").replace("pck", "PCK") for name in figures)
    heads = ["", "parameters", "MMAC", "runs", *named, "diverged", "collapsed"]
    lines = [_line(heads), _line(["---"] * len(heads)), *(_line(_cells(row, figures)) for row in table)]
    picture = f"![PCK and gamma by epoch]({name}.png)"
    return "\n\n".join([said(conditions), "\n".join(lines), verdict, picture]) + "\n"


def headline(conditions: Conditions) -> str:
    """The conditions in a line."""
    recipe = conditions.recipe
    height, width = recipe.size
    return (
        f"recipe {conditions.recipe_name}, {height}x{width}, {recipe.epochs} epochs, {conditions.persons} persons of "
        f"{conditions.dataset}"
    )


def said(conditions: Conditions) -> str:
    """The conditions in words."""
    settings = f", with `{' '.join(conditions.settings)}`" if conditions.settings else ""
    return (
        f"Conditions: {headline(conditions)}, {conditions.held_out} held out{settings}. PCK@0.2 of those held out in per cent, "
        "without flip test, mean ± standard deviation over the seeds; gamma by stack at the end."
    )


def _cells(row: Row, figures: Mapping[str, int]) -> list[str]:
    """The row as text; `figures` are those with a spread, and their digits."""
    return [
        row["variant"],
        f"{row['parameters']:,}",
        f"{1000 * row['gmac']:.1f}",
        str(row["runs"]),
        *(_pair(row, name, digits) for name, digits in figures.items()),
        str(row["diverged"]),
        str(row["collapsed"]),
    ]


def _pair(row: Row, name: str, digits: int) -> str:
    mean, deviation = row[f"{name}_mean"], row[f"{name}_sd"]
    if mean is None:
        return ""
    return _number(mean, digits) + ("" if deviation is None else f" ± {_number(deviation, digits)}")


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if abs(value) < 1e5 else f"{value:.1e}"  # logits that have run away


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
