"""`python -m convert.verify MODEL.keras CONVERTED...`: the gates on files that are there already, each with its JSON."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from convert.environment import require_tensorflow
from convert.request import PRECISIONS, options_of
from lapx_tf import commands
from lapx_tf.data.sources import NAMES
from lapx_tf.errors import GateError, InputError
from lapx_tf.pretrained import KERAS, add_model_argument
from lapx_tf.silence import quiet
from lapx_tf.spec import ModelSpec, read_spec

if TYPE_CHECKING:  # TensorFlow takes seconds to import and chats
    from convert.gates.result import Results
    from convert.reference import Reference

_COLORS = {"passed": "green", "failed": "red", "not run": "yellow"}


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(
        prog="python -m convert.verify",
        description="Checks converted files against the network that they were made of.",
    )
    add_model_argument(parser, KERAS)
    parser.add_argument("converted", type=Path, nargs="+", metavar="CONVERTED", help=".tflite and .onnx files")
    parser.add_argument(
        "--calibration", type=Path, metavar="PATH",
        help="a data set or a folder of pictures to take the crops from; without it, synthetic people",
    )  # fmt: skip
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="a data set: no file may score worse than Keras on its val"
    )
    parser.add_argument("--dataset", choices=NAMES, help="what it must be; synthetic needs no --data")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write what was found")
    return parser


def _verify(arguments: argparse.Namespace) -> None:
    specs = {file: _spec(file) for file in arguments.converted}
    require_tensorflow(os.environ.get("KERAS_BACKEND") or "tensorflow")
    with quiet():
        found = _check_all(arguments, specs)
    Console().print(_table(arguments.model, found))
    if arguments.json:
        content = {str(file): {gate: result.to_dict() for gate, result in of.items()} for file, of in found.items()}
        commands.write_json(arguments.json, content)
    failed = [str(file) for file, results in found.items() if any(result.failures for result in results.values())]
    if failed:
        raise GateError(f"{len(failed)} of {len(found)} files failed a check: {', '.join(failed)}")


def _spec(file: Path) -> ModelSpec:
    """What the file's JSON says.

    Raises:
        InputError: there is none, or the file is in no format or precision that there are bounds for.
    """
    spec, offered = read_spec(commands.existing_file(file)), PRECISIONS.get(file.suffix[1:])
    if offered is None:
        raise InputError(f"{file} has not the ending of a converted model; accepted are .{', .'.join(PRECISIONS)}")
    if spec.precision not in offered:
        raise InputError(f"the JSON of {file} says that it is {spec.precision}; accepted are {', '.join(offered)}")
    return spec


def _check_all(arguments: argparse.Namespace, specs: dict[Path, ModelSpec]) -> "dict[Path, Results]":
    """The gates on each file; files of the same cut, size and flip test share Keras' answers."""
    from convert.gates import suite
    from convert.reference import exported, keras_task, people_to_score, reference
    from lapx_tf.models import storage

    model = storage.load(arguments.model)

    @cache
    def expected(stacks: int | None, size: tuple[int, int], flip_test: bool) -> "Reference":
        cut = exported(model, arguments.model, stacks, size, flip_test)
        people = people_to_score(arguments.data, arguments.dataset, cut)
        found = reference(cut, arguments.model, flip_test, arguments.calibration, samples=1)
        return found if people is None else replace(found, task=keras_task(cut, people, flip_test))

    found = {}
    for file, spec in specs.items():
        of_keras = expected(options_of(spec).get("stacks"), spec.input_size, spec.flip_test)
        if spec.skeleton.joints != of_keras.spec.skeleton.joints:
            raise InputError(
                f"{file} finds the joints of {spec.skeleton.name}, which are not those of {arguments.model}"
            )
        found[file] = suite.check(file, of_keras)
    return found


def _table(model: Path, found: "dict[Path, Results]") -> Table:
    from convert.gates.summary import words

    table = Table(title=f"against {model}", show_lines=True)
    for column in ("file", "gate", "", "found"):
        table.add_column(column, overflow="fold")
    for file, results in found.items():
        for (gate, result), phrase in zip(results.items(), words(results).values(), strict=True):
            table.add_row(file.name, gate, f"[{_COLORS[result.verdict]}]{result.verdict}", escape(phrase))
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), _verify, argv)


if __name__ == "__main__":
    sys.exit(main())
