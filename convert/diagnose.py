"""`python -m convert.diagnose MODEL.keras --data PATH`: which layers cost most when a network is made int8.

Each layer in turn is the only one in int8, its inputs, weights and outputs, and all others stay in float. What that does to
the heat maps is the layer's own noise. The worst are candidates for `python -m convert ... --keep-float`.

Why not TensorFlow's QuantizationDebugger: it measures the error at the layer itself, and a layer with a large one need not
matter, such as one whose small output is added to something large.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from convert.environment import require_tensorflow
from lapx_tf import commands
from lapx_tf.pretrained import KERAS, add_model_argument
from lapx_tf.silence import quiet

if TYPE_CHECKING:  # TensorFlow takes seconds to import and chats
    from convert.int8_noise import Int8Noise

SHOWN = 20
"""Layers in the table; the JSON has all."""


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m convert.diagnose", description="Finds the layers that int8 costs most.")
    add_model_argument(parser, KERAS)
    parser.add_argument(
        "--data", type=Path, metavar="PATH",
        help="a data set or a folder of pictures to take crops from; without it, synthetic people",
    )  # fmt: skip
    parser.add_argument(
        "--samples", type=commands.positive, default=128, metavar="N", help="crops to calibrate with (default 128)"
    )
    parser.add_argument(
        "--checked", type=commands.positive, default=8, metavar="N", help="crops to compare heat maps on (default 8)"
    )
    parser.add_argument(
        "--depth", type=commands.positive, metavar="N",
        help="parts of a layer's path that count, such as 3 for stack1/hourglass/up0; default: every operation by itself",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="OUT", help="write what was found")
    return parser


@dataclass(frozen=True)
class Row:
    """One layer.

    Attributes:
        layer: its path, as `--keep-float` takes it.
        signal_to_noise_db: of the heat maps if it alone is in int8.
        share: of the sum of all layers' noise. That is more than the noise of all in int8: what lies between two layers
            counts for both.
    """

    layer: str
    signal_to_noise_db: float
    share: float


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        model: name of the file.
        crops: where they come from, in words.
        signal_to_noise_db: of the heat maps if all is in int8.
        layers: the noisiest first.
        without_worst: `signal_to_noise_db` if so many of them stay in float.
    """

    model: str
    crops: str
    signal_to_noise_db: float
    layers: tuple[Row, ...]
    without_worst: dict[int, float]


def diagnose(name: str, crops: str, noise: "Int8Noise", on_layer: Callable[[], None]) -> Report:
    """Measures every layer; `on_layer` is called after each."""
    alone = dict[str, float]()
    for layer in noise.layers:
        alone[layer] = noise.signal_to_noise(int8={layer})
        on_layer()
    powers = {layer: 10 ** (-decibels / 10) for layer, decibels in alone.items()}
    total = sum(powers.values())
    worst = sorted(alone, key=alone.__getitem__)
    counts = [count for count in (1, 2, 4, 8, 16) if count < len(worst)]
    return Report(
        model=name,
        crops=crops,
        signal_to_noise_db=noise.signal_to_noise(int8=set(worst)),
        layers=tuple(Row(layer, alone[layer], powers[layer] / total) for layer in worst),
        without_worst={count: noise.signal_to_noise(int8=set(worst[count:])) for count in counts},
    )


def _diagnose(arguments: argparse.Namespace) -> None:
    require_tensorflow(os.environ.get("KERAS_BACKEND") or "tensorflow")
    model = commands.existing_file(arguments.model)
    # The bar has a stderr of its own, for TensorFlow's is silenced.
    with (
        os.fdopen(os.dup(2), "w") as stderr,
        quiet(),
        Progress(console=Console(file=stderr), transient=True) as progress,
    ):
        report = _measured(arguments, model, progress)
    if arguments.json:
        commands.write_json(arguments.json, asdict(report))
    Console().print(_table(report))


def _measured(arguments: argparse.Namespace, path: Path, progress: Progress) -> Report:
    # Here, because importing TensorFlow takes seconds and chats.
    from convert.calibration import load_crops
    from convert.int8_noise import Int8Noise
    from lapx_tf.models import storage

    task = progress.add_task("float and ranges", total=None)
    model = storage.load(path)
    crops = load_crops(arguments.data, storage.keras_spec(model, path).input_size, arguments.samples)
    noise = Int8Noise(model, crops.calibration, crops.check[: arguments.checked], arguments.depth)
    progress.update(task, description="one layer in int8", total=len(noise.layers))
    return diagnose(path.name, crops.source, noise, lambda: progress.advance(task))


def _table(report: Report) -> Table:
    kept = ", ".join(f"{count}: {decibels:.1f} dB" for count, decibels in report.without_worst.items())
    table = Table(
        title=f"{report.model}, heat maps in int8 on {report.crops}: signal to noise {report.signal_to_noise_db:.1f} dB",
        caption=f"with the worst in float: {kept}" if kept else None,
    )
    table.add_column("layer", overflow="fold")
    table.add_column("alone in int8", justify="right")
    table.add_column("share of noise", justify="right")
    for row in report.layers[:SHOWN]:
        table.add_row(row.layer, f"{row.signal_to_noise_db:.1f} dB", f"{row.share:.1%}")
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), _diagnose, argv)


if __name__ == "__main__":
    sys.exit(main())
