"""All that a training is at a moment: what a checkpoint holds, and what goes on from one puts back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry
from lapx_tf.errors import InputError

if TYPE_CHECKING:  # Keras takes seconds to import, and whether a run is finished is told without
    from lapx_tf.models.lapx import LAPX

NETWORK, OPTIMIZER, METRICS = GROUPS = ("network", "optimizer", "metrics")


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        epochs_done: whole epochs, validation included.
        steps_done: of the epoch after those.
        best_score: of the validation so far, 0 to 1; None before the first that is a number.
        best_epoch: the epoch that gave it, counted from 1.
    """

    epochs_done: int = 0
    steps_done: int = 0
    best_score: float | None = None
    best_epoch: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form: the constructor's arguments."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.epochs_done} epochs" + (f" and {self.steps_done} steps" if self.steps_done else "")


@dataclass(frozen=True)
class State:
    """A training at a moment.

    Random numbers need no place here: augmentation and order are drawn anew from the seed and the epoch.

    Attributes:
        progress: how far it is.
        arrays: copies of all variables by group and number, such as `optimizer/12`. The optimizer has the averaged weights
            too, and the metrics are those of the epoch so far.
    """

    progress: Progress
    arrays: Mapping[str, NDArray[Any]]

    def broken(self) -> bool:
        """Whether a number of the network or the optimizer is not finite."""
        return any(
            not np.isfinite(array).all()
            for name, array in self.arrays.items()
            if not name.startswith(METRICS) and array.dtype.kind == "f"
        )


def capture(model: "LAPX", progress: Progress) -> State:
    """The state of a compiled network. Inside `fit` on JAX, `Callback.model` brings it up to date first."""
    from keras import ops

    arrays = {
        f"{group}/{number}": np.array(ops.convert_to_numpy(variable))  # a copy: JAX gives its buffers away
        for group in GROUPS
        for number, variable in enumerate(_variables(model, group))
    }
    return State(progress, arrays)


def put_network(model: "LAPX", state: State) -> None:
    """Gives a network, compiled as the one that the state is of, its weights and those of its optimizer.

    Raises:
        InputError: the state is of another network or optimizer.
    """
    for group in (NETWORK, OPTIMIZER):
        _put(model, group, state)


def put_metrics(model: "LAPX", state: State) -> None:
    """Gives a network the running metrics of the epoch; `fit` has set them to zero before `on_epoch_begin`.

    Raises:
        InputError: the state is of other metrics.
    """
    if len(_variables(model, METRICS)) < len(_of(state, METRICS)):
        _make_metrics(model)
    _put(model, METRICS, state)


def _put(model: "LAPX", group: str, state: State) -> None:
    variables, arrays = _variables(model, group), _of(state, group)
    shapes = [tuple(variable.shape) for variable in variables]
    if shapes != [array.shape for array in arrays]:
        raise InputError(f"the checkpoint does not fit the {group} of this version: start again in another folder")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _of(state: State, group: str) -> list[NDArray[Any]]:
    count = sum(name.startswith(f"{group}/") for name in state.arrays)
    return [state.arrays[f"{group}/{number}"] for number in range(count)]


def _variables(model: Any, group: str) -> list[Any]:
    return {
        NETWORK: model.variables,
        OPTIMIZER: model.optimizer.variables,
        METRICS: model.metrics_variables,
    }[group]


def _make_metrics(model: "LAPX") -> None:
    """Makes the metrics' variables, which Keras on TensorFlow puts off until the first step."""
    from keras import ops

    height, width = model.image_size
    if height is None or width is None:
        raise ValueError("training needs a fixed `input_shape`")
    heatmaps = ops.zeros((1, len(model.stacks), *geometry.heatmap_size((height, width)), model.joints))
    model.compute_metrics(None, ops.zeros((1, model.joints, 3)), heatmaps)
