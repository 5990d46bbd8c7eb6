"""What is wrong with the records of a data set. Nothing is repaired or left out here.

Images are checked in `image_checks`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lapx_tf.data.left_right import suspicious
from lapx_tf.data.people import People, Person

TINY = 8.0
"""Pixels: a box with a shorter side shows no joints."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: findings of a kind are counted together, such as `tiny box`.
        record: the person, the image, or what the loader calls the record.
        what: the particulars.
    """

    kind: str
    record: str
    what: str


def check_records(people: People) -> list[Finding]:
    """What shows without a look at the images: records left out, ids and persons that occur twice, tiny boxes, left/right."""
    return [*_problems(people), *_twice(people), *_boxes(people), *_left_right(people)]


def _problems(people: People) -> Iterator[Finding]:
    for problem in people.problems:
        record, _, what = problem.partition(": ")
        yield Finding("left out or doubtful", record, what)


def _twice(people: People) -> Iterator[Finding]:
    """Names that two persons share, and persons with the same joints in the same image."""
    names: set[str] = set()
    labels: dict[tuple[object, bytes], Person] = {}
    for person in people.persons:
        if person.name in names:
            yield Finding("duplicate id", person.name, "an earlier person has the same id")
        names.add(person.name)
        first = labels.setdefault((person.image, person.joints.tobytes()), person)
        if first is not person and person.joints[:, 2].any():
            yield Finding("duplicate person", person.name, f"has the joints of {first.name} in the same image")


def _boxes(people: People) -> Iterator[Finding]:
    for person in people.persons:
        box = person.box
        if min(box.width, box.height) < TINY:
            yield Finding("tiny box", person.name, f"the box is {box.width:.1f} x {box.height:.1f} pixels")


def _left_right(people: People) -> Iterator[Finding]:
    for person, doubtful in zip(people.persons, suspicious(people), strict=True):
        if doubtful:
            yield Finding("left and right", person.name, "they are probably swapped")
