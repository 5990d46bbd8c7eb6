"""How the constants of `Smoothing` were chosen: with what a network finds in photographs that move in a known way.

    python -m lapx_tf.runtime.smoothing_tuning MODEL PICTURES [--count N] [--markdown OUT]

Each photograph of a person is filmed by a camera that drifts, or swings to and fro at some speed, and whose sensor has noise;
the network follows the person. So the motion of each joint is known. Where the joint lies in the photograph is taken to be the
median of what the network found, since a constant error is nothing that a filter could change.
"""

import argparse
import itertools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from lapx_tf import commands, geometry, images
from lapx_tf.pretrained import FLOAT16, add_model_argument
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.following import PersonFollower
from lapx_tf.runtime.smoothing import OneEuro, Smoothing

RATE, FRAMES = 30, 60
SIZE = (360, 640)  # height, width of the film
PERSON = 240  # pixels of the photograph's longer side in it
SENSOR = 4.0  # standard deviation of a pixel's noise, of 255
REST, SPEEDS = 0.02, (0.25, 0.5, 1.0, 2.0)  # of the drift, and at most of the swings; sides of the photograph a second
PERIOD = 1.2  # seconds of a swing
DIRECTION = (0.8, 0.6)
STEADY = 0.1  # of the box: a joint that is further off in a tenth of the frames is not what a filter is for
SKIPPED = 5  # frames at the start, where the filter has seen nothing yet
SLOWER = 2  # every second frame, as of a camera of half the rate

