"""What all commands share: exit codes, and files that appear whole or not at all; and documents that hold figures."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from lapx_tf.errors import GateError, InputError


class Parser(argparse.ArgumentParser):
    """Reports wrong arguments as every other wrong input is reported."""

    def error(self, message: str) -> NoReturn:
        """Raises an InputError instead of leaving the process."""
        raise InputError(f"{message} (see {self.prog} --help)")


def positive(text: str) -> int:
    """An argument that must be a whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of 1 or more, got {text!r}")
    return int(text)


def natural(text: str) -> int:
    """An argument that must be a whole number of 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number of 0 or more, got {text!r}")
    return int(text)


def run(parser: Parser, command: Callable[[argparse.Namespace], None], argv: Sequence[str] | None) -> int:
    """Runs a command.

    Args:
        parser: of its arguments.
        command: takes them and does the work.
        argv: the arguments; None for those of the process.

    Returns:
        The exit code: 0 done, 1 a check failed, 2 wrong use or bad input (one sentence on stderr), 130 interrupted.
    """
    try:
        command(parser.parse_args(argv))
    except GateError as error:
        return _fail(1, str(error))
    except InputError as error:
        return _fail(2, str(error))
    except OSError as error:
        # No such file, no permission, disk full: the system's sentence with the file's name is clear enough.
        return _fail(2, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt as stop:
        return _fail(130, str(stop) or "stopped")
    return 0


def _fail(code: int, sentence: str) -> int:
    sys.stderr.write(f"error: {sentence}\n")
    return code


def existing_file(path: str | Path) -> Path:
    """The path of a file that must be there.

    Raises:
        InputError: there is no such file.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"no such file: {path}" if not path.is_dir() else f"{path} is a folder, a file is needed")
    return path


def existing_folder(path: str | Path) -> Path:
    """The path of a folder that must be there.

    Raises:
        InputError: there is no such folder.
    """
    path = Path(path)
    if not path.is_dir():
        raise InputError(f"no such folder: {path}" if not path.exists() else f"{path} is a file, a folder is needed")
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path`, of the same ending, to write to; renamed to `path` at the end, removed on an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield beside
        beside.replace(path)
    finally:
        if beside.is_dir():
            shutil.rmtree(beside)
        beside.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Writes a JSON file whole."""
    with whole_file(path) as beside:
        beside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def write_text(path: Path, text: str) -> None:
    """Writes a text file whole."""
    with whole_file(path) as beside:
        beside.write_text(f"{text.rstrip()}\n", "utf-8")


def fill(document: Path, parts: Mapping[str, str]) -> None:
    """Puts what was measured into a document.

    Args:
        document: a text.
        parts: by name; each goes between `<!-- NAME -->` and `<!-- end of NAME -->`.

    Raises:
        InputError: the document has no place for one.
    """
    text = existing_file(document).read_text("utf-8")
    for name, part in parts.items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        if text.count(start) != 1 or text.count(end) != 1 or text.index(end) < text.index(start):
            raise InputError(f"{document} needs one {start} and one {end} after it for what goes between them")
        before, after = text.split(start)[0], text.split(end)[1]
        text = f"{before}{start}\n{part}\n{end}{after}"
    write_text(document, text)
