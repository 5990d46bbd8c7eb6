"""The files of a released network: converting it, and putting the result into the package."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from lapx_tf import commands, pretrained
from lapx_tf.pretrained import FLOAT16, INT8, KERAS
from lapx_tf.silence import quiet
from lapx_tf.spec import sha256_of, sidecar_of
from train.steps import step

FLOAT32 = "float32"
"""Not released, but what int8 is compared with."""


@dataclass(frozen=True)
class Made:
    """One file.

    Attributes:
        file: of the network, or of one cut from it.
        kind: what it is: Keras, or the precision of a TFLite file.
        stacks: how many it has.
        whole: it has all of them.
    """

    file: Path
    kind: str
    stacks: int
    whole: bool

    @property
    def plain(self) -> Path:
        """Its scores without flip test."""
        return self.file.with_name(f"{self.file.name}.plain.json")

    @property
    def flipped(self) -> Path:
        """Its scores with flip test."""
        return self.file.with_name(f"{self.file.name}.flip.json")


def pack(model: Path, out: Path) -> Path:
    """Copies a network without what only its own training needs, three quarters of the file, and compressed.

    Returns:
        `out`.
    """
    if not out.is_file():
        with quiet():
            from lapx_tf.models import storage

            network = storage.load(model)
            with commands.whole_file(out) as beside, TemporaryDirectory() as folder:
                plain = Path(folder) / "plain.keras"
                storage.save(network, plain)
                with ZipFile(plain) as stored, ZipFile(beside, "w", ZIP_DEFLATED) as packed:
                    for name in stored.namelist():
                        packed.writestr(name, stored.read(name))
    return out


def make(keras: Path, data: Path, licence: str, mixed: bool) -> list[Made]:
    """Converts the network and those cut from it, as far as that has not been done.

    Args:
        keras: the network; the files go beside it.
        data: LSP, whose training people calibrate int8.
        licence: for the files.
        mixed: int8 leaves `sensitive` layers in float.
    """
    with quiet():
        from lapx_tf.models import storage

        stacks = len(storage.load(keras).stacks)
    files = [Made(keras, KERAS, stacks, whole=True)]
    for count in range(stacks, 0, -1):
        whole = count == stacks
        kinds = (FLOAT32, FLOAT16, INT8) if whole else (FLOAT32, INT8)
        cut = "" if whole else f"_s{count}"
        marks = {kind: f"{kind}_mixed" if mixed and kind == INT8 else kind for kind in kinds}
        made = [Made(keras.with_name(f"{keras.stem}_{marks[kind]}{cut}.tflite"), kind, count, whole) for kind in kinds]
        missing = [one.kind for one in made if not sidecar_of(one.file).is_file()]
        if missing:
            options = ["--calibration", data, "--licence", licence, *([] if whole else ["--stacks", str(count)])]
            if mixed and INT8 in missing:
                options += ["--keep-float", *sensitive(count)]
            step("-m", "convert", keras, "--to", "tflite", "--precision", *missing, *options, "--out", keras.parent)
        files += made
    return files


def sensitive(stacks: int) -> list[str]:
    """The layers that int8 hurts most (`convert.diagnose`): attention, and what makes the last heat maps."""
    attention = [f"{part}/attention" for part in ("stem", *(f"stack{i}" for i in range(1, stacks + 1)))]
    return [*attention, f"stack{stacks}/conv", f"stack{stacks}/Elu", "heatmaps"]


def install(name: str, files: Sequence[Made], folder: Path) -> None:
    """Puts what is released into the package; its index last, so that a stop in between is noticed by the sha256."""
    entries = {}
    for made in files:
        if not made.whole or made.kind not in pretrained.KINDS:
            continue
        sources = [made.file] if made.kind == KERAS else [made.file, sidecar_of(made.file)]
        for source in sources:
            with commands.whole_file(folder / source.name) as beside:
                shutil.copyfile(source, beside)
        entries[made.kind] = {"file": made.file.name, "sha256": sha256_of(made.file)}
    known = dict(pretrained.index(folder)) if (folder / pretrained.INDEX).is_file() else {}
    commands.write_json(folder / pretrained.INDEX, dict(sorted((known | {name: entries}).items())))
