"""The folder of a run: what lies in it, and when it may be used."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.data.records import read_json
from lapx_tf.errors import InputError
from train.recipe import completed

BEST, LAST, SETTINGS, CHECKPOINTS, LOG = "best.keras", "last.keras", "recipe.json", "checkpoints", "log.csv"
"""To use; likewise, but not chosen on those held out; what the run was asked to do; to go on from; the figures of each
epoch."""

_UNFINISHED = re.compile(r"\..+\.\d+\.\w+")
"""What `commands.whole_file` writes to."""


def prepare(workdir: Path, settings: dict[str, Any], *, resume: bool) -> None:
    """Makes the folder and writes down the settings, or checks that they are those of the run to resume.

    Raises:
        InputError: there is a run and `resume` was not asked for, or there is none to resume, or it had other settings.
    """
    written = workdir / SETTINGS
    if resume:
        _check_resumable(workdir, settings)
        _remove_unfinished(workdir)
        return
    if written.exists() or (workdir / CHECKPOINTS).exists():
        raise InputError(f"{workdir} holds a run; go on with --resume, or name another --workdir")
    commands.write_json(written, settings)


@contextmanager
def taken_back(workdir: Path) -> Iterator[None]:
    """Inside, an `InputError` takes the settings out of a new run's folder: nothing has begun, and the next try may."""
    try:
        yield
    except InputError:
        (workdir / SETTINGS).unlink(missing_ok=True)
        raise


def _check_resumable(workdir: Path, settings: dict[str, Any]) -> None:
    written, last = workdir / SETTINGS, workdir / LAST
    stored = read_json(written)
    if last.is_file() and not (workdir / CHECKPOINTS).exists():
        raise InputError(
            f"{workdir} has no checkpoints to go on from; --weights {last} in another --workdir begins with its last weights"
        )
    stored["recipe"] = completed(stored.get("recipe", {}))
    wanted = json.loads(json.dumps(settings))  # tuples become lists, as in the file
    changed = [key for key in wanted if stored.get(key) != wanted[key]]
    if changed:
        raise InputError(f"the run in {workdir} had other settings ({', '.join(changed)}), see {written}")


def _remove_unfinished(workdir: Path) -> None:
    """Removes the files that a process was writing when it was killed."""
    for folder in (workdir, workdir / CHECKPOINTS):
        for path in folder.glob(".*"):
            if path.is_file() and _UNFINISHED.fullmatch(path.name):
                path.unlink()


def cut_log(workdir: Path, epochs: int) -> None:
    """Takes out of the log what a run that was killed wrote after its last checkpoint.

    Args:
        workdir: of the run.
        epochs: so many first rows stay.
    """
    log = workdir / LOG
    if not log.is_file():
        return
    whole = [line for line in log.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    if not epochs:
        log.unlink()  # its columns too: it begins anew
    elif log.stat().st_size > sum(map(len, whole[: epochs + 1])):
        with commands.whole_file(log) as beside:
            beside.write_bytes(b"".join(whole[: epochs + 1]))
