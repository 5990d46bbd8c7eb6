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

TRAINED = "lapx_small_lsp"


def exported_models(folder: Path) -> list[Path]:
    """Writes the files into a folder, each with its JSON; the tiny network's are called `float32.tflite` and `int8.tflite`.

    The trained network's int8 file is the package's: its ranges are of photographs, which are not always there.
    """
    with TemporaryDirectory() as scratch:
        tiny = Path(scratch) / "tiny.keras"
        storage.save(randomize(LAPX(**TINY, skeleton=MPII_16, name="tiny")), tiny)
        made = _export(tiny, Path(scratch), "float32", "int8")
        exported = [_copied(file, folder / f"{file.stem.removeprefix('tiny_')}.tflite") for file in made]
    trained = pretrained.file_of(TRAINED, pretrained.INT8)
    exported += _export(pretrained.file_of(TRAINED), folder, "float32")
    return [*exported, _copied(trained, folder / trained.name)]


def _export(network: Path, folder: Path, *precisions: str) -> list[Path]:
    if convert([str(network), "--to", "tflite", "--precision", *precisions, "--out", str(folder)]) != 0:
        raise InputError(f"{network.name} can't be converted")
    return [folder / f"{network.stem}_{precision}.tflite" for precision in precisions]


def _copied(file: Path, copy: Path) -> Path:
    """A copy of a file and of its JSON."""
    shutil.copy(file, copy)
    shutil.copy(sidecar_of(file), sidecar_of(copy))
    return copy
