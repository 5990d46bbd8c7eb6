"""`make demo`: train, evaluate, convert, time and draw, by the commands that a user would type; then one table.

    python -m train.demo [--data DIR] [--recipe NAME] [--workdir DIR] [--photos PATH]

At the end a trained network of the package looks at photographs: those given, or two in the public domain.

Everything goes into the workdir; the same workdir again continues a training that was stopped.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from lapx_tf import commands
from lapx_tf.data import sources
from lapx_tf.errors import InputError
from train import photographs
from train import recipe as recipes
from train.run.workdir import BEST, SETTINGS
from train.steps import read, say, step

THREADS = (1, 2)

TRAINED = "lapx_small_lsp"
"""The network of the package that looks at photographs."""


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train.demo", description="The main job, end to end.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder with LSP; without it, synthetic people")
    parser.add_argument("--recipe", default="demo", help=f"one of {', '.join(recipes.names())}")
    parser.add_argument("--workdir", type=Path, metavar="DIR", help="default: a new folder in runs/")
    parser.add_argument("--photos", type=Path, metavar="PATH", help="a picture or a folder, for a trained network")
    return parser


def demo(data: Path | None, recipe: str, workdir: Path, photos: Path | None = None) -> None:
    """The whole chain; what each command gave is read back from the JSON that it wrote."""
    recipes.find(recipe)
    if photos and not photos.exists():
        raise InputError(f"no such picture or folder: {photos}")
    if data:
        sources.load(data, "val")
    start = time.monotonic()
    data_option = ["--data", data] if data else []
    resume = ["--resume"] if (workdir / SETTINGS).is_file() else []
    step("-m", "train", recipe, *data_option, "--workdir", workdir, *resume)

    models = convert(workdir, data)
    for name, model in models.items():
        dataset = ["--dataset", "lsp", "--data", data] if data else ["--dataset", "synthetic"]
        report = [] if name == "keras" else ["--no-report"]
        step(
            "-m", "train.evaluate", model, *dataset, "--split", "val", "--json", workdir / f"score_{name}.json", *report
        )
    files = [model for name, model in models.items() if name != "keras"]
    threads = ",".join(map(str, THREADS))
    step("-m", "lapx_tf.runtime.cli", "benchmark", *files, "--threads", threads, "--json", workdir / "latency.json")
    step("-m", "train.baselines", workdir / BEST, *data_option, "--json", workdir / "baselines.json")
    step("-m", "train.sheet", models["tflite_int8"], *data_option, "--out", workdir / "predictions.png")
    look_at(photos, workdir / "photographs")
    say()
    say(table(workdir, models))
    say(f"What {TRAINED}, trained on photographs of athletes, finds in photographs: {workdir / 'photographs'}")
    say(f"{(time.monotonic() - start) / 60:.1f} minutes; pictures: {workdir / 'predictions.png'}, models: {workdir}")


def look_at(photos: Path | None, out: Path) -> None:
    """Runs the trained network on the user's photographs, or on those that are always there."""
    source = [photos] if photos else [out, "--boxes", photographs.write(out)]
    step("-m", "lapx_tf.runtime.cli", "predict", TRAINED, *source, "--flip-test", "--out", out)


def convert(workdir: Path, data: Path | None) -> dict[str, Path]:
    """Converts the best network to each format; the files by the names of the table's rows."""
    keras = workdir / BEST
    calibration = ["--calibration", data] if data else []
    variants = {
        "tflite_float32": (["--to", "tflite"], f"{keras.stem}_float32.tflite"),
        "tflite_int8": (["--to", "tflite", "--precision", "int8"], f"{keras.stem}_int8.tflite"),
        "onnx": (["--to", "onnx"], f"{keras.stem}.onnx"),
    }
    for options, _ in variants.values():
        step("-m", "convert", keras, *options, *calibration, "--out", workdir)
    return {"keras": keras} | {name: workdir / file for name, (_, file) in variants.items()}


def table(workdir: Path, models: dict[str, Path]) -> Table:
    """What came of it, one row a model, with the baselines above."""
    baselines, latency = read(workdir / "baselines.json"), read(workdir / "latency.json")["measurements"]
    scores = {name: read(workdir / f"score_{name}.json") for name in models}
    conditions = scores["keras"]
    height, width = conditions["input_size"]
    found = Table(
        title=f"PCK@0.2 on {conditions['images']} images of {conditions['dataset']} val, no flip test, {height}x{width}"
    )
    for column in ("", "PCK@0.2", "kB", *(f"ms, {n} thread{'s' * (n > 1)}" for n in THREADS)):
        found.add_column(column, justify="left" if not column else "right")
    found.add_row("mean pose of the training people", f"{baselines['mean_pose']['PCK@0.2']:.1f}")
    found.add_row("network before training", f"{baselines['untrained']['PCK@0.2']:.1f}", end_section=True)
    for name, model in models.items():
        times = [one["median_ms"] for one in latency if one["model"] == str(model)]
        times = times or ["", baselines["keras_median_ms"]]  # Keras takes the threads it finds: those of this machine
        cells = [f"{value:.1f}" if value else "" for value in times]
        found.add_row(
            name.replace("_", " "), f"{scores[name]['PCK@0.2']:.1f}", f"{model.stat().st_size / 1000:.0f}", *cells
        )
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""

    def run(arguments: argparse.Namespace) -> None:
        workdir = arguments.workdir or Path("runs") / time.strftime(f"{arguments.recipe}-%Y%m%d-%H%M%S")
        demo(arguments.data, arguments.recipe, workdir, arguments.photos)

    return commands.run(parser(), run, argv)


if __name__ == "__main__":
    sys.exit(main())
