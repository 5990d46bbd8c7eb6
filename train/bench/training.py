"""`python -m train.bench.training`: images a second of training, this project on TensorFlow against plain PyTorch.

    python -m train.bench.training [--sizes 128 256] [--batch-size 8] [--steps N] [--rounds N] [--json OUT]

The full LAPX on one random batch, see `train.bench.engines`. Each engine has a process of its own, which stays, and the rounds
alternate between them, so that other work on the machine slows both (it slows PyTorch more, whose threads wait for each other
after each operation). Rates are medians of the rounds; the ratio is the median of the rounds' ratios. Compare only figures of
one run. Without PyTorch, which is no dependency, ours is timed alone.
"""

import argparse
import importlib.util
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

from rich.table import Table

from lapx_tf import commands
from lapx_tf.runtime.benchmark import cpu_name, peak_memory
from train.bench.engines import ENGINES, Engine
from train.bench.process import answer_all, process
from train.steps import say

OURS, THEIRS = ENGINES
SHOWN = 8
"""Kinds of operations in the table."""


@dataclass(frozen=True)
class Row:
    """One engine at one size.

    Attributes:
        engine: TensorFlow or PyTorch.
        size: side of the crops in pixels.
        rates: images a second, one a round.
        first_step_s: seconds of the first step, which builds the graph.
        peak_memory_bytes: of the process.
        operations: share of the time of all operations, by their kind, the largest first.
    """

    engine: str
    size: int
    rates: Sequence[float]
    first_step_s: float
    peak_memory_bytes: int | None
    operations: Mapping[str, float]


def engines() -> list[str]:
    """Those that are installed."""
    return [OURS, THEIRS] if importlib.util.find_spec("torch") else [OURS]


def measure(size: int, batch_size: int, steps: int, rounds: int) -> list[Row]:
    """Times the engines at a size, in turns; ours is the first.

    Raises:
        InputError: a process failed; its own error stands above.
    """
    with ExitStack() as stack:
        asks = {name: stack.enter_context(process(serve, name, size, batch_size)) for name in engines()}
        first = {name: ask(partial(seconds_of, 1)) for name, ask in asks.items()}
        for ask in asks.values():
            ask(partial(seconds_of, 1))  # the second step takes memory that the later ones use
        seconds = [{name: ask(partial(seconds_of, steps)) for name, ask in asks.items()} for _ in range(rounds)]
        rates = {name: [steps * batch_size / of_round[name] for of_round in seconds] for name in asks}
        return [Row(name, size, rates[name], first[name], *ask(details_of)) for name, ask in asks.items()]


def serve(pipe: Connection, name: str, size: int, batch_size: int) -> None:
    """The process: answers with what a question, a function of the engine, gives."""
    engine = ENGINES[name](size, batch_size)
    answer_all(pipe, lambda question: question(engine))


def seconds_of(steps: int, engine: Engine) -> float:
    """That so many steps take."""
    start = time.perf_counter()
    engine.train(steps)
    return time.perf_counter() - start


def details_of(engine: Engine) -> tuple[int | None, Mapping[str, float]]:
    """The process' peak memory in bytes, and where the time of two steps goes, see `Row`."""
    memory = peak_memory()  # before the profiler takes some
    seconds = engine.profile(2)
    total = sum(seconds.values())
    largest = sorted(seconds.items(), key=lambda item: -item[1])[:SHOWN]
    return memory, {kind: value / total for kind, value in largest}


def bench(options: argparse.Namespace) -> None:
    """Measures, shows and writes."""
    if engines()[-1] == OURS:
        say(f"PyTorch is not installed (pip install torch): {OURS} is timed alone")
    by_size = {size: measure(size, options.batch_size, options.steps, options.rounds) for size in options.sizes}
    if options.json is not None:
        rows = [asdict(row) for rows in by_size.values() for row in rows]
        commands.write_json(options.json, {"cpu": cpu_name(), "batch_size": options.batch_size, "rows": rows})
    say(table(by_size, options.batch_size))
    for row in (row for rows in by_size.values() for row in rows):
        parts = ", ".join(f"{kind} {share:.0%}" for kind, share in row.operations.items())
        say(f"{row.engine}, {row.size}x{row.size}, share of the operations' time: {parts}")


def table(by_size: Mapping[int, Sequence[Row]], batch_size: int) -> Table:
    """The rates for people."""
    shown = Table(title=f"training the full LAPX, batch {batch_size}, on {cpu_name()}")
    for name in ("crop", "engine", "images/s", f"times {OURS}", "first step s", "memory GB"):
        shown.add_column(name, justify="right")
    for size, rows in by_size.items():
        for row in rows:
            ratio = median(rate / ours for ours, rate in zip(rows[0].rates, row.rates, strict=True))
            shown.add_row(
                f"{size}x{size}", row.engine, f"{median(row.rates):.2f}", f"{ratio:.2f}", f"{row.first_step_s:.0f}",
                f"{(row.peak_memory_bytes or 0) / 1e9:.1f}",
            )  # fmt: skip
    return shown


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = commands.Parser(
        prog="python -m train.bench.training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes",
        type=commands.positive,
        nargs="+",
        default=[128, 256],
        metavar="N",
        help="sides of the crops in pixels",
    )
    parser.add_argument("--batch-size", type=commands.positive, default=8)
    parser.add_argument("--steps", type=commands.positive, default=4, help="of each engine in each round (default 4)")
    parser.add_argument("--rounds", type=commands.positive, default=5)
    parser.add_argument("--json", type=Path, metavar="OUT")
    return commands.run(parser, bench, argv)


if __name__ == "__main__":
    sys.exit(main())
