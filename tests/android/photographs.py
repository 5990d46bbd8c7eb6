"""Real photographs of people for the Kotlin tests: two that are always there, and more where the data sets are."""

from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray

from lapx_tf import images
from tests.helpers import ROOT
from train.photographs import ASTRONAUT

DATA = ROOT.parent / "shared" / "data"
OF_EACH = 6


def photographs() -> dict[str, NDArray[np.uint8]]:
    """Photographs by name: uint8 [H, W, 3], RGB."""
    # Grace Hopper, a photograph by the US Navy, in the public domain; it comes with matplotlib.
    hopper = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    files = [ASTRONAUT, hopper]
    for folder in (DATA / "lsp" / "images", DATA / "coco" / "val2017"):
        if folder.is_dir():
            files += _spread(images.list_images(folder))
    return {name_of(file): images.read_image(file) for file in files}


def name_of(file: Path) -> str:
    """What a photograph is called here."""
    return f"{file.parent.name}_{file.stem}"


def _spread(files: list[Path]) -> list[Path]:
    """Some of the files, at even distances."""
    return files[:: max(1, len(files) // OF_EACH)][:OF_EACH]
