"""What `train.bench.pipeline` times: the pipeline, the plain loop, and the training that consumes the samples."""

import multiprocessing
import time
from typing import Any

import cv2

from lapx_tf import geometry
from lapx_tf.data.augmentation import Augmentation, draw
from lapx_tf.data.people import People
from lapx_tf.silence import quiet
from train import recipe as recipes
from train.bench import plain

BATCH_SIZE, SIGMA = 32, 1.5
WARMUP = 8
"""Batches before the clock starts."""


def pipeline(people: People, size: tuple[int, int], cores: int, seconds: float) -> float:
    """Samples a second of the training's `tf.data`, with the heat maps that the loss makes of the joints.

    TensorFlow takes the cores to which the process is bound.
    """
    with quiet():
        import tensorflow as tf

        from lapx_tf.codecs.encode import encode
        from lapx_tf.data.loader import Loader
        from lapx_tf.data.pipeline import dataset

        loader = Loader(people, size, BATCH_SIZE, Augmentation())
        heatmaps = tf.function(lambda joints: encode(joints, geometry.heatmap_size(size), SIGMA))
        batches = iter(dataset(loader, epochs=None))
        for _ in range(WARMUP):
            heatmaps(next(batches)[1])
    start, done = time.perf_counter(), 0
    while time.perf_counter() < start + seconds:
        heatmaps(next(batches)[1])
        done += BATCH_SIZE
    return done / (time.perf_counter() - start)


def plain_loop(people: People, size: tuple[int, int], cores: int, seconds: float) -> float:
    """Samples a second of plain loops, one a core, each in a process as the field's loaders run them."""
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        return sum(pool.starmap(_one_plain_loop, [(people, size, seconds)] * cores))


def _one_plain_loop(people: People, size: tuple[int, int], seconds: float) -> float:
    cv2.setNumThreads(0)  # as the field's loaders do, which have a process a core
    samples = draw(people, size, Augmentation(), seed=0, epoch=0)
    start, done = time.perf_counter(), 0
    while time.perf_counter() < start + seconds:
        index = int(samples.order[done % len(people)])
        plain.sample(people, samples, index, size, SIGMA)
        done += 1
    return done / (time.perf_counter() - start)


def training(people: People, name: str = "demo", steps: int = 20) -> dict[str, Any]:
    """Images a second that `fit` consumes, on all cores, in the last of two short epochs; the first builds the graph."""
    with quiet():
        import keras

        from lapx_tf.data.loader import Loader
        from lapx_tf.data.pipeline import feed
        from train.run.network import build
        from train.run.optimizer import compile_for

        recipe = recipes.find(name)
        loader = Loader(people, recipe.size, recipe.batch_size, recipe.augmentation)
        model = build(recipe, people)
        compile_for(model, recipe)
        starts: list[float] = []
        begun = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: starts.append(time.perf_counter()))
        model.fit(
            feed(loader, epochs=None), steps_per_epoch=steps, epochs=2, shuffle=False, verbose=0, callbacks=[begun]
        )
    taken = time.perf_counter() - starts[-1]
    return {"recipe": name, "size": recipe.size[0], "images_per_second": steps * recipe.batch_size / taken}