GRID = tuple(itertools.product((0.5, 1.0, 2.0), (10.0, 20.0, 40.0, 80.0), (1.0, 2.0)))
"""What is tried for min_cutoff, beta and speed_cutoff."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Film:
    """What the network found in one film, of the joints that it was steady about.

    Attributes:
        speed: of the camera at most, in sides of the photograph a second.
        found: [T, K, 2] pixels.
        true: [T, K, 2] where the motion takes the joints' places.
        sides: [T] of the boxes that the network looked at.
    """

    speed: float
    found: Floats
    true: Floats
    sides: Floats

    def measured(self, smoothing: Smoothing | None, step: int) -> tuple[float, float]:
        """What is left of jitter, and the error, both in shares of the box, with every `step`-th frame.

        Returns:
            The mean distance by which a joint moves from frame to frame other than it should; its mean distance from where it
            should be.
        """
        found, true, sides = self.found[::step], self.true[::step], self.sides[::step]
        if smoothing:
            one_euro = OneEuro(smoothing)
            found = np.stack([one_euro(joints, i * step / RATE, sides[i]) for i, joints in enumerate(found)])
        error = (found - true) / np.median(sides)
        jitter = np.linalg.norm(np.diff(error, axis=0), axis=-1)[SKIPPED:].mean()
        return float(jitter), float(np.linalg.norm(error, axis=-1)[SKIPPED:].mean())


def film(estimator: PoseEstimator, image: NDArray[np.uint8], speed: float, rng: np.random.Generator) -> Film:
    """Films a photograph, uint8 [H, W, 3], RGB, and follows the person in it."""
    follow, found, motion, sides = PersonFollower(estimator), [], [], []
    for index in range(FRAMES):
        to_film = _to_film(image.shape[:2], speed, index / RATE)
        frame = images.warp(image, to_film, SIZE)
        pose = follow(np.clip(frame + rng.normal(0, SENSOR, frame.shape), 0, 255).astype(np.uint8))
        found.append(pose.joints[:, :2].astype(np.float64))
        motion.append(to_film)
        sides.append(max(pose.box.width, pose.box.height))
    in_photograph = [geometry.transform(geometry.invert(to), joints) for to, joints in zip(motion, found, strict=True)]
    places = np.median(in_photograph, axis=0)
    true = np.stack([geometry.transform(to, places) for to in motion])
    off = np.linalg.norm(np.stack(found) - true, axis=-1) / np.median(sides)
    steady = np.percentile(off, 90, axis=0) < STEADY
    return Film(speed, np.stack(found)[:, steady], true[:, steady], np.array(sides))


def _to_film(size: Sequence[int], speed: float, seconds: float) -> geometry.Matrix:
    """The map from the photograph of `size` (height, width) to the film at a time."""
    scale = PERSON / max(size)
    swing = PERIOD / (2 * np.pi)
    moved = speed * PERSON * (seconds if speed == REST else swing * np.sin(seconds / swing))
    x, y = (side / 2 + moved * share for side, share in zip(SIZE[::-1], DIRECTION, strict=True))
    return np.array([[scale, 0, x - scale * size[1] / 2], [0, scale, y - scale * size[0] / 2]])


@dataclass(frozen=True)
class Score:
    """What a filter does, mean over films; in shares of the box.

    Attributes:
        jitter: at rest, see `Film.measured`.
        errors: at `REST` and each of `SPEEDS`.
    """

    jitter: float
    errors: tuple[float, ...]

    @property
    def error(self) -> float:
        """The mean over the speeds."""
        return float(np.mean(self.errors))


def score(films: Sequence[Film], smoothing: Smoothing | None, step: int = 1) -> Score:
    """With every `step`-th frame; None is without smoothing."""
    measured = [(film.speed, *film.measured(smoothing, step)) for film in films if film.found.size]
    errors = (float(np.mean([error for at, _, error in measured if at == speed])) for speed in (REST, *SPEEDS))
    return Score(float(np.mean([jitter for at, jitter, _ in measured if at == REST])), tuple(errors))


def best(films: Sequence[Film]) -> Smoothing:
    """Of `GRID`, what has the least jitter at rest and no larger error, in the mean over the speeds, than no smoothing."""
    without = score(films, None).error
    scores = {constants: score(films, Smoothing(*constants)) for constants in GRID}
    allowed = [constants for constants in GRID if scores[constants].error <= without]
    return Smoothing(*min(allowed or GRID, key=lambda constants: scores[constants].jitter))


def table(films: Sequence[Film], chosen: Smoothing) -> str:
    """Markdown: what is left with the filter of what is there without it, and the exact lag at a constant speed."""
    lines = [
        "| | rest | " + " | ".join(f"{speed:g} sides/s" for speed in SPEEDS) + " |",
        "|---" * (len(SPEEDS) + 2) + "|",
    ]
    for step in (1, SLOWER):
        rate, (plain, smooth) = RATE // step, (score(films, which, step) for which in (None, chosen))
        blank = " |" * len(SPEEDS)
        lines += [
            f"| jitter without, % of the box a frame, {rate} frames/s | {100 * plain.jitter:.2f} |{blank}",
            f"| with, times that | {smooth.jitter / plain.jitter:.2f} |{blank}",
            f"| error without, % of the box | {_cells(100 * error for error in plain.errors)} |",
            f"| with, times that | {_cells(a / b for a, b in zip(smooth.errors, plain.errors, strict=True))} |",
            f"| lag at a constant speed, ms | {_cells(1000 * chosen.lag(speed, rate) for speed in (0.0, *SPEEDS))} |",
        ]
    return "\n".join(lines)


def _cells(values: Iterable[float]) -> str:
    return " | ".join(f"{value:.3g}" for value in values)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = commands.Parser(prog="python -m lapx_tf.runtime.smoothing_tuning", description="Chooses the constants.")
    add_model_argument(parser, FLOAT16)
    parser.add_argument("pictures", type=Path, metavar="PICTURES", help="a folder of photographs of one person each")
    parser.add_argument("--count", type=commands.positive, default=20, metavar="N", help="photographs (default: 20)")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write the result to a file as well")
    return commands.run(parser, _tune, argv)


def _tune(options: argparse.Namespace) -> None:
    estimator, rng = PoseEstimator(options.model), np.random.default_rng(0)
    pictures = images.list_images(commands.existing_folder(options.pictures))
    pictures = pictures[:: max(1, len(pictures) // options.count)][: options.count]
    films = [
        film(estimator, images.read_image(picture), speed, rng)
        for picture in track(pictures, "films", console=Console(stderr=True))
        for speed in (REST, *SPEEDS)
    ]
    told = _report(options, len(estimator.session.spec.skeleton.joints), films)
    Console(highlight=False, soft_wrap=True).print(told, markup=False)
    if options.markdown:
        with commands.whole_file(options.markdown) as beside:
            beside.write_text(told, "utf-8")


def _report(options: argparse.Namespace, joints: int, films: Sequence[Film]) -> str:
    chosen = best(films)
    left_out = 1 - np.mean([film.found.shape[1] for film in films]) / joints
    command = f"python -m lapx_tf.runtime.smoothing_tuning {options.model.name} PICTURES --count {options.count}"
    return f"""# How much `--smooth` smooths

`{command}`: each photograph
filmed at rest (a drift of {REST} of its longer side a second) and swinging at up to {", ".join(map(str, SPEEDS))} sides/s;
{len(GRID)} sets of constants tried. Of those whose error, in the mean over the speeds and at {RATE} frames/s, is not larger
than without a filter, the one with the least jitter at rest is

**{chosen}**

in use is {Smoothing()}.

{table(films, chosen)}

The lag is exact, of a joint that goes on at one speed; at rest it is that of an endlessly slow one. Where a joint speeds up,
the filter takes up its speed within about {1000 / (2 * np.pi * chosen.speed_cutoff):.0f} ms; the errors hold that.
Jitter and errors are means over joints; {100 * left_out:.0f} % of them were left out because the network was not steady
about them.
"""


if __name__ == "__main__":
    sys.exit(main())
