"""`make bench`: how fast the converted files are, how fast samples are prepared, and how fast training is.

    python -m train.bench [--workdir DIR] [--runs N] [--data DIR ...]

Three commands one after the other; each says under what conditions its figures hold.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from lapx_tf import commands
from train.steps import step


def bench(workdir: Path, runs: int, data: Sequence[Path]) -> None:
    """Runs all three; `workdir` gets the files and what is found."""
    workdir.mkdir(parents=True, exist_ok=True)
    step("-m", "convert.bench", "--workdir", workdir, "--runs", str(runs), "--markdown", workdir / "bench.md")
    data_option = ["--data", *data] if data else []
    step("-m", "train.bench.pipeline", *data_option, "--json", workdir / "pipeline.json")
    step("-m", "train.bench.training", "--json", workdir / "training.json")


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = commands.Parser(prog="python -m train.bench", description=__doc__)
    parser.add_argument("--workdir", type=Path, default=Path("runs/bench"), metavar="DIR")
    parser.add_argument("--runs", type=commands.positive, default=60, metavar="N", help="of each file and thread count")
    parser.add_argument(
        "--data", type=Path, nargs="+", default=[], metavar="DIR", help="for the pipeline; without it, synthetic people"
    )
    return commands.run(parser, lambda options: bench(options.workdir, options.runs, options.data), argv)


if __name__ == "__main__":
    sys.exit(main())
