"""The exported models that the Kotlin tests run: a tiny network and the small trained one, each in float32 and int8."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from convert.__main__ import main as convert
from lapx_tf import pretrained
from lapx_tf.errors import InputError
from lapx_tf.models import storage
from lapx_tf.models.lapx import LAPX
from lapx_tf.skeletons import MPII_16
from lapx_tf.spec import sidecar_of
from tests.helpers import TINY, randomize

TRAINED = pretrained.file_of("lapx_small_lsp")
PRECISIONS = ("float32", "int8")


def exported_models(folder: Path) -> list[Path]:
    """Writes the files into a folder, each with its JSON; the tiny network's are called `float32.tflite` and `int8.tflite`."""
    with TemporaryDirectory() as scratch:
        tiny = Path(scratch) / "tiny.keras"
        storage.save(randomize(LAPX(**TINY, skeleton=MPII_16, name="tiny")), tiny)
        exported = [_named(file, folder) for file in _export(tiny, Path(scratch))]
    return [*exported, *_export(TRAINED, folder)]


def _export(network: Path, folder: Path) -> list[Path]:
    if convert([str(network), "--to", "tflite", "--precision", *PRECISIONS, "--out", str(folder)]) != 0:
        raise InputError(f"{network.name} can't be converted")
    return [folder / f"{network.stem}_{precision}.tflite" for precision in PRECISIONS]


def _named(file: Path, folder: Path) -> Path:
    """A copy under the name of its precision."""
    copy = folder / f"{file.stem.removeprefix('tiny_')}.tflite"
    shutil.copy(file, copy)
    shutil.copy(sidecar_of(file), sidecar_of(copy))
    return copy
