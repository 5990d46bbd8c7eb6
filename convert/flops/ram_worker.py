"""One process that tells how much memory a TensorFlow Lite file takes for a batch of images, as JSON to stdout.

python -m convert.flops.ram_worker FILE --batch N
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from lapx_tf import commands
from lapx_tf.runtime.benchmark import peak_memory


def _work(options: argparse.Namespace) -> None:
    empty = peak_memory()
    interpreter = Interpreter(model_path=str(commands.existing_file(options.model)), num_threads=1)
    (source,) = interpreter.get_input_details()
    shape = (options.batch, *source["shape"][1:])
    interpreter.resize_tensor_input(source["index"], shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(source["index"], np.random.default_rng(0).standard_normal(shape, np.float32))
    for _ in range(2):
        interpreter.invoke()
    json.dump({"empty_bytes": empty, "peak_bytes": peak_memory()}, sys.stdout)


def main(argv: Sequence[str] | None = None) -> int:
    """The process; returns the exit code."""
    parser = commands.Parser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--batch", type=commands.positive, required=True)
    return commands.run(parser, _work, argv)


if __name__ == "__main__":
    sys.exit(main())
