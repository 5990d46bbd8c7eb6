"""How a recipe trains a network: optimizer, loss, and the learning rate of each epoch."""

import math
from typing import Any

import keras

from lapx_tf import LAPX, PCK, HeatmapLoss
from lapx_tf.metrics import StackLosses
from lapx_tf.optimizers import AdamW
from train.recipe import Recipe


def learning_rate(recipe: Recipe, epoch: int) -> float:
    """The learning rate of an epoch, counted from 0: a linear rise, while it falls with the cosine or by steps.

    It changes from epoch to epoch, not from step to step: as a schedule inside the optimizer it would be computed once for
    each of the hundreds of variables, which takes longer to build than the rest of the graph.
    """
    middle = epoch + 0.5
    rise = min(middle / recipe.warmup_epochs, 1.0) if recipe.warmup_epochs else 1.0
    done = middle / recipe.epochs
    if recipe.schedule == "cosine":
        return recipe.learning_rate * rise * (1 + math.cos(math.pi * done)) / 2
    return recipe.learning_rate * rise * recipe.drop_factor ** sum(done > drop for drop in recipe.drops)


def compile_for(model: LAPX, recipe: Recipe) -> None:
    """Compiles a network as the recipe says, and makes the optimizer's variables (which spares a trace later)."""
    optimizer = AdamW(
        recipe.learning_rate,
        weight_decay=recipe.weight_decay if recipe.optimizer == "adamw" else 0.0,
        global_clipnorm=recipe.clip_norm,
        epsilon=1e-8,
        use_ema=recipe.ema is not None,
        ema_momentum=recipe.ema or 0.99,  # Keras' default where there is none
        # Decay pulls kernels only: on a gate or on gamma it would work against what they learn.
        spared=("beta", "gamma", "bias", "gate"),
    )
    # XLA on the CPU triples the time of a step (TensorFlow 2.21); other backends decide for themselves.
    jit: Any = False if keras.backend.backend() == "tensorflow" else "auto"
    metrics = [PCK.of(model.skeleton), StackLosses(len(model.stacks), recipe.sigma)]
    model.compile(optimizer, HeatmapLoss(recipe.sigma), metrics=metrics, jit_compile=jit)
    model.optimizer.build(model.trainable_variables)  # not `optimizer`: for float16, Keras has wrapped it
