"""One training run: build, compile, fit, with everything that `fit` needs around it."""

import math
from functools import partial
from pathlib import Path
from typing import Any

import keras

from lapx_tf import LAPX, PCK, GammaWarmup, HeatmapLoss
from lapx_tf.data.people import People
from lapx_tf.data.pipeline import Loader, dataset
from train.averaging import ValidateAveraged
from train.checkpoint import Checkpoint
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
    model.compile(optimizer, HeatmapLoss(recipe.sigma), metrics=[PCK()], jit_compile=jit)
    optimizer.build(model.trainable_variables)


def fit(
    model: LAPX,
    recipe: Recipe,
    training: Loader,
    validation: Loader,
    workdir: Path,
    verbose: int | str = "auto",
) -> None:
    """Trains from where the model's notes say that it stands to the end of the recipe.

    `workdir` gets `best.keras`, `last.keras`, `log.csv` and TensorBoard's files.
    """
    epochs, first_epoch = recipe.epochs, model.training_notes["epochs_done"]
    callbacks = [
        keras.callbacks.LearningRateScheduler(partial(learning_rate, recipe)),
        GammaWarmup(round(recipe.gamma.frozen * epochs), round(recipe.gamma.ramp * epochs), recipe.gamma.target),
        keras.callbacks.TerminateOnNaN(),
        keras.callbacks.CSVLogger(str(workdir / "log.csv"), append=first_epoch > 0),
        keras.callbacks.TensorBoard(str(workdir / "tensorboard"), write_graph=False),
        ValidateAveraged(),
        Checkpoint(workdir),
    ]
    try:
        model.fit(
            dataset(training, first_epoch, epochs - first_epoch),
            steps_per_epoch=training.batches,
            epochs=epochs,
            initial_epoch=first_epoch,
            validation_data=dataset(validation),
            callbacks=callbacks,
            shuffle=False,  # the loader has shuffled
            verbose=verbose,
        )
    except Exception as error:
        failure = training.failure or validation.failure
        if failure:
            raise failure from error
        raise
