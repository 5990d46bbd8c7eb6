"""Persons whose left and right are probably swapped, found from the joints alone.

Two signs count; each is a body that hardly can be:

- The trunk is twisted too far. Shoulders and hips that point to opposite sides of the trunk are twisted against each other,
  by an angle that follows from how wide both look beside how wide they are.
- The upper arms, or the thighs, cross: the elbows (knees) lie nearer to the other side's shoulders (hips).

Crossing forearms and shins were tried and are no sign: people do cross them. A person who is swapped from head to foot shows
no sign, nor does one seen from the side.

Found are 191 of the 10,000 persons of LSPET, 8 of the 1,000 of LSP train and 2 of the 500 of LSP val. Of 30 of LSPET, taken at
random and looked at, 21 were labelled wrongly, 3 correctly, and 6 could not be told. Of 1,000 synthetic people, whose labels
are exact, 6 were found.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lapx_tf.data.people import People

MAX_TWIST = 90.0
"""Degrees between shoulders and hips. Of 96 candidates of LSPET that were looked at, 39 lie beyond it, 4 of them labelled
correctly; beyond 60 degrees lie 55, 10 of them labelled correctly."""

MAX_CROSSING = 0.75
"""Length of both upper limbs when joined to the other side, as part of their length. 99.5% of the persons of LSP have 0.90 or
more at the arms and 0.83 or more at the thighs."""

# How wide shoulders and hips are seen from the front, beside the longer of trunk and thigh. The median person, whichever way
# it faces, shows 0.54 and 0.30 in LSP, 0.56 and 0.46 in LSPET.
_SHOULDERS, _HIPS = 0.7, 0.5


def suspicious(people: People) -> NDArray[np.bool_]:
    """Whose left and right are probably swapped, bool [N].

    A sign that needs a joint which is not labelled, or not in the skeleton, is absent.
    """
    if len(people) == 0:
        return np.zeros(0, bool)
    joints, names = people.joints, people.skeleton.joints
    shoulders, elbows, hips, knees = (_pair(joints, names, part) for part in ("shoulder", "elbow", "hip", "knee"))
    crossed = (_crossing(shoulders, elbows) < MAX_CROSSING) | (_crossing(hips, knees) < MAX_CROSSING)
    return (_twist(shoulders, hips, knees) > MAX_TWIST) | crossed


def without_suspicious(people: People) -> People:
    """The people without the suspicious ones, which are named in `problems`."""
    doubtful = suspicious(people)
    kept = [person for person, left_out in zip(people.persons, doubtful, strict=True) if not left_out]
    names = [person.name for person, left_out in zip(people.persons, doubtful, strict=True) if left_out]
    problems = [*people.problems, *(f"{name}: left and right are probably swapped" for name in names)]
    return replace(people, persons=kept, problems=problems)


def _pair(joints: NDArray[np.float32], names: Sequence[str], part: str) -> NDArray[np.float64]:
    """[2, N, 2] (x, y), pixels of the image: the left and the right one; NaN where not labelled or not in the skeleton."""
    found = np.full((2, len(joints), 2), np.nan)
    for points, name in zip(found, (f"left_{part}", f"right_{part}"), strict=True):
        if name in names:
            of_name = joints[:, names.index(name)]
            labelled = of_name[:, 2] > 0
            points[labelled] = of_name[labelled, :2]
    return found


def _twist(shoulders: NDArray, hips: NDArray, knees: NDArray) -> NDArray[np.float64]:
    """[N] degrees between shoulders and hips about the trunk; 0 where they point to the same side of it or are unknown."""
    trunk = hips.mean(axis=0) - shoulders.mean(axis=0)
    # A trunk that is seen from above looks short; the thighs seldom do, too.
    size = np.fmax(_length(trunk), np.fmax.reduce(_length(knees - hips)))
    with np.errstate(invalid="ignore", divide="ignore"):
        across = trunk[:, ::-1] * [-1, 1] / _length(trunk)[:, None]
        widths = [((left - right) * across).sum(axis=-1) / size for left, right in (shoulders, hips)]
    turns = [
        np.arcsin(np.clip(np.abs(seen) / true, 0, 1)) for seen, true in zip(widths, (_SHOULDERS, _HIPS), strict=True)
    ]
    return np.where(widths[0] * widths[1] < 0, np.rad2deg(turns[0] + turns[1]), 0.0)


def _crossing(upper: NDArray, lower: NDArray) -> NDArray[np.float64]:
    """[N] length of both limbs if the lower joints changed sides, as part of their length; NaN where unknown."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _length(upper - lower[::-1]).sum(axis=0) / _length(upper - lower).sum(axis=0)


def _length(vectors: NDArray) -> NDArray[np.float64]:
    return np.linalg.norm(vectors, axis=-1)
