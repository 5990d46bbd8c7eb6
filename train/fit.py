"""One training run: `fit`, with the callbacks and data around it."""

from functools import partial
from pathlib import Path
from typing import Any

import keras

from lapx_tf import LAPX, EvaluateEvery, GammaWarmup
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People
from lapx_tf.data.pipeline import feed
from lapx_tf.evaluation import measures
from train.averaging import AveragedWeights
from train.checkpoint import Checkpoint
from train.evaluate import scores_of
from train.optimizer import learning_rate
from train.recipe import Recipe


def fit(
    model: LAPX,
    recipe: Recipe,
    training: Loader,
    validation: Loader,
    workdir: Path,
    evaluate_every: int | None = None,
    verbose: int | str = "auto",
) -> None:
    """Trains from where the model's notes say that it stands to the end of the recipe.

    `workdir` gets `best.keras`, `last.keras`, `log.csv` and TensorBoard's files.

    Args:
        model: compiled.
        recipe: what to do.
        training: the people to train on.
        validation: those held out.
        workdir: see above.
        evaluate_every: so many epochs from one full evaluation of those held out to the next; None for none.
        verbose: see Keras.
    """
    epochs, first_epoch = recipe.epochs, model.training_notes["epochs_done"]
    averages = AveragedWeights(training)
    callbacks = [
        keras.callbacks.LearningRateScheduler(partial(learning_rate, recipe)),
        GammaWarmup(round(recipe.gamma.frozen * epochs), round(recipe.gamma.ramp * epochs), recipe.gamma.target),
        keras.callbacks.TerminateOnNaN(),
        averages,
        *([full_evaluation(validation.people, evaluate_every, averages)] if evaluate_every else []),
        keras.callbacks.CSVLogger(str(workdir / "log.csv"), append=first_epoch > 0),
        keras.callbacks.TensorBoard(str(workdir / "tensorboard"), write_graph=False),
        Checkpoint(workdir, averages),
    ]
    try:
        model.fit(
            feed(training, first_epoch, epochs - first_epoch),
            steps_per_epoch=training.batches,
            epochs=epochs,
            initial_epoch=first_epoch,
            validation_data=feed(validation),
            callbacks=callbacks,
            shuffle=False,  # the loader has shuffled
            verbose=verbose,
        )
    except Exception as error:
        failure = training.failure or validation.failure
        if failure:
            raise failure from error
        raise


def full_evaluation(people: People, every: int, averages: AveragedWeights) -> EvaluateEvery:
    """The measure of the data set, as `train.evaluate` gives it, of the weights that were validated."""

    def evaluate(model: Any) -> dict[str, float]:
        with averages.inside():
            return scores_of(model, people)

    return EvaluateEvery(evaluate, every, keys=[measures.key_of(people)])
