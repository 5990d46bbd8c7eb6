"""What Keras answers: computed once, for all files that are made of a network or checked against it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.calibration import Crops, load_crops
from lapx_tf.codecs.decode import merge_flipped
from lapx_tf.data import sources
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.evaluation import measures
from lapx_tf.evaluation.predictions import predict
from lapx_tf.models.lapx import LAPX
from lapx_tf.models.storage import KerasSession
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.sessions import Session
from lapx_tf.spec import ModelSpec

Array = NDArray[np.float32]

_BATCH = 8


@dataclass(frozen=True, eq=False)
class Task:
    """People to score on, and Keras' score.

    Attributes:
        people: of the val split.
        key: of the score that papers on these people compare, such as `PCK@0.2`.
        score: Keras', in the measure's own unit.
    """

    people: People
    key: str
    score: float


@dataclass(frozen=True, eq=False)
class Reference:
    """What a converted file is compared with.

    Attributes:
        spec: of the Keras model: its joints, and what it was trained on.
        parameters: of the network, as far as it is exported.
        crops: to calibrate with and to check with.
        heatmaps: Keras' for `crops.check`, float32 [M, h, w, K], averaged with the mirrored crops where the file does that.
        task: None where there are no people to score on.
    """

    spec: ModelSpec
    parameters: int
    crops: Crops
    heatmaps: Array
    task: Task | None = None


def reference(model: LAPX, path: Path, flip_test: bool, calibration: Path | None, samples: int) -> Reference:
    """Runs Keras on crops.

    Args:
        model: of a fixed input size, see `exported`.
        path: its file, named in the spec.
        flip_test: average with the mirrored crops.
        calibration: see `load_crops`.
        samples: likewise.

    Raises:
        InputError: there are no such crops, or a picture can't be read.
    """
    session = KerasSession(model, path)
    crops = load_crops(calibration, session.spec.input_size, samples)
    heatmaps = _run(session, crops.check)
    if flip_test:
        mirrored = _run(session, np.ascontiguousarray(crops.check[:, :, ::-1]))
        heatmaps = merge_flipped(heatmaps, mirrored, session.spec.skeleton.flip_order)
    # Keras wraps a model's dictionaries in ones of its own, which can't be sent to another process.
    spec = replace(session.spec, training=json.loads(json.dumps(session.spec.training)))
    return Reference(spec, model.count_params(), crops, heatmaps)


def keras_task(model: LAPX, people: People, flip_test: bool, on_people: Callable[[int], None] = lambda _: None) -> Task:
    """Scores Keras; `on_people` is called with the number of people done in a batch."""
    estimator = PoseEstimator(KerasSession(model), flip_test=flip_test)
    return Task(people, *_score(estimator, people, on_people))


def exported(model: LAPX, path: Path, stacks: int | None, size: tuple[int, int] | None, flip_test: bool) -> LAPX:
    """The network that is exported: cut after a stack, and for another input size, where asked for.

    Args:
        model: the whole network.
        path: its file, for the error.
        stacks: see `GraphOptions`.
        size: likewise.
        flip_test: likewise; it needs to know which joints are each other's mirror image.

    Raises:
        InputError: there are not that many stacks, no size is fixed, or the joints have no names.
    """
    if stacks is not None and not 1 <= stacks <= len(model.stacks):
        raise InputError(
            f"{path} has {len(model.stacks)} stacks: --stacks must be 1 to {len(model.stacks)}, got {stacks}"
        )
    if flip_test and model.skeleton is None:
        raise InputError(f"{path} does not say which joints mirror each other, so a flip test would mix them up")
    cut = model if stacks in (None, len(model.stacks)) else model.truncated(stacks)
    if size is not None and size != cut.image_size:
        resized = LAPX.from_config(cut.get_config() | {"input_shape": [*size, 3]})
        resized.set_weights(cut.get_weights())
        cut = resized
    if None in cut.image_size:
        raise InputError(f"{path} takes any input size: one must be given, --size HxW")
    return cut


def people_to_score(data: Path | None, dataset: str | None, model: LAPX) -> People | None:
    """The val people of a data set; None where none is named.

    Raises:
        InputError: the path holds no data set or another one, or its people can't be scored or have other joints.
    """
    if dataset is not None:
        people = sources.load_named(dataset, data, "val")
    elif data is not None:
        people = sources.load(data, "val")
    else:
        return None
    measures.key_of(people)  # before the network runs: people who can't be scored are refused
    if model.skeleton is None or model.skeleton.joints != people.skeleton.joints:
        found = model.skeleton.name if model.skeleton else "no named skeleton"
        raise InputError(
            f"the network finds the joints of {found}, {people.dataset} has those of {people.skeleton.name}"
        )
    return people


def score(session: Session, task: Task) -> float:
    """The score of a converted file on the same people, without a flip test but its own."""
    return _score(PoseEstimator(session), task.people)[1]


def _score(
    estimator: PoseEstimator, people: People, on_people: Callable[[int], None] = lambda _: None
) -> tuple[str, float]:
    predicted = predict(estimator, people, on_batch=on_people)
    key = measures.key_of(people)
    return key, float(measures.measure(predicted, people, estimator.session.spec.input_size)[key])


def _run(session: KerasSession, crops: Array) -> Array:
    """Heat maps batch by batch: all at once would take gigabytes."""
    return np.concatenate([session.run(crops[i : i + _BATCH]) for i in range(0, len(crops), _BATCH)])
