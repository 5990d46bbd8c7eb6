"""Two photographs in the public domain for the demo, with the boxes of the people in them."""

import shutil
from pathlib import Path

from matplotlib import cbook

from lapx_tf import commands, images

ASTRONAUT = Path(__file__).parent.parent / "android_demo" / "docs" / "astronaut.jpg"
"""Eileen Collins, by NASA."""

BOXES = "boxes.json"

BODY = 2.0
"""Heights of the picture. Both portraits end above the hips; the networks were trained on whole people, so a box has the place
for what can't be seen."""


def write(folder: Path) -> Path:
    """Puts the photographs and the boxes, as `lapx predict --boxes` takes them, into a folder; the path of the boxes."""
    folder.mkdir(parents=True, exist_ok=True)
    hopper = Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))  # Grace Hopper, by the US Navy
    boxes = []
    for photograph in (ASTRONAUT, hopper):
        height, width = images.read_image(photograph).shape[:2]
        boxes.append({"file_name": photograph.name, "bbox": [0, 0, width, BODY * height]})
        with commands.whole_file(folder / photograph.name) as beside:
            shutil.copyfile(photograph, beside)
    commands.write_json(folder / BOXES, boxes)
    return folder / BOXES
