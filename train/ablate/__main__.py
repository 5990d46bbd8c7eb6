"""`python -m train.ablate stages|warmup|nonlocal|stable --data DIR --budget N`: an experiment of the paper, several seeds.

Each training is a run of `python -m train` in a folder of its own, a process of its own, with `output.txt` for what it says.
The same command again does what is missing: it skips the runs that are over and resumes the one that was stopped. At the end,
and with `--report-only` at any time, WORKDIR has a table (`stages.md`, `.csv`, `.json`) and a plot (`stages.png`).
"""

import argparse
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from lapx_tf import commands
from lapx_tf.silence import quiet
from lapx_tf.stopping import Stop, signals
from train.ablate import conditions as shared
from train.ablate.conditions import Conditions
from train.steps import say

with quiet():  # these bring Keras
    from train.ablate import plot, runs, tables
    from train.ablate.experiments import EXPERIMENTS, Variant
    from train.ablate.results import Outcome, read, verdict
    from train.watching.pace import in_words


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m train.ablate", description="An experiment of the paper, with several seeds."
    )
    parser.add_argument("experiment", choices=list(EXPERIMENTS))
    parser.add_argument(
        "--data", type=Path, nargs="+", default=[], metavar="PATH",
        help="data sets, see `python -m train`; without it, synthetic people",
    )  # fmt: skip
    parser.add_argument(
        "--workdir", type=Path, default=Path("runs/ablation"), metavar="DIR",
        help="for all runs (default runs/ablation); experiments in one folder share some",
    )  # fmt: skip
    parser.add_argument("--seeds", type=commands.positive, default=3, metavar="N", help="of each variant (default 3)")
    parser.add_argument(
        "--budget", "--epochs", dest="epochs", type=commands.positive, metavar="EPOCHS",
        help="epochs of each run, instead of the recipe's",
    )  # fmt: skip
    parser.add_argument("--recipe", default="ablation", help="what is varied (default ablation)")
    parser.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE",
        help="other values of the recipe, in all runs",
    )  # fmt: skip
    parser.add_argument("--report-only", action="store_true", help="table and plot of the runs that are over")
    return parser


def ablate(arguments: argparse.Namespace, stop: Stop) -> None:
    """Trains what is missing, then writes table and plot.

    Raises:
        InputError: an argument is wrong, or the folder holds runs under other conditions.
        KeyboardInterrupt: it was stopped.
    """
    workdir = arguments.workdir
    if arguments.report_only:
        conditions = shared.of_folder(workdir)
    else:
        budget = [f"epochs={arguments.epochs}"] if arguments.epochs else []
        conditions = shared.of_command(arguments.recipe, [*arguments.set, *budget], arguments.data)
    variants = EXPERIMENTS[arguments.experiment](conditions.recipe, conditions.joints)
    if not arguments.report_only:
        shared.agree(workdir, conditions)
        try:
            train_missing(variants, arguments.seeds, conditions, arguments.data, workdir, stop)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("stopped; the same command again does what is missing") from None
    report(arguments.experiment, conditions, variants, workdir)


def train_missing(
    variants: Sequence[Variant], seeds: int, conditions: Conditions, data: Sequence[Path], workdir: Path, stop: Stop
) -> None:
    """Does the runs that are not over: all variants with the first seed, then all with the second, and so on."""
    wanted = [runs.Run.of(variant, seed, workdir) for seed in range(seeds) for variant in variants]
    missing = [run for run in wanted if not run.over]
    say(f"{len(wanted)} runs, {len(wanted) - len(missing)} of them over")
    began = time.monotonic()
    for index, run in enumerate(missing):
        say(f"{index + 1} of {len(missing)}: {run.variant.label}, seed {run.seed}; see {run.folder / runs.OUTPUT}")
        diverged = runs.do(run, conditions, data, stop)
        stop.here()
        left = (time.monotonic() - began) / (index + 1) * (len(missing) - index - 1)
        say(f"  {diverged or f'PCK {read(run).last:.1f}'}; about {in_words(left)} left")


def report(name: str, conditions: Conditions, variants: Sequence[Variant], workdir: Path) -> None:
    """Writes table and plot of the runs that are over, and shows the table."""
    outcomes = [Outcome(variant, [read(run) for run in runs.there(variant, workdir)]) for variant in variants]
    table, sentence = tables.rows(outcomes, conditions.joints), verdict(outcomes)
    page = tables.markdown(name, conditions, table, sentence)
    of_runs = [row for outcome in outcomes for row in tables.run_rows(outcome)]
    content = {
        "experiment": name,
        "conditions": tables.said(conditions),
        "verdict": sentence,
        "variants": table,
        "runs": of_runs,
    }
    commands.write_json(workdir / f"{name}.json", content)
    tables.write_csv(workdir / f"{name}.csv", table)
    with commands.whole_file(workdir / f"{name}.md") as beside:
        beside.write_text(page, "utf-8")
    plot.write(workdir / f"{name}.png", outcomes, f"{name}: {tables.headline(conditions)}")
    print(page)
    print(f"{workdir / name}.md, .csv, .json, .png")


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    with signals() as stop:
        return stop.exit_code(commands.run(parser(), partial(ablate, stop=stop), argv))


if __name__ == "__main__":
    sys.exit(main())
