"""From a request to files in place: Keras' answers once, then each file, checked before it appears."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
from rich.progress import Progress

from convert import jobs
from convert.environment import require_tensorflow
from convert.export import Made, export
from convert.gates import summary
from convert.reference import Reference, exported, keras_task, people_to_score, reference
from convert.request import CALIBRATED, Request, Variant
from lapx_tf.errors import GateError
from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX
from lapx_tf.silence import quiet
from lapx_tf.spec import sidecar_of

Say = Callable[[str], None]


def convert(request: Request, progress: Progress) -> None:
    """Makes all files of a request. One that fails a check is not kept; the others are made nevertheless.

    Args:
        request: what to do.
        progress: shows what is under way; its console takes the lines for the user.

    Raises:
        InputError: the model, the pictures or the people can't be used.
        GateError: a result does not agree with Keras, is worse on the task, or is not the file that it should be.
    """
    say = partial(progress.console.print, highlight=False, markup=False, soft_wrap=True)
    require_tensorflow(keras.config.backend())
    with quiet(not request.verbose):
        model = storage.load(request.model)
    expected = _reference(request, model, progress)
    height, width = expected.spec.input_size
    say(f"{request.model}: {expected.parameters:,} parameters, input {height}x{width}")
    crops = expected.crops
    shares = f"{len(crops.calibration_pixels)} to calibrate with and {len(crops.check_pixels)} to check with"
    say(f"crops: {crops.source}, {shares}")
    request.out.mkdir(parents=True, exist_ok=True)
    # Beside the results, so that to rename is enough to put a file in place.
    with tempfile.TemporaryDirectory(prefix=".convert-", dir=request.out) as folder:
        _export_all(request, expected, Path(folder), progress, say)


def _reference(request: Request, model: LAPX, progress: Progress) -> Reference:
    graph = request.graph
    with quiet(not request.verbose):
        cut = exported(model, request.model, graph.stacks, graph.size, graph.flip_test)
        people = people_to_score(request.data, request.dataset, cut)
        expected = reference(cut, request.model, graph.flip_test, request.calibration, request.samples)
    if people is None:
        return expected
    task = progress.add_task("Keras on the val people", total=len(people))
    scored = keras_task(cut, people, graph.flip_test, lambda done: progress.advance(task, done))
    progress.remove_task(task)
    return replace(expected, task=scored)


def _export_all(request: Request, expected: Reference, folder: Path, progress: Progress, say: Say) -> None:
    """Each file in a process of its own."""
    failures = list[str]()
    names = {variant: variant.file_name(request.model.stem) for variant in request.variants}
    bars = {variant: progress.add_task(name, total=None, visible=False, start=False) for variant, name in names.items()}

    def on_start(variant: Variant) -> None:
        progress.start_task(bars[variant])
        progress.update(bars[variant], visible=True)

    def on_end(variant: Variant, answer: Made | Exception) -> None:
        progress.remove_task(bars[variant])
        if isinstance(answer, Made):
            _put(answer, request.out, say)
        elif isinstance(answer, GateError):
            failures.append(f"{names[variant]}: {answer}")
        else:
            raise answer

    logs = None if request.verbose else folder
    longest_first = sorted(names, key=lambda variant: variant.precision not in CALIBRATED)
    jobs.run(partial(_export_one, request, expected, folder), longest_first, request.jobs, logs, on_start, on_end)
    if failures:
        raise GateError(f"{len(failures)} of {len(names)} files failed. {'. '.join(failures)}")


def _export_one(request: Request, expected: Reference, folder: Path, variant: Variant) -> Made:
    """In the other process."""
    return export(request, variant, storage.load(request.model), expected, folder)


def _put(made: Made, out: Path, say: Say) -> None:
    """Puts a file and its JSON in place."""
    target = out / made.file.name
    # The model first: should the machine stop in between, the JSON's sha256 shows it.
    made.file.replace(target)
    sidecar_of(made.file).replace(sidecar_of(target))
    say(f"{target}: {made.seconds:.0f} s; {summary.line(made.results)}")
