"""One training run: `fit`, with the callbacks and data around it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import keras

from lapx_tf import LAPX, EvaluateEvery, GammaWarmup
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People
from lapx_tf.data.pipeline import feed
from lapx_tf.data.share import Share
from lapx_tf.evaluation import measures
from train.checkpoints.callback import Checkpoint
from train.checkpoints.saving import Saving
from train.checkpoints.state import Progress
from train.evaluate import scores_of
from train.recipe import Recipe
from train.run.averaging import AveragedWeights
from train.run.continuing import OneRun, fit_from
from train.run.divergence import NoticeDivergence
from train.run.filled import LeaveOutFilling
from train.run.optimizer import learning_rate
from train.watching.attention import WatchAttention
from train.watching.environment import environment
from train.watching.pace import Pace
from train.watching.preview import Preview
from train.watching.progress import ShowProgress
from train.watching.sessions import NoteSession
from train.watching.tensorboard import TensorBoard


def fit(
    model: LAPX,
    recipe: Recipe,
    training: Loader,
    validation: Loader,
    workdir: Path,
    saving: Saving,
    epochs: int,
    evaluate_every: int | None = None,
    facts: Mapping[str, Any] | None = None,
    watch_attention: bool = False,
) -> Progress:
    """Trains from where a checkpoint stands.

    `workdir` gets `best.keras`, `checkpoints`, `log.csv`, `sessions.jsonl` and TensorBoard's files.

    Args:
        model: compiled; with the state of the checkpoint.
        recipe: what to do.
        training: the people to train on.
        validation: those held out.
        workdir: see above.
        saving: has the checkpoint to go on from.
        epochs: where to end; a dry run ends before the recipe does, whose schedules take no notice.
        evaluate_every: so many epochs from one full evaluation of those held out to the next; None for none.
        facts: of this process, beside its environment, for the report.
        watch_attention: see `WatchAttention`.

    Returns:
        How far it is then.
    """
    start, averages, pace = saving.progress, AveragedWeights(training), Pace(recipe.batch_size)
    checkpoint, progress = Checkpoint(workdir, averages, training.batches, saving), ShowProgress(pace)
    evaluation = [full_evaluation(validation.people, evaluate_every, averages)] if evaluate_every else []
    watch = [WatchAttention(validation, averages)] if watch_attention else []
    callbacks = [
        *steering(recipe, validation, pace, averages),
        *evaluation,
        *watch,
        *records(workdir, pace, averages, Preview(validation.people, recipe.size), start, facts or {}),
        checkpoint,
        progress,
    ]
    run = OneRun(callbacks, model, epochs, training.batches)
    with failures_of(training, validation), progress:
        fit_from(start, epochs, run, averages, partial(fit_epochs, model, training, validation, run))
    return checkpoint.progress


def fit_epochs(
    model: LAPX, training: Loader, validation: Loader, run: OneRun, first: int, first_step: int, end: int
) -> None:
    """Keras' `fit`, from an epoch (counted from 0) and its step (likewise) to the end of so many epochs."""
    model.fit(
        feed(training, first, end - first, first_step),
        steps_per_epoch=training.batches - first_step,
        epochs=end,
        initial_epoch=first,
        validation_data=feed(validation),
        callbacks=run,
        shuffle=False,  # the loader has shuffled
        verbose=0,
    )


@contextmanager
def failures_of(*loaders: Loader) -> Iterator[None]:
    """Inside, what stopped a loader is raised in place of the backend's error, which buries it."""
    try:
        yield
    except Exception as error:
        for loader in loaders:
            if loader.failure:
                raise loader.failure from error
        raise


def steering(
    recipe: Recipe, validation: Loader, pace: Pace, averages: AveragedWeights
) -> list[keras.callbacks.Callback]:
    """What decides how the training goes, and what the logs hold before anything reads them."""
    return [
        *([LeaveOutFilling(validation)] if isinstance(validation, Share) else []),
        NoticeDivergence(),
        pace,
        keras.callbacks.LearningRateScheduler(partial(learning_rate, recipe)),
        gamma_warmup(recipe),
        averages,
    ]


def records(
    workdir: Path, pace: Pace, averages: AveragedWeights, preview: Preview, start: Progress, facts: Mapping[str, Any]
) -> list[keras.callbacks.Callback]:
    """What writes down how it went."""
    return [
        keras.callbacks.CSVLogger(str(workdir / "log.csv"), append=start.epochs_done > 0),
        TensorBoard(workdir / "tensorboard", pace, averages, preview),
        NoteSession(workdir, pace, environment() | dict(facts)),
    ]


def gamma_warmup(recipe: Recipe) -> GammaWarmup:
    """The warm-up of gamma with its lengths in epochs."""
    frozen, ramp = (round(share * recipe.epochs) for share in (recipe.gamma.frozen, recipe.gamma.ramp))
    return GammaWarmup(frozen, ramp, recipe.gamma.target)


def full_evaluation(people: People, every: int, averages: AveragedWeights) -> EvaluateEvery:
    """The measure of the data set, as `train.evaluate` gives it, of the weights that were validated."""

    def evaluate(model: Any) -> dict[str, float]:
        with averages.inside():
            return scores_of(model, people)

    return EvaluateEvery(evaluate, every, keys=[measures.key_of(people)])
