"""What `train.bench.training` times: a training step of this project on TensorFlow, and the same in plain PyTorch.

Both train LAPX from new weights on one random batch, so that no time goes into data: AdamW with decay and clipping as the
recipe says, the loss made from joints. Ours goes through `fit` and computes the metrics as always.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry
from lapx_tf.silence import quiet
from lapx_tf.skeletons import MPII_16
from train import recipe as recipes
from train.recipe import Recipe

Array = NDArray[np.float32]

RECIPE = "lsp_256"


class Engine(Protocol):
    """A network in training."""

    def train(self, steps: int) -> None:
        """So many steps; returns when they are done."""
        ...

    def profile(self, steps: int) -> Mapping[str, float]:
        """Seconds that each kind of operation takes in so many steps, summed over the threads."""
        ...


@dataclass(frozen=True, eq=False)
class Batch:
    """What is trained on.

    Attributes:
        images: float32 [B, H, W, 3], normalised.
        joints: float32 [B, K, 3] (x, y, weight), pixels of the heat map.
    """

    images: Array
    joints: Array

    @classmethod
    def random(cls, size: int, count: int) -> "Batch":
        """`count` square crops with a side of `size` pixels, with the joints of MPII."""
        rng = np.random.default_rng(0)
        joints = rng.uniform(0, size / 4, (count, len(MPII_16.joints), 3))
        joints[..., 2] = 1
        return cls(rng.normal(size=(count, size, size, 3)).astype(np.float32), joints.astype(np.float32))


class KerasEngine:
    """This project: its network, its optimizer, Keras' `fit` on TensorFlow."""

    def __init__(self, size: int, batch_size: int) -> None:
        with quiet():
            import tensorflow as tf

            from lapx_tf import presets
            from train.run.optimizer import compile_for
        batch = Batch.random(size, batch_size)
        self.model = presets.lapx(input_shape=(size, size, 3), skeleton=MPII_16)
        compile_for(self.model, recipe())
        self._data: Any = tf.data.Dataset.from_tensors((batch.images, batch.joints)).repeat()

    def train(self, steps: int) -> None:
        """See `Engine`."""
        self.model.fit(self._data, steps_per_epoch=steps, verbose=0, shuffle=False)

    def profile(self, steps: int) -> Mapping[str, float]:
        """See `Engine`."""
        import tensorflow as tf

        with TemporaryDirectory() as folder:
            with quiet():
                tf.profiler.experimental.start(folder)
                self.train(steps)
                tf.profiler.experimental.stop()
            (file,) = Path(folder).rglob("*.xplane.pb")
            return seconds_by_operation(file)


def seconds_by_operation(file: Path) -> Mapping[str, float]:
    """What TensorFlow's profiler wrote, by the type of the operation."""
    from tensorflow.python.framework import op_def_registry
    from tensorflow.tsl.profiler.protobuf.xplane_pb2 import XSpace  # type: ignore[attr-defined]

    space = XSpace()
    space.ParseFromString(file.read_bytes())
    found = Counter[str]()
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            # An operation is called `name:type`, and what is around it otherwise.
            kind = plane.event_metadata[event.metadata_id].name.rpartition(":")[2]
            if op_def_registry.get(kind) is not None:
                found[kind] += event.duration_ps / 1e12
    return found


class TorchEngine:
    """The same network and step in plain PyTorch."""

    def __init__(self, size: int, batch_size: int) -> None:
        import torch  # type: ignore[import-not-found]

        from train.bench.torch_network import TorchLAPX, loss

        batch, chosen = Batch.random(size, batch_size), recipe()
        self.model = TorchLAPX(chosen.width, chosen.stacks, chosen.depth, chosen.nonlocal_stacks, len(MPII_16.joints))
        # As ours: decay pulls kernels only.
        kernels = [weight for name, weight in self.model.named_parameters() if weight.ndim > 1 and "alpha" not in name]
        others = [weight for name, weight in self.model.named_parameters() if weight.ndim <= 1 or "alpha" in name]
        groups = [{"params": kernels, "weight_decay": chosen.weight_decay}, {"params": others, "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=chosen.learning_rate, eps=1e-8)
        images = torch.from_numpy(batch.images.transpose(0, 3, 1, 2).copy())
        joints = torch.from_numpy(batch.joints)

        def step() -> None:
            optimizer.zero_grad()
            loss(self.model(images), joints, geometry.heatmap_size((size, size)), chosen.sigma).backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), chosen.clip_norm or float("inf"))
            optimizer.step()

        self._step: Callable[[], None] = step

    def train(self, steps: int) -> None:
        """See `Engine`."""
        for _ in range(steps):
            self._step()

    def profile(self, steps: int) -> Mapping[str, float]:
        """See `Engine`."""
        from torch import profiler  # type: ignore[import-not-found]

        with profiler.profile(activities=[profiler.ProfilerActivity.CPU]) as found:
            self.train(steps)
        return {event.key: event.self_cpu_time_total / 1e6 for event in found.key_averages()}


def recipe() -> Recipe:
    """The full network's, without averaged weights: PyTorch has no optimizer that keeps them."""
    return replace(recipes.find(RECIPE), ema=None)


ENGINES: Mapping[str, Callable[[int, int], Engine]] = {"TensorFlow": KerasEngine, "PyTorch": TorchEngine}
