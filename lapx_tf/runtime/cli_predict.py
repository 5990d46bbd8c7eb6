"""`lapx predict`: pictures in, joints and drawings out. Videos are `cli_video`'s.

A picture `a.jpg` gives `a.jpg.pose.png` and `a.jpg.pose.json`. The ending is appended, as it is for models, so that `a.jpg` and
`a.png` don't share an output and no output has the name of a picture, even where `--out` is the pictures' own folder.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from lapx_tf import commands, images
from lapx_tf.errors import InputError
from lapx_tf.runtime.boxes_file import read_boxes
from lapx_tf.runtime.detectors import MIN_SCORE, PERSON, Detector
from lapx_tf.runtime.drawing import draw_people
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.formats import Found, as_coco, as_csv, as_json
from lapx_tf.runtime.poses import Pose

DRAWN = ".pose.png"
JOINTS = ".pose.json"
COCO = "poses.coco.json"
CSV = "poses.csv"

Look = Callable[[Path, NDArray[np.uint8]], Sequence[Pose]]
"""The people in a picture: its file, and its pixels uint8 [H, W, 3], RGB."""


def predict(options: argparse.Namespace) -> None:
    """Runs the command for a picture or a folder of pictures (subfolders are left out, and so are earlier drawings).

    Args:
        options: see `cli_predict_arguments`.

    Raises:
        InputError: something can't be used. Pictures of a folder that can't be read don't keep the others from being
            written; they are named at the end.
    """
    out = _checked_out(options)
    pictures = _pictures(Path(options.source))
    estimator = estimator_of(options)
    look = _look(options, estimator, pictures)
    about = _about(options.model, estimator)
    everything: list[Found] = []
    problems: list[str] = []
    for picture in track(pictures, "predict", console=Console(stderr=True), disable=len(pictures) == 1):
        try:
            image = images.read_image(picture)
        except (InputError, OSError) as error:
            problems.append(_sentence(picture, error))
            continue
        found = Found(picture, (image.shape[0], image.shape[1]), look(picture, image))
        _write_drawn(out / (picture.name + DRAWN), image, found.poses)
        if options.format == "json":
            commands.write_json(out / (picture.name + JOINTS), as_json(found, about))
        everything.append(found)
    _write_table(out, options.format, everything)
    if problems:
        raise InputError(_summary(problems, len(pictures)))
    people = sum(len(found.poses) for found in everything)
    told = f"{people} {'person' if people == 1 else 'people'} in {len(pictures)} of {len(pictures)} pictures: {out}"
    Console(highlight=False, soft_wrap=True).print(told, markup=False)


def estimator_of(options: argparse.Namespace) -> PoseEstimator:
    """The estimator that the arguments ask for.

    Raises:
        InputError: the model or the detector can't be used, or an option of the detector is there without it.
    """
    detector = None
    if options.detector is not None:
        person = PERSON if options.person_class is None else options.person_class
        detector = Detector(options.detector, threads=options.threads, person=person, min_score=_min_score(options))
    elif options.person_class is not None:
        raise InputError("--person-class is of the detector: it needs --detector FILE")
    elif options.min_score is not None and options.boxes is None:
        raise InputError("--min-score is of people's boxes: it needs --detector FILE or --boxes FILE")
    return PoseEstimator(
        options.model,
        detector=detector,
        threads=options.threads,
        runtime=options.runtime,
        flip_test=options.flip_test,
    )


def _min_score(options: argparse.Namespace) -> float:
    return MIN_SCORE if options.min_score is None else options.min_score


def _checked_out(options: argparse.Namespace) -> Path:
    if options.out is None:
        raise InputError("pictures need --out DIR, a folder to write to (see lapx predict --help)")
    if options.out.exists() and not options.out.is_dir():
        raise InputError(f"--out must be a folder, {options.out} is a file")
    return options.out


def _look(options: argparse.Namespace, estimator: PoseEstimator, pictures: Sequence[Path]) -> Look:
    if options.boxes is None:
        return lambda _, image: estimator.people(image)
    if estimator.detector is not None:
        raise InputError("--boxes and --detector both say where people are: give one of them")
    boxes = read_boxes(options.boxes, pictures, _min_score(options))
    return lambda picture, image: estimator.of_detections(image, boxes[picture])


def _pictures(source: Path) -> list[Path]:
    if not source.is_dir():
        return [commands.existing_file(source)]
    pictures = [path for path in images.list_images(source) if not path.name.endswith(DRAWN)]
    if not pictures:
        raise InputError(f"{source} holds drawings of lapx only, no picture to predict")
    return pictures


def _sentence(picture: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{picture}: {error.strerror}"
    return str(error)


def _summary(problems: Sequence[str], count: int) -> str:
    if count == 1:
        return problems[0]
    done = "none is done" if len(problems) == count else "the others are done"
    return f"{len(problems)} of {count} pictures can't be read, {done}: {'; '.join(problems)}"


def _about(model: Path, estimator: PoseEstimator) -> dict[str, Any]:
    spec = estimator.session.spec
    return {"model": {"file": model.name, "sha256": spec.sha256}, "flip_test": estimator.flip_test}


def _write_drawn(path: Path, image: NDArray[np.uint8], poses: Sequence[Pose]) -> None:
    # Encoded in memory: OpenCV would not say why it could not write.
    encoded = images.encode_png(draw_people(image, poses))
    with commands.whole_file(path) as beside:
        beside.write_bytes(encoded)


def _write_table(out: Path, form: str, everything: Sequence[Found]) -> None:
    """The formats that have one file for all pictures."""
    if not everything:
        return
    if form == "coco":
        commands.write_json(out / COCO, as_coco(everything))
    elif form == "csv":
        with commands.whole_file(out / CSV) as beside:
            beside.write_text(as_csv(everything), "utf-8", newline="")
