"""What the benchmark's and the profiler's processes share: their arguments.

python -m lapx_tf.runtime.benchmark_worker|profile_worker MODEL --threads N --runs R --warmup W
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from lapx_tf import commands

Work = Callable[[Path, int, int, int], None]
"""Takes the model, the threads, the runs and the warm-up runs; writes JSON to stdout."""


def main(work: Work, argv: Sequence[str] | None = None) -> int:
    """The process; returns the exit code."""
    parser = commands.Parser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=commands.positive, required=True)
    parser.add_argument("--runs", type=commands.positive, required=True)
    parser.add_argument("--warmup", type=commands.natural, required=True)
    return commands.run(
        parser, lambda options: work(options.model, options.threads, options.runs, options.warmup), argv
    )
