"""`python -m train.prepare --dataset NAME --data DIR --out DIR`: a data set as sharded TFRecords, for `--data`.

TFDS writes DIR/lapx_<name>/<version>/, whole or not at all. Where Apache Beam is installed it does the work:

    python -m train.prepare ... --beam="--runner=FlinkRunner --flink_master=HOST:8081"
"""

import argparse
import contextlib
import importlib.util
import io
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lapx_tf import commands
from lapx_tf.data import prepared
from lapx_tf.errors import InputError
from lapx_tf.silence import quiet

NAMES = ("lsp", "lspet", "mpii", "coco")


def parser() -> commands.Parser:
    """The command's arguments."""
    parser = commands.Parser(prog="python -m train.prepare", description=__doc__)
    parser.add_argument("--dataset", choices=NAMES, required=True)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="its folder, as it was downloaded")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where TFDS's folder lapx_NAME goes")
    parser.add_argument(
        "--missing-limit",
        type=commands.natural,
        default=0,
        metavar="N",
        help="so many pictures may be missing or empty; they are named, and left out with their persons (default: 0)",
    )
    beam = parser.add_mutually_exclusive_group()
    beam.add_argument(
        "--beam", type=shlex.split, default=[], metavar="OPTIONS", help="of Beam's pipeline, as one argument"
    )
    beam.add_argument(
        "--no-beam",
        action="store_true",
        help="prepare without Beam: its runner for one machine holds a split in memory, several times",
    )
    return parser


def prepare(arguments: argparse.Namespace) -> None:
    """Prepares the data set, then reads it back, which leaves the index beside the shards."""
    data = commands.existing_folder(arguments.data)
    if prepared.recognises(data):
        raise InputError(f"{data} is prepared already; give the folder as it was downloaded")
    options = beam_options(arguments.beam)
    with quiet():
        from lapx_tf.data.tfds_builders import BUILDERS

    of_dataset = BUILDERS[arguments.dataset]
    folder = arguments.out / of_dataset.name / str(of_dataset.VERSION)
    if folder.exists():
        raise InputError(f"{folder} is there already; remove it or name another --out")
    builder = of_dataset(data_dir=arguments.out, missing_limit=arguments.missing_limit, beam=not arguments.no_beam)
    write(builder, data, options)
    for split in builder.info.splits:
        people = prepared.load(folder, split)
        pictures = len({person.image for person in people.persons})
        print(
            f"{people.dataset} {split}: {len(people)} persons in {pictures} pictures, {len(people.problems)} problems"
        )
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{size / 2**20:.0f} MiB: {folder}")


def write(builder: Any, data: Path, options: Any) -> None:
    """Has TFDS write the folder; a progress bar goes to stderr if that is a terminal.

    Args:
        builder: a `PeopleBuilder`.
        data: the data set's folder.
        options: of Beam, or None.

    Raises:
        InputError: the data set can't be used.
        OSError: the folder can't be written.
    """
    with quiet():
        import tensorflow as tf
        import tensorflow_datasets as tfds

    tfds.display_progress_bar(sys.stderr.isatty())
    config = tfds.download.DownloadConfig(manual_dir=data, try_download_gcs=False, beam_options=options)
    try:
        # TFDS makes a folder for downloads, and tells on stdout how much it downloads: nothing.
        with tempfile.TemporaryDirectory() as downloads, contextlib.redirect_stdout(io.StringIO()):
            builder.download_and_prepare(download_dir=downloads, download_config=config)
    except (OSError, RuntimeError, tf.errors.OpError) as error:
        # TFDS prints the whole record around what was wrong with a file, such as a full disk.
        cause: Any = first_cause(error)
        if isinstance(cause, tf.errors.OpError):
            raise OSError(cause.message) from error
        if isinstance(cause, OSError):
            raise OSError(cause.errno, cause.strerror, cause.filename) from error
        raise
    finally:
        with contextlib.suppress(OSError):
            Path(builder.data_dir).parent.rmdir()  # empty, if it came to nothing


def first_cause(error: BaseException) -> BaseException:
    """The error at the beginning of the chain that led to this one."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def beam_options(flags: Sequence[str]) -> Any:
    """The options of Beam's pipeline; None where Apache Beam is not installed.

    Raises:
        InputError: there are flags, but no Beam.
    """
    if importlib.util.find_spec("apache_beam") is None:
        if flags:
            raise InputError("--beam needs Apache Beam: pip install apache-beam")
        return None
    from apache_beam.options.pipeline_options import PipelineOptions  # pyright: ignore[reportMissingImports]

    return PipelineOptions(list(flags))


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    return commands.run(parser(), prepare, argv)


if __name__ == "__main__":
    sys.exit(main())
