"""What the processes of the benchmark and of the profiler share: their arguments, and how they are started.

python -m lapx_tf.runtime.benchmark.worker MODEL --threads N --runs R --warmup W [...]
python -m lapx_tf.runtime.profile.worker MODEL --threads N --runs R --warmup W [...]
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.errors import InputError


def parser() -> commands.Parser:
    """The arguments that the processes of a model have."""
    parser = commands.Parser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=commands.positive, required=True)
    parser.add_argument("--runtime")
    parser.add_argument("--runs", type=commands.positive, required=True)
    parser.add_argument("--warmup", type=commands.natural, required=True)
    return parser


def turn(runs: int, warmup: int) -> list[str]:
    """The arguments that say how often a process runs its model."""
    return ["--runs", str(runs), "--warmup", str(warmup)]


def told_by(command: Sequence[str], what: str) -> dict[str, Any]:
    """What a process of this package writes to stdout as JSON.

    Args:
        command: the module and its arguments.
        what: it does, for the error.

    Raises:
        InputError: it failed; with its own sentence where it left one.
    """
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    if done.returncode:
        # A runtime may write to stderr, too, before and after the sentence.
        sentences = re.findall(r"^error: (.+)$", done.stderr, re.MULTILINE) or [f"exit code {done.returncode}"]
        raise InputError(f"{what} failed: {sentences[-1]}")
    return json.loads(done.stdout)
