"""`python -m train.bench.pipeline [--data DIR ...] [--json OUT]`: how many samples a second the pipeline prepares.

Decoded, warped, coloured, with their heat maps: beside a plain loop that does the same work (`train.bench.plain`), and beside
what the training of the demo's network consumes. Linux only, for it binds processes to cores.

Every configuration has a process of its own and its cores; the rounds alternate between them, so that other work on the
machine slows all of them. Rates are medians of the rounds; the ratio is the median of the rounds' ratios. Compare only figures
of one run.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

from lapx_tf import commands
from lapx_tf.data import sources
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark import cpu_name
from train.bench import rates
from train.bench.process import answer_all, process
from train.steps import say

SIZES, CORES = (256, 128), (1, 2)
PERSONS = 1000
SYNTHETIC = 96


@dataclass(frozen=True)
class Configuration:
    """What a process measures: samples a second, by what, for crops of which side in pixels, on how many cores."""

    rate: Callable[[People, tuple[int, int], int, float], float]
    size: int
    cores: int


def measure(people: People, rounds: int, seconds: float) -> list[dict[str, Any]]:
    """The rates of the pipeline and of the plain loop and their ratio, for each size and number of cores."""
    pairs = {
        (size, cores): [Configuration(rate, size, cores) for rate in (rates.pipeline, rates.plain_loop)]
        for size in SIZES
        for cores in CORES
    }
    with ExitStack() as stack:
        asks = {key: [stack.enter_context(process(serve, one, people)) for one in pair] for key, pair in pairs.items()}
        found = [{key: [ask(seconds) for ask in pair] for key, pair in asks.items()} for _ in range(rounds)]
    return [row(*key, [of_round[key] for of_round in found]) for key in pairs]


def row(size: int, cores: int, rates: Sequence[Sequence[float]]) -> dict[str, Any]:
    """One line of the report, from the rates (pipeline, plain loop) of each round."""
    return {
        "size": size,
        "cores": cores,
        "pipeline": median(prepared for prepared, _ in rates),
        "plain_loop": median(plain for _, plain in rates),
        "ratio": median(prepared / plain for prepared, plain in rates),
    }


def serve(pipe: Connection, configuration: Configuration, people: People) -> None:
    """The process: answers with the rate of as many seconds as it is asked for."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: configuration.cores])
    size = (configuration.size, configuration.size)
    answer_all(pipe, lambda seconds: configuration.rate(people, size, configuration.cores, seconds))


def table(found: dict[str, Any]) -> Table:
    """The report for people."""
    training = found["training"]
    shown = Table(
        title=f"samples a second prepared from {found['dataset']} on {found['cpu']}",
        caption=f"training ({training['recipe']}, {training['size']}x{training['size']}, all cores) consumes "
        f"{training['images_per_second']:.0f} a second",
    )
    for name in ("crop", "cores", "pipeline", "plain loop", "ratio", "training, times"):
        shown.add_column(name, justify="right")
    for one in found["rates"]:
        times = f"{one['pipeline'] / training['images_per_second']:.0f}" if one["size"] == training["size"] else ""
        shown.add_row(
            f"{one['size']}x{one['size']}", str(one["cores"]), f"{one['pipeline']:.0f}", f"{one['plain_loop']:.0f}",
            f"{one['ratio']:.2f}", times,
        )  # fmt: skip
    return shown


def bench(options: argparse.Namespace) -> None:
    """Measures, shows and writes.

    Raises:
        InputError: the data can't be used, or this is not Linux.
    """
    if not hasattr(os, "sched_setaffinity"):
        raise InputError("this benchmark binds processes to cores, which needs Linux")
    people = read(options.data)
    found = {
        "cpu": cpu_name(),
        "dataset": people.dataset,
        "persons": len(people),
        "rates": measure(people, options.rounds, options.seconds),
        "training": rates.training(people),
    }
    if options.json is not None:
        commands.write_json(options.json, found)
    say(table(found))


def read(data: Sequence[Path]) -> People:
    """People to prepare samples of; not all of a large data set, so that the start is quick.

    Raises:
        InputError: they are fewer than a batch.
    """
    if not data:
        from lapx_tf.data.synthetic import synthetic_people

        return synthetic_people(SYNTHETIC, seed=0)
    people = sources.load_all(data, "train")
    if len(people) < rates.BATCH_SIZE:
        raise InputError(f"the benchmark needs at least {rates.BATCH_SIZE} people to train on, got {len(people)}")
    return replace(people, persons=people.persons[:PERSONS])


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = commands.Parser(prog="python -m train.bench.pipeline", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", default=[], metavar="DIR", help="without it, synthetic people")
    parser.add_argument("--rounds", type=commands.positive, default=5)
    parser.add_argument("--seconds", type=commands.positive, default=1, help="of each configuration in each round")
    parser.add_argument("--json", type=Path, metavar="OUT")
    return commands.run(parser, bench, argv)


if __name__ == "__main__":
    sys.exit(main())
