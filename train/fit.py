"""One training run: build, compile, fit, with everything that `fit` needs around it."""

import math
from functools import partial
from pathlib import Path
from typing import Any

import keras

from lapx_tf import LAPX, PCK, EvaluateEvery, GammaWarmup, HeatmapLoss
from lapx_tf.data.loader import Loader
from lapx_tf.data.people import People
from lapx_tf.data.pipeline import feed
from lapx_tf.errors import InputError
from lapx_tf.evaluation import measures
from lapx_tf.models import storage
from lapx_tf.models.lapx import weights_by_path
from train.averaging import AveragedWeights
from train.checkpoint import Checkpoint
from train.evaluate import scores_of
from train.recipe import Recipe


def build(recipe: Recipe, people: People) -> LAPX:
    """The network of a recipe for the joints of a data set, with new weights."""
    return LAPX(
        width=recipe.width,
        stacks=recipe.stacks,
        depth=recipe.depth,
        nonlocal_stacks=recipe.nonlocal_stacks,
        joints=len(people.skeleton.joints),
        input_shape=(*recipe.size, 3),
        skeleton=people.skeleton,
        name=recipe.name,
    )


def start_from(model: LAPX, file: Path) -> int:
    """Copies the weights of another network where name and shape agree, so that training need not begin from nothing.

    A network for other joints gives everything but its heat maps.

    Returns:
        How many arrays were copied.

    Raises:
        InputError: the file holds no LAPX network, or none of its weights fits.
    """
    theirs, copied = weights_by_path(storage.load(file)), 0
    for path, weight in weights_by_path(model).items():
        if path in theirs and theirs[path].shape == weight.shape:
            weight.assign(theirs[path])
            copied += 1
    if not copied:
        raise InputError(f"no weight of {file} fits the network of the recipe {model.name}")
    return copied


def learning_rate(recipe: Recipe, epoch: int) -> float:
    """The learning rate of an epoch, counted from 0: a linear rise, then the cosine down to nothing.

    It changes from epoch to epoch, not from step to step: as a schedule inside the optimizer it would be computed once for
    each of the hundreds of variables, which takes longer to build than the rest of the graph.
    """
    middle = epoch + 0.5
    rise = min(middle / recipe.warmup_epochs, 1.0) if recipe.warmup_epochs else 1.0
    return recipe.learning_rate * rise * (1 + math.cos(math.pi * middle / recipe.epochs)) / 2


def compile_for(model: LAPX, recipe: Recipe) -> None:
    """Compiles a network as the recipe says, and makes the optimizer's variables (which spares a trace later)."""
    optimizer = keras.optimizers.AdamW(
        recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        global_clipnorm=recipe.clip_norm,
        epsilon=1e-8,
        use_ema=recipe.ema is not None,
        ema_momentum=recipe.ema or 0.99,  # Keras' default where there is none
    )
    # Decay pulls kernels only: on a gate or on gamma it would work against what they learn.
    optimizer.exclude_from_weight_decay(var_names=["beta", "gamma", "bias", "gate"])
    # XLA on the CPU triples the time of a step (TensorFlow 2.21); other backends decide for themselves.
    jit: Any = False if keras.backend.backend() == "tensorflow" else "auto"
    model.compile(optimizer, HeatmapLoss(recipe.sigma), metrics=[PCK.of(model.skeleton)], jit_compile=jit)
    optimizer.build(model.trainable_variables)


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
