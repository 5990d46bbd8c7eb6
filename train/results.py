"""What `train.evaluate` and `train.score` leave behind: scores with their conditions as JSON, and a report beside it."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.data import mpii, prepared
from lapx_tf.data.people import People
from lapx_tf.data.sources import load_named
from lapx_tf.errors import InputError
from lapx_tf.evaluation import measures, report
from lapx_tf.evaluation.details import Details


def add_arguments(parser: commands.Parser) -> None:
    """Where the results go."""
    parser.add_argument("--json", type=Path, required=True, metavar="OUT", help="where the scores go")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--report", type=html_file, metavar="FILE", help="an HTML file; default: beside the JSON")
    choice.add_argument("--no-report", action="store_true", help="the JSON alone")


def html_file(text: str) -> Path:
    """An argument that names a page to write."""
    path = Path(text)
    if path.suffix != ".html":
        raise argparse.ArgumentTypeError(f"must end in .html, got {text!r}")
    return path


def check_outputs(arguments: argparse.Namespace, inputs: Mapping[Path, str]) -> None:
    """Refuses to write over what is read, before the work begins.

    Args:
        arguments: with those of `add_arguments`.
        inputs: files by path, and what they do for the user.

    Raises:
        InputError: an output is one of them, or both outputs are the same file.
    """
    outputs = [arguments.json] if arguments.no_report else [arguments.json, _report_file(arguments)]
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise InputError(f"{arguments.json} can't be the JSON and the report; name a file that does not end in .html")
    for path, purpose in inputs.items():
        if path.resolve() in {output.resolve() for output in outputs}:
            raise InputError(f"{path} {purpose}; name another file for the scores")


def people_to_score(dataset: str, path: Path | None, split: str) -> People:
    """The people as papers score them: for MPII's val with the joints and head sizes of the field's own truth.

    Raises:
        InputError: the data set can't be read, or is another one.
    """
    if dataset == "mpii" and split == "val" and path is not None and not prepared.recognises(path):
        return mpii.val_truth(path)
    return load_named(dataset, path, split)


def deliver(
    arguments: argparse.Namespace,
    title: str,
    scores: Mapping[str, Any],
    conditions: Mapping[str, Any],
    details: Callable[[], Details],
) -> None:
    """Writes the JSON and the report, and says the figure.

    Args:
        arguments: with those of `add_arguments`.
        title: what was scored on what, one line.
        scores: as `measures.measure` gives them.
        conditions: what must be known beside a figure.
        details: makes what only the report shows.
    """
    conditions = {**conditions, "lapx_tf": version("lapx-tf")}
    commands.write_json(arguments.json, {**scores, **conditions})
    written: Sequence[Path] = [arguments.json]
    if not arguments.no_report:
        page = report.Report(title, measures.headline(scores), scores, conditions, details())
        written = [arguments.json, _report_file(arguments)]
        report.write(written[-1], page)
    print(f"{measures.headline(scores)}: {title}; {', '.join(map(str, written))}")


def _report_file(arguments: argparse.Namespace) -> Path:
    return arguments.report or arguments.json.with_suffix(".html")
