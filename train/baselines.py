"""`python -m train.baselines MODEL.keras --json OUT`: what a trained network is to be compared with.

The mean pose of the training people, the same network before training, and the time that Keras itself takes for one crop.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.data import sources
from lapx_tf.evaluation import measures
from lapx_tf.evaluation.predictions import mean_pose
from lapx_tf.pretrained import KERAS, add_model_argument
from lapx_tf.runtime.benchmark import time_session
from lapx_tf.silence import quiet
from train.evaluate import evaluate


def measure(model_file: Path, data: Sequence[Path]) -> dict[str, Any]:
    """The scores of both baselines on the val people, and Keras' time on this machine."""
    with quiet():
        import keras

        from lapx_tf import LAPX
        from lapx_tf.models.storage import KerasSession, load

        trained = load(model_file)
    keras.utils.set_random_seed(0)  # the untrained network's score is luck, but the same luck each time
    training, held_out = (sources.load_all(data, split) for split in ("train", "val"))
    timed = time_session(KerasSession(trained, model_file), runs=60, warmup=5)
    return {
        "mean_pose": measures.measure(mean_pose(training, held_out), held_out),
        "untrained": evaluate(KerasSession(LAPX.from_config(trained.get_config())), held_out),
        "keras_median_ms": timed["median_ms"],
        "keras_p90_ms": timed["p90_ms"],
    }


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = commands.Parser(prog="python -m train.baselines", description=__doc__)
    add_model_argument(parser, KERAS)
    parser.add_argument("--data", type=Path, nargs="+", default=[], metavar="DIR", help="without it, synthetic people")
    parser.add_argument("--json", type=Path, required=True, metavar="OUT")
    return commands.run(
        parser, lambda options: commands.write_json(options.json, measure(options.model, options.data)), argv
    )


if __name__ == "__main__":
    sys.exit(main())
