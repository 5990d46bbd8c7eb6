"""The folder of a run: what lies in it, and when it may be used."""

import json
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.errors import InputError

LAST, BEST, SETTINGS = "last.keras", "best.keras", "recipe.json"
"""To resume from; to use; what the run was asked to do."""


def prepare(workdir: Path, settings: dict[str, Any], *, resume: bool) -> None:
    """Makes the folder and writes down the settings, or checks that they are those of the run to resume.

    Raises:
        InputError: there is a run and `resume` was not asked for, or there is none to resume, or it had other settings.
    """
    written = workdir / SETTINGS
    if resume:
        stored = json.loads(commands.existing_file(written).read_text("utf-8"))
        wanted = json.loads(json.dumps(settings))  # tuples become lists, as in the file
        changed = [key for key in wanted if stored.get(key) != wanted[key]]
        if changed:
            raise InputError(f"the run in {workdir} had other settings ({', '.join(changed)}), see {written}")
        return
    if written.exists():
        raise InputError(f"{workdir} holds a run; go on with --resume, or name another --workdir")
    commands.write_json(written, settings)
