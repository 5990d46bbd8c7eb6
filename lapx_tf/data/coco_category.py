"""The skeleton that a COCO-style category describes, so that joints of one's own need no code.

Keys of the category:

- `keypoints`: the names of the K joints.
- `skeleton`: limbs, pairs of joint numbers **from 1**, as COCO counts here; may be missing.
- `flip_pairs` (ours): pairs of joints that swap when a picture is mirrored, by name or by index **from 0**. Where it is
  missing, they are inferred from left and right in the names; `[]` says that there are none.
- `sigmas` (ours): K deviations of the OKS. Where it is missing, COCO's for joints that are called as in COCO, and `SIGMA`.
"""

import logging
from collections.abc import Callable
from typing import Any

from lapx_tf.data.records import RecordError, field, numbers
from lapx_tf.skeletons import COCO_17, Skeleton, flip_pairs_of

SIGMA = 0.05
"""Of a joint that COCO has not. Our choice: about the geometric middle of COCO's, from 0.025 (eyes) to 0.107 (hips)."""

log = logging.getLogger(__name__)

Pairs = tuple[tuple[int, int], ...]


def skeleton_of(category: Any) -> Skeleton:
    """The joints of a category, named `<category>_<K>`.

    Raises:
        RecordError: a key is missing or does not describe a skeleton.
    """
    names = _names(field(category, "keypoints"))
    called = _text(category.get("name", "own"), "name")
    limbs = _pairs(category.get("skeleton") or [], "skeleton", lambda joint: _index(joint, len(names), first=1))
    flip_pairs, sigmas = _flip_pairs(category, names), _sigmas(category, names)
    try:
        return Skeleton(f"{called}_{len(names)}", names, flip_pairs, limbs, sigmas)
    except ValueError as error:
        raise RecordError(str(error)) from error


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise RecordError(f"keypoints must be a list of names, got {value!r:.60}")
    return tuple(_text(name, "a name in keypoints") for name in value)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise RecordError(f"{what} must be printable text, got {value!r:.60}")
    return value


def _flip_pairs(category: dict[str, Any], names: tuple[str, ...]) -> Pairs:
    if "flip_pairs" not in category:
        inferred = flip_pairs_of(names)
        if not inferred:
            log.warning(
                "no left and right in the joint names %s: a mirrored picture keeps each joint's name; state flip_pairs "
                "in the category, [] if this is right",
                ", ".join(names),
            )
        return inferred

    def index(joint: Any) -> int:
        return names.index(joint) if joint in names else _index(joint, len(names), first=0)

    return _pairs(category["flip_pairs"], "flip_pairs", index)


def _sigmas(category: dict[str, Any], names: tuple[str, ...]) -> tuple[float, ...]:
    if "sigmas" not in category:
        known = dict(zip(COCO_17.joints, COCO_17.sigmas or (), strict=True))
        return tuple(known.get(name, SIGMA) for name in names)
    sigmas = numbers(category["sigmas"], (len(names),), "sigmas")
    if (sigmas <= 0).any():
        raise RecordError(f"sigmas must be positive, got {category['sigmas']!r:.60}")
    return tuple(sigmas.tolist())


def _pairs(value: Any, what: str, index: Callable[[Any], int]) -> Pairs:
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise RecordError(f"{what} must be a list of pairs, got {value!r:.60}")
    try:
        return tuple((index(a), index(b)) for a, b in value)
    except RecordError as error:
        raise RecordError(f"{what}: {error}") from error


def _index(joint: Any, count: int, first: int) -> int:
    if type(joint) is not int or not first <= joint < first + count:
        raise RecordError(f"{joint!r:.60} is no joint; they are numbered from {first} to {first + count - 1}")
    return joint - first
