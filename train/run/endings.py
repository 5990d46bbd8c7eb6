"""How a training that ends early says where it stands and how it goes on."""

import errno
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lapx_tf.errors import InputError
from train.checkpoints import files as checkpoint_files
from train.checkpoints.state import Progress
from train.run.errors import DivergedError
from train.run.workdir import BEST, CHECKPOINTS

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def best(progress: Progress, workdir: Path) -> str:
    """What a run has to show."""
    if progress.best_score is None:
        return f"no validation of its {progress} gave a score that is a number"
    return f"best PCK {progress.best_score:.4f} after epoch {progress.best_epoch}: {workdir / BEST}"


def resume_command(argv: Sequence[str]) -> str:
    """What goes on with the training that these arguments began."""
    return shlex.join(["python", "-m", "train", *argv, *(() if "--resume" in argv else ("--resume",))])


@contextmanager
def explained(workdir: Path, again: str) -> Iterator[None]:
    """Inside, what ends a training early says more.

    Args:
        workdir: of the run.
        again: the command that goes on with it.

    Raises:
        KeyboardInterrupt: it was stopped.
        DivergedError: it diverged.
        InputError: the disk is full.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"stopped; {_standing(workdir)}; go on with: {again}") from None
    except DivergedError as error:
        raise DivergedError(f"{error}; {_standing(workdir)}") from error
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        raise InputError(f"no space left for {workdir}; {_standing(workdir)}; make room, then: {again}") from error


def _standing(workdir: Path) -> str:
    files = checkpoint_files.files(workdir / CHECKPOINTS)
    return f"the last checkpoint is {files[-1]}" if files else "there is no checkpoint yet"
