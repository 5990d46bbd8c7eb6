"""`make bench`: the full LAPX at 256x256 in each format, at one and two threads, and how fast samples are prepared.

    python -m train.bench [--workdir DIR] [--runs N] [--data DIR ...]

The network is not trained: its time does not depend on what its weights say.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lapx_tf import commands
from lapx_tf.silence import quiet
from lapx_tf.skeletons import MPII_16
from train.steps import step


def bench(workdir: Path, runs: int, data: Sequence[Path]) -> None:
    """Makes the files where they are missing and times them in one run, then the pipeline."""
    network = workdir / "lapx.keras"
    if not network.is_file():
        write_network(network)
    files = [workdir / name for name in ("lapx_float32.tflite", "lapx_int8.tflite", "lapx.onnx")]
    options = (["--to", "tflite"], ["--to", "tflite", "--precision", "int8"], ["--to", "onnx"])
    for file, of_file in zip(files, options, strict=True):
        if not file.is_file():
            step("-m", "convert", network, *of_file, "--samples", "32", "--out", workdir)
    step("-m", "lapx_tf.runtime.cli", "benchmark", *files, "--threads", "1,2", "--runs", str(runs),
         "--json", workdir / "latency.json")  # fmt: skip
    data_option = ["--data", *data] if data else []
    step("-m", "train.bench_pipeline", *data_option, "--json", workdir / "pipeline.json")


def write_network(path: Path) -> None:
    """LAPX with random weights, none of them 0 or 1 as at the start: a converter may leave out what multiplies by them."""
    with quiet():
        from lapx_tf import presets
        from lapx_tf.models import storage
    model, rng = presets.lapx(skeleton=MPII_16), np.random.default_rng(0)
    for weight in model.weights:
        if weight.path.endswith(("gate", "gamma", "beta", "moving_mean")):
            weight.assign(weight.numpy() + rng.uniform(0.05, 0.15, weight.shape))
    storage.save(model, path)


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
