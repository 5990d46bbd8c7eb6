"""Running our own commands one after the other, as a user would type them: for the demo and the benchmark."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from lapx_tf.errors import GateError, InputError

say = Console(highlight=False, soft_wrap=True).print


def step(*arguments: str | Path) -> None:
    """Runs `python ARGUMENTS` as a user would, shown first.

    Raises:
        InputError: the command refused its input; its sentence stands above.
        GateError: it failed otherwise.
    """
    words = [str(argument) for argument in arguments]
    say(f"\n[bold]$ python {shlex.join(words)}[/bold]")
    code = subprocess.run([sys.executable, *words], check=False).returncode
    if code:
        kind = InputError if code == 2 else GateError
        raise kind(f"stopped at: python {shlex.join(words)}")


def read(path: Path) -> dict[str, Any]:
    """A JSON file."""
    return json.loads(path.read_text("utf-8"))
