"""A training of a tiny network in a process of its own: `python -m tests.train.tiny_run [OPTIONS] OPTIONS-OF-TRAIN...`."""

import argparse
import os
import sys
from typing import Any

from train.recipe import GammaPhases, Recipe

TRAIN_IMAGES, IMAGES = 12, 18
"""Of the small LSP that it is for: in validation the second batch has two persons."""

# The gradient is always cut, and gamma is frozen in the first epoch and ramps in the second.
RECIPE = Recipe(
    "tiny", 16, 1, (1,), (32, 32), epochs=2, batch_size=4, learning_rate=1e-3, depth=1,
    ema=0.9, clip_norm=0.01, gamma=GammaPhases(0.5, 0.5),
)  # fmt: skip


class WithoutTensorFlow:
    """What finds modules, but not TensorFlow."""

    def __init__(self, finder: Any) -> None:
        self.finder = finder

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """See `importlib`."""
        return None if name.partition(".")[0] == "tensorflow" else self.finder.find_spec(name, path, target)


def make_devices(count: int) -> None:
    """Makes this machine's processor into several devices."""
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
    else:
        os.environ["XLA_FLAGS"] += f" --xla_force_host_platform_device_count={count}"


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--virtual-devices", type=int)
    own, of_train = parser.parse_known_args()
    if os.environ["KERAS_BACKEND"] != "tensorflow":
        sys.meta_path[:] = [WithoutTensorFlow(finder) for finder in sys.meta_path]
    if own.virtual_devices:
        make_devices(own.virtual_devices)

    from lapx_tf.data import lsp
    from train import __main__ as command
    from train import recipe as recipes

    lsp.TRAIN_IMAGES = TRAIN_IMAGES
    recipes.names, recipes.find = lambda: ["tiny"], lambda name: RECIPE
    return command.main(["tiny", "--no-report", *of_train])


if __name__ == "__main__":
    sys.exit(main())
