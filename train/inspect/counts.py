"""The counts of a data set and the list of what is wrong with it, for the JSON and for the screen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from rich.console import Console, Group
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from lapx_tf.data.checks import Finding, check_records
from lapx_tf.data.image_checks import by_image, check_images, read_images
from lapx_tf.data.people import People

SHOWN = 20
"""Findings on the screen; the kinds share them."""

_QUANTILES = {"smallest": 0.0, "5%": 0.05, "median": 0.5, "95%": 0.95, "largest": 1.0}


def find_problems(people: People, images: bool) -> list[Finding]:
    """What is wrong; a progress bar shows the reading of the images, which takes seconds for 10,000 of LSP's size."""
    findings = check_records(people)
    if not images:
        return findings
    groups = by_image(people)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        read = list(progress.track(read_images(groups), total=len(groups), description="read images"))
    return findings + check_images(read, people)


def summary(people: People, findings: Sequence[Finding]) -> dict[str, Any]:
    """What goes into the JSON: counts, sizes of the boxes in pixels, and every finding."""
    sides = [max(person.box.width, person.box.height) for person in people.persons]
    labelled = (people.joints[..., 2] > 0).sum(axis=0)
    return {
        "dataset": people.dataset,
        "skeleton": people.skeleton.name,
        "persons": len(people),
        "images": len({person.image for person in people.persons}),
        "labelled": dict(zip(people.skeleton.joints, labelled.tolist(), strict=True)),
        "box_side": {name: round(float(np.quantile(sides, share)), 1) for name, share in _QUANTILES.items()},
        "problems": dict(Counter(finding.kind for finding in findings)),
        "findings": [asdict(finding) for finding in findings],
    }


def show(counts: dict[str, Any], findings: Sequence[Finding]) -> Group:
    """What goes to the screen."""
    persons = counts["persons"]
    # Text and not str: names from files may look like rich's markup.
    joints = Table("joint", "labelled", "%", title="labelled joints", title_justify="left")
    for name, count in counts["labelled"].items():
        joints.add_row(Text(name), f"{count:,}", f"{100 * count / persons:.1f}")
    boxes = Table(*_QUANTILES, title="longer side of the box, pixels", title_justify="left")
    boxes.add_row(*(f"{side:.0f}" for side in counts["box_side"].values()))
    people = f"{counts['dataset']}: {persons:,} persons in {counts['images']:,} images, joints of {counts['skeleton']}"
    return Group(Text(people), joints, boxes, _problems(findings))


def _problems(findings: Sequence[Finding]) -> Table | str:
    """How many of each kind, and the first ones."""
    if not findings:
        return "nothing wrong was found"
    kinds = Counter(finding.kind for finding in findings)
    table = Table("problem", "count", "first ones", title="what is wrong", title_justify="left")
    for kind, count in kinds.most_common():
        examples = [f"{f.record}: {f.what}" for f in findings if f.kind == kind][: max(1, SHOWN // len(kinds))]
        table.add_row(kind, f"{count:,}", Text("\n".join(examples)), end_section=True)
    return table
