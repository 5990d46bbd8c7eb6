"""Where a training runs: on one device, on several of one machine, or on several machines.

The batch of the recipe is divided among the devices, and a step does what one device would do with the whole batch: gradients
are summed, and the batch normalisation takes its statistics over all of it. So the number of devices changes how fast a
training is, and its results by rounding only.
"""

import argparse
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lapx_tf import commands
from lapx_tf.data.loader import Loader
from lapx_tf.data.share import Share
from lapx_tf.errors import InputError

KERAS_VARIABLES = {
    "coordinator": "KERAS_DISTRIBUTION_JOB_ADDRESSES",
    "processes": "KERAS_DISTRIBUTION_NUM_PROCESSES",
    "process": "KERAS_DISTRIBUTION_PROCESS_ID",
}
"""Where Keras itself looks for the arguments of these names."""


@dataclass(frozen=True)
class Cluster:
    """One process of several, each of which has the devices of a machine.

    Attributes:
        coordinator: HOST:PORT of process 0, which all others can reach.
        processes: how many there are.
        process: which one this is, from 0.
    """

    coordinator: str
    processes: int
    process: int


@dataclass(frozen=True)
class Place:
    """The devices that a training runs on.

    Attributes:
        devices: how many, of all processes together.
        processes: how many.
        process: which one this is, from 0; that one writes the files.
        scope: what makes a network and trains it does so inside.
    """

    devices: int = 1
    processes: int = 1
    process: int = 0
    scope: Callable[[], AbstractContextManager[Any]] = nullcontext

    @property
    def writes(self) -> bool:
        """Whether this process' files are those that stay."""
        return self.process == 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Inside, what one process refuses all refuse: the others would wait for it in vain.

        Raises:
            InputError: this process raised it, or another one.
        """
        refused: InputError | None = None
        try:
            yield
        except InputError as error:
            refused = error
        if any(self._of_all(refused is not None)) and refused is None:
            raise InputError("another process refused; it says why")
        if refused is not None:
            raise refused

    def check_same(self, facts: dict[str, Any]) -> None:
        """Checks that all processes are about to do the same.

        Args:
            facts: JSON-able.

        Raises:
            InputError: they differ between the processes.
        """
        if len(set(self._of_all(zlib.crc32(json.dumps(facts, sort_keys=True).encode())))) > 1:
            raise InputError(
                "the processes differ in recipe, data, seed or checkpoint: give all the same arguments but --process, and a "
                "--workdir that all of them see"
            )

    def _of_all(self, value: int) -> list[int]:
        """The values, 0 to 2^32 - 1, that all processes call this with."""
        if self.processes == 1:
            return [value]
        from jax.experimental import multihost_utils

        return np.ravel(multihost_utils.process_allgather(np.uint32(value))).tolist()

    @property
    def loader(self) -> Callable[..., Loader]:
        """What makes this process' loaders, with the arguments of `Loader`."""
        return Loader if self.devices == 1 else partial(Share, part=self.process, parts=self.processes)

    @contextmanager
    def files(self, workdir: Path) -> Iterator[Path]:
        """The folder that this process writes to: that of the run, or one that is gone afterwards.

        All processes do the same from the first step to the last, for the devices of all take part in whatever one of them
        computes; so all write the same files, of which one set is enough.
        """
        if self.writes:
            yield workdir
            return
        with tempfile.TemporaryDirectory(prefix="lapx-") as folder:
            yield Path(folder)

    def check_batch(self, size: int) -> None:
        """Checks that the devices can share a batch.

        Raises:
            InputError: their shares would differ.
        """
        if size % self.devices:
            nearest = max(round(size / self.devices), 1) * self.devices
            raise InputError(f"{self.devices} devices can't share a batch of {size}: use --batch-size {nearest}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that say where to train."""
    parser.add_argument(
        "--devices", type=_count, default=1, metavar="N", help="GPUs of this machine, or `all` of them (default 1)"
    )
    several = parser.add_argument_group(
        "several machines",
        "one process each, with KERAS_BACKEND=jax; defaults: Keras' KERAS_DISTRIBUTION_... variables",
    )
    several.add_argument("--coordinator", metavar="HOST:PORT", help="of process 0")
    several.add_argument("--processes", type=commands.positive, metavar="N", help="how many there are")
    several.add_argument("--process", type=commands.natural, metavar="I", help="which one this is, from 0")
    variables = {name: os.environ.get(variable) for name, variable in KERAS_VARIABLES.items()}
    parser.set_defaults(**{name: value for name, value in variables.items() if value is not None})


def _count(text: str) -> int | None:
    return None if text == "all" else commands.positive(text)


def cluster_of(arguments: argparse.Namespace) -> Cluster | None:
    """What the arguments say of several processes; None where they say nothing.

    Raises:
        InputError: something is missing, or there is no such process.
    """
    values = {name: getattr(arguments, name) for name in KERAS_VARIABLES}
    missing = [f"--{name}" for name, value in values.items() if value is None]
    if len(missing) == len(values):
        return None
    if missing:
        raise InputError(
            f"several machines need --coordinator, --processes and --process; {', '.join(missing)} is missing"
        )
    cluster = Cluster(**values)
    if cluster.process >= cluster.processes:
        raise InputError(f"--process must be 0 to {cluster.processes - 1}, got {cluster.process}")
    return cluster


def take(count: int | None, cluster: Cluster | None) -> Place:
    """Takes devices for the backend that Keras runs on. Comes before anything that uses one.

    Args:
        count: devices of each process; None for all that there are.
        cluster: where there are several processes.

    Raises:
        InputError: there are not so many devices, or the backend can't do it.
    """
    if count == 1 and cluster is None:
        return Place()  # the backend's own choice; Keras need not be imported
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        return _on_jax(count, cluster)
    if cluster is not None:
        raise InputError(f"training on several machines needs KERAS_BACKEND=jax, got {backend}")
    if backend == "tensorflow":
        return _on_tensorflow(count)
    raise InputError(f"training on several devices needs KERAS_BACKEND=jax or tensorflow, got {backend}")


def _on_jax(count: int | None, cluster: Cluster | None) -> Place:
    import jax
    import keras

    if cluster is not None:
        keras.distribution.initialize(cluster.coordinator, cluster.processes, cluster.process)
    _check_count(count, len(jax.local_devices()))
    taken = [device for process in range(jax.process_count()) for device in jax.local_devices(process)[:count]]
    # What `feed` gives is the share of the process already.
    distribution = keras.distribution.DataParallel(
        devices=[f"{device.platform}:{device.id}" for device in taken], auto_shard_dataset=False
    )
    return Place(len(taken), jax.process_count(), jax.process_index(), distribution.scope)


def _on_tensorflow(count: int | None) -> Place:
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    _check_count(count, len(devices))
    taken = [device.name for device in devices[:count]]
    return Place(len(taken), scope=tf.distribute.MirroredStrategy(taken).scope)


def _check_count(count: int | None, there: int) -> None:
    if count is not None and count > there:
        raise InputError(f"--devices must be 1 to {there} on this machine, got {count}")


def spread(images: Any) -> Any:
    """This process' share of a batch, [B / processes, ...], as the array [B, ...] that lies on all devices.

    Keras does the same with the batches of `fit`, but not with what `predict_on_batch` gets.
    """
    import keras

    distribution = keras.distribution.distribution()
    if distribution is None:
        return images
    import jax

    return jax.make_array_from_process_local_data(distribution.get_data_layout(images.shape).backend_layout, images)
