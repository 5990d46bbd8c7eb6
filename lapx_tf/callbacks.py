"""Callbacks for `fit` (Keras: any backend)."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from lapx_tf.models.lapx import LAPX


class GammaWarmup(keras.callbacks.Callback):
    """Keeps the NonLocal branches out of the way until the network can use them (arXiv 2512.16089).

    Three phases, by epoch: **frozen** (gamma 0: the branch gives nothing and gets no gradient), **ramp** (gamma grows
    linearly to the target, one step an epoch; the branch's other weights train), **released** (gamma trains like any
    weight). The phase is a weight of the layer, so that nothing is recompiled and a checkpoint resumes right anywhere.

    A network whose NonLocal has no scalar gamma (see `nonlocal_gain` of `LAPX`) is left alone: its gains train from the first
    step, as in the third phase.

    Each epoch's logs get `gamma_<stack>` (see `gammas_of`) and `gamma_phase` (0, 1, 2).

    Args:
        frozen_epochs: length of the first phase.
        ramp_epochs: length of the second, 50 in the paper.
        target: gamma at the end of the ramp.
    """

    PHASES = ("frozen", "ramp", "released")

    def __init__(self, frozen_epochs: int, ramp_epochs: int = 50, target: float = 0.2) -> None:
        super().__init__()
        if frozen_epochs < 0 or ramp_epochs < 0:
            raise ValueError(f"lengths of phases can't be negative, got {frozen_epochs} and {ramp_epochs}")
        self.frozen_epochs, self.ramp_epochs, self.target = frozen_epochs, ramp_epochs, target

    def phase(self, epoch: int) -> str:
        """The phase that an epoch, counted from 0, is in."""
        passed = (epoch >= self.frozen_epochs) + (epoch >= self.frozen_epochs + self.ramp_epochs)
        return self.PHASES[passed]

    def scheduled(self, epoch: int) -> float:
        """Gamma in an epoch of the first two phases: 0, then target / ramp_epochs more each epoch.

        The first epoch of the ramp takes the first step, so that the branch trains from there on.
        """
        done = max(epoch - self.frozen_epochs + 1, 0)
        return (
            self.target * min(done, self.ramp_epochs) / self.ramp_epochs
            if self.ramp_epochs
            else self.target * (done > 0)
        )

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Sets gamma and the phase."""
        model = _lapx(self.model)
        if not _scheduled(model):
            return
        released = self.phase(epoch) == "released"
        for layer in model.nonlocal_layers().values():
            # Once released, gamma is the optimizer's; only the step from the ramp to the release sets it.
            if not released or number(layer.released) == 0.0:
                layer.gamma.assign(self.scheduled(epoch))
            layer.released.assign(float(released))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Logs gamma and the phase."""
        if logs is None:
            return
        model = _lapx(self.model)
        logs |= {f"gamma_{stack}": gamma for stack, gamma in gammas_of(model).items()}
        logs["gamma_phase"] = self.PHASES.index(self.phase(epoch) if _scheduled(model) else "released")


class EvaluateEvery(keras.callbacks.Callback):
    """Runs the full evaluation during `fit`: after every few epochs, and after the last.

    The logs of every epoch get `val_<key>` for each key, NaN where the epoch was not evaluated: `CSVLogger` takes its columns
    from the first epoch, and an old figure beside a new epoch would be a false one. NaN is never a new best value. Stands in
    the list before the callbacks that read the logs.

    Args:
        evaluate: the from the model that trains to the figures of the evaluation.
        every: epochs from one evaluation to the next; epochs are counted from 1.
        keys: the figures that go into the logs.

    Attributes:
        results: everything that `evaluate` gave, by epoch, counted from 1.
    """

    def __init__(
        self, evaluate: Callable[[keras.Model], Mapping[str, Any]], every: int, keys: Sequence[str] = ("PCK@0.2",)
    ) -> None:
        super().__init__()
        if every < 1:
            raise ValueError(f"`every` must be at least 1, got {every}")
        self.evaluate, self.every, self.keys = evaluate, every, tuple(keys)
        self.results: dict[int, Mapping[str, Any]] = {}

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Evaluates where the epoch is due, and logs.

        Raises:
            ValueError: the evaluation does not give what is to be logged.
        """
        params: Any = self.params
        scores = dict.fromkeys(self.keys, math.nan)
        if (epoch + 1) % self.every == 0 or epoch + 1 == params["epochs"]:
            scores = self._evaluate(epoch + 1)
        if logs is not None:
            logs |= {f"val_{key}": score for key, score in scores.items()}

    def _evaluate(self, epoch: int) -> dict[str, float]:
        model: Any = self.model
        result = self.results[epoch] = self.evaluate(model)
        missing = [key for key in self.keys if key not in result]
        if missing:
            raise ValueError(f"the evaluation gives {', '.join(result)}, but not {', '.join(missing)}")
        return {key: float(result[key]) for key in self.keys}


def _lapx(model: keras.Model | None) -> LAPX:
    if not isinstance(model, LAPX):
        raise TypeError(f"GammaWarmup trains a LAPX network, got {type(model).__name__}")
    return model


def _scheduled(model: LAPX) -> bool:
    return model.nonlocal_gain == "gamma"


def gammas_of(model: LAPX) -> dict[int, float]:
    """Gamma of each NonLocal module by its stack, counted from 1.

    Where each channel has its own gain it is the mean of their absolute values; where the gain is always 1 there is none.
    """
    gammas = {stack: layer.gamma for stack, layer in model.nonlocal_layers().items() if layer.gamma is not None}
    return {
        stack: number(keras.ops.mean(keras.ops.abs(gamma)) if len(gamma.shape) else gamma)
        for stack, gamma in gammas.items()
    }


def number(variable: Any) -> float:
    """The value of a scalar variable, also of one that has a copy on each of several devices."""
    value: Any = keras.ops.convert_to_numpy(variable)
    return float(value)
