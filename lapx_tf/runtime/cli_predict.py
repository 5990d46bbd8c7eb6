"""`lapx predict`: pictures in, joints and drawings out.

A picture `a.jpg` gives `a.jpg.pose.png` and `a.jpg.pose.json`. The ending is appended, as it is for models, so that `a.jpg` and
`a.png` don't share an output and no output has the name of a picture, even where `--out` is the pictures' own folder.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from lapx_tf import commands, images
from lapx_tf.errors import InputError
from lapx_tf.runtime.drawing import draw_pose
from lapx_tf.runtime.predictor import Pose, PosePredictor

CLEAR = 0.25
"""Joints are drawn from this fraction of the pose's best score on: weak networks have low scores throughout."""

DRAWN = ".pose.png"
JOINTS = ".pose.json"


def predict(model: Path, source: Path, out: Path, threads: int, flip_test: bool) -> None:
    """Runs the command.

    Args:
        model: a converted model.
        source: a picture or a folder of pictures (subfolders are left out, and so are earlier drawings).
        out: the folder to write to; it is made.
        threads: of the runtime.
        flip_test: see `PosePredictor`.

    Raises:
        InputError: something can't be used. Pictures of a folder that can't be read don't keep the others from being
            written; they are named at the end.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out must be a folder, {out} is a file")
    pictures = _pictures(source)
    predictor = PosePredictor(model, threads, flip_test)
    problems: list[str] = []
    for picture in track(pictures, "predict", console=Console(stderr=True), disable=len(pictures) == 1):
        try:
            image = images.read_image(picture)
        except (InputError, OSError) as error:
            problems.append(_sentence(picture, error))
            continue
        pose = predictor(image)
        _write(out, picture, image, pose, _about(model, predictor))
    if problems:
        raise InputError(_summary(problems, len(pictures)))
    Console(highlight=False, soft_wrap=True).print(f"{len(pictures)} of {len(pictures)} pictures: {out}", markup=False)


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


def _summary(problems: list[str], count: int) -> str:
    if count == 1:
        return problems[0]
    done = "none is done" if len(problems) == count else "the others are done"
    return f"{len(problems)} of {count} pictures can't be read, {done}: {'; '.join(problems)}"


def _about(model: Path, predictor: PosePredictor) -> dict[str, Any]:
    spec = predictor.session.spec
    return {"model": {"file": model.name, "sha256": spec.sha256}, "flip_test": predictor.flip_test}


def _write(out: Path, picture: Path, image: NDArray[np.uint8], pose: Pose, about: dict[str, Any]) -> None:
    height, width = image.shape[:2]
    scores = pose.joints[:, 2]
    drawn = draw_pose(image, pose.joints, pose.skeleton, min_score=CLEAR * max(float(scores.max()), 0.0))
    # Encoded in memory: cv2.imwrite would not say why it could not write.
    encoded = cv2.imencode(".png", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))[1].tobytes()
    with commands.whole_file(out / (picture.name + DRAWN)) as beside:
        beside.write_bytes(encoded)
    # "upright": joints are pixels of the picture as it is displayed, turned by its EXIF orientation.
    described = {"file": picture.name, "width": width, "height": height, "upright": True}
    commands.write_json(out / (picture.name + JOINTS), {"image": described} | about | pose.to_dict())
