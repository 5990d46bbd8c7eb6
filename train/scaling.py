"""`python -m train.scaling RECIPE --images-per-second R`: what to expect of many devices, on paper.

The model, for n devices that each take a batch of the same size (so the batch of a step grows with n):

- a step takes as long as on one device, plus what the devices tell each other; nothing of it is hidden behind computing;
- the gradient is summed once, and each batch normalisation sums `STATISTICS`, which the layers behind it wait for;
- summing S bytes takes 2 (n - 1) / n S / bandwidth + 2 (n - 1) latency in a ring, or 2 S / bandwidth + 2 log2(n) latency in a
  tree (Thakur, Rabenseifner, Gropp: Optimization of Collective Communication Operations in MPICH, 2005), whichever is less,
  as the libraries choose by size. Between machines, all devices of a machine share its link.

Reading pictures is left out: every machine reads its own.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from lapx_tf import commands
from lapx_tf.data.people import People
from lapx_tf.silence import quiet
from lapx_tf.skeletons import MPII_16
from train import recipe as recipes
from train.recipe import Recipe

FLOAT_BYTES = 4

STATISTICS = (1, 1, 2, 2)
"""Numbers a channel in each sum of a batch normalisation, one after the other: mean and variance on the way forward, two pairs
on the way back. So JAX 0.10 compiles it: the step of four bottlenecks on two devices has 46 such sums for 12 of them."""


@dataclass(frozen=True)
class Link:
    """What the devices talk through.

    Attributes:
        bandwidth: bytes a second in each direction.
        latency: seconds from one device to the next.
    """

    bandwidth: float
    latency: float


@dataclass(frozen=True)
class Traffic:
    """What is summed over all devices in a step.

    Attributes:
        gradient: bytes.
        statistics: bytes of each of the sums of the batch normalisation.
    """

    gradient: int
    statistics: tuple[int, ...]


def traffic_of(recipe: Recipe) -> Traffic:
    """Of a recipe's network, for the joints of MPII; all in float32, whatever the recipe computes in."""
    with quiet():
        from train.run.network import build

        network = build(recipe, People("mpii", MPII_16, []))
    gradient = sum(math.prod(weight.shape) for weight in network.trainable_weights)
    means = [weight for weight in network.weights if weight.path.endswith("/moving_mean")]
    statistics = [numbers * math.prod(mean.shape) * FLOAT_BYTES for mean in means for numbers in STATISTICS]
    return Traffic(gradient * FLOAT_BYTES, tuple(statistics))


def sum_seconds(size: int, devices: int, link: Link) -> float:
    """What it takes to sum so many bytes over all devices."""
    if devices == 1:
        return 0.0
    ring = 2 * (devices - 1) / devices * size / link.bandwidth + 2 * (devices - 1) * link.latency
    tree = 2 * size / link.bandwidth + 2 * math.ceil(math.log2(devices)) * link.latency
    return min(ring, tree)


def step_seconds(compute: float, traffic: Traffic, devices: int, link: Link) -> float:
    """What a step takes.

    Args:
        compute: seconds that it takes on one device.
        traffic: see there.
        devices: that take part.
        link: between them.
    """
    return compute + sum(sum_seconds(size, devices, link) for size in (traffic.gradient, *traffic.statistics))


def table(traffic: Traffic, rate: float, batch: int, counts: Sequence[int], link: Link) -> str:
    """In Markdown, a row for each number of devices.

    Args:
        traffic: of a step.
        rate: images a second of one device.
        batch: images a step and device.
        counts: numbers of devices.
        link: between them.
    """
    compute = batch / rate
    rows = ["| devices | images a step | ms a step | of it waiting | images/s | of n times one |", "|" + "---:|" * 6]
    for devices in counts:
        step = step_seconds(compute, traffic, devices, link)
        waiting, images = step - compute, devices * batch
        figures = f"{step * 1e3:,.0f} | {waiting * 1e3:,.1f} | {images / step:,.0f} | {compute / step:.1%}"
        rows.append(f"| {devices} | {images:,} | {figures} |")
    return "\n".join(rows)


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train.scaling", description="What to expect of many devices, on paper.")
    parser.add_argument("recipe", help=f"one of {', '.join(recipes.names())}")
    parser.add_argument(
        "--images-per-second", type=_positive, required=True, help="of one device, as training shows it"
    )
    parser.add_argument("--batch", type=commands.positive, default=16, help="images a step and device (default 16)")
    parser.add_argument("--devices", type=commands.positive, nargs="+", default=[1, 8, 64, 512], metavar="N")
    parser.add_argument("--gigabytes-per-second", type=_positive, default=12.5, help="default: a link of 100 Gbit/s")
    parser.add_argument("--microseconds", type=_positive, default=10.0, help="from one device to the next (default 10)")
    return parser


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number above 0, got {text!r}")
    return value


def scaling(arguments: argparse.Namespace) -> None:
    """Prints the table."""
    traffic = traffic_of(recipes.find(arguments.recipe))
    link = Link(arguments.gigabytes_per_second * 1e9, arguments.microseconds * 1e-6)
    print(
        f"{arguments.recipe}: a gradient of {traffic.gradient / 1e6:.1f} MB and {len(traffic.statistics)} sums of "
        f"{sum(traffic.statistics) / 1e6:.2f} MB in all for the batch normalisation; one device: "
        f"{arguments.images_per_second:g} images/s; link: {arguments.gigabytes_per_second:g} GB/s, "
        f"{arguments.microseconds:g} us\n"
    )
    print(table(traffic, arguments.images_per_second, arguments.batch, arguments.devices, link))


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), scaling, argv)


if __name__ == "__main__":
    sys.exit(main())
