import keras
import numpy as np
import pytest

from lapx_tf.errors import GateError
from lapx_tf.models.lapx import LAPX
from train.run.divergence import NoticeDivergence


@pytest.fixture(scope="module")
def model() -> LAPX:
    return LAPX(8, 1, 1, (1,), joints=2, input_shape=(32, 32, 3))


def watch(losses: np.ndarray, model: LAPX, steps_per_epoch: int = 50, first_step: int = 0) -> None:
    """What `fit` would tell of these losses: their running means."""
    callback = NoticeDivergence()
    model.compile(keras.optimizers.SGD(0.25))
    callback.set_model(model)
    for start in range(0, len(losses), steps_per_epoch):
        callback.on_epoch_begin(start // steps_per_epoch)
        of_epoch = losses[start : start + steps_per_epoch]
        for step in range(first_step if start == 0 else 0, len(of_epoch)):
            callback.on_train_batch_begin(step)
            callback.on_train_batch_end(step, {"loss": np.float32(of_epoch[: step + 1].mean())})


def noisy(level: np.ndarray | float, seed: int = 0, count: int = 200) -> np.ndarray:
    return np.broadcast_to(level, count) * np.random.default_rng(seed).uniform(0.5, 2, count)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_no_number_stops_and_says_where_and_with_what(model, value):
    losses = noisy(1.0)
    losses[63] = value
    model.nonlocal_layers()[1].gamma.assign(-0.75)
    with pytest.raises(GateError) as caught:
        watch(losses, model)
    for part in ("epoch 2, step 14", f"the loss is {value}", "learning rate 0.25", "gamma -0.75 in stack 1", "try"):
        assert part in str(caught.value)


def test_a_loss_that_explodes_stops_even_slowly(model):
    with pytest.raises(GateError, match=r"epoch 4, step \d+: the loss has risen from 0\.\d+ to 1\d\.?\d*"):
        watch(noisy(np.concatenate([np.ones(120), np.geomspace(1, 50, 80)])), model)


def test_a_jump_stops_within_a_window(model):
    losses = noisy(1.0)
    losses[100:] *= 1e6
    with pytest.raises(GateError, match=r"epoch 3, step 1[01]:"):
        watch(losses, model)


@pytest.mark.parametrize(
    "losses",
    [
        noisy(np.geomspace(1e3, 1e-3, 200)),  # from the start of a training
        noisy(np.concatenate([np.linspace(1, 5, 20), np.linspace(5, 0.5, 180)])),  # a warm-up that goes wrong at first
        noisy(np.concatenate([np.ones(100), np.full(100, 4.0)])),  # a branch that is switched on
        np.where(np.arange(200) % 7 == 0, 1e4, noisy(1.0)),  # odd batches
    ],
    ids=["falling", "warm-up", "a step up", "odd batches"],
)
def test_a_training_that_may_still_learn_goes_on(model, losses):
    watch(losses, model)


def test_the_steps_before_a_resume_are_not_taken_for_one_step(model):
    losses = noisy(1.0, count=100)
    losses[:25] *= 1e6  # of the process before
    watch(losses, model, first_step=25)
