"""Skeletons: joint names, left/right pairs and limbs of the joint sets that the field uses.

"Left" and "right" are the person's own, never the viewer's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Skeleton:
    """A named set of joints.

    Attributes:
        name: what people call it, such as `mpii_16`.
        joints: K joint names, in the order of the network's channels.
        flip_pairs: pairs of joint indices that swap when an image is mirrored.
        limbs: pairs of joint indices to join by a line when drawing.
        sigmas: K per-joint standard deviations of the OKS metric (COCO), or None where undefined.

    Raises:
        ValueError: an index lies outside `joints`, a name occurs twice, a joint is in two flip pairs, or `sigmas` has
            another length.
    """

    name: str
    joints: tuple[str, ...]
    flip_pairs: tuple[tuple[int, int], ...] = ()
    limbs: tuple[tuple[int, int], ...] = ()
    sigmas: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not self.joints or len(set(self.joints)) != len(self.joints):
            raise ValueError(f"joint names must be unique and at least one, got {list(self.joints)}")
        for pair in (*self.flip_pairs, *self.limbs):
            if len(pair) != 2 or not all(0 <= index < len(self.joints) for index in pair):
                raise ValueError(f"pair {pair} must be two joint indices from 0 to {len(self.joints) - 1}")
        flipped = [index for pair in self.flip_pairs for index in pair]
        if len(set(flipped)) != len(flipped):
            raise ValueError(f"flip pairs must name a joint once at most, got {self.flip_pairs}")
        if self.sigmas is not None and len(self.sigmas) != len(self.joints):
            raise ValueError(f"sigmas must have {len(self.joints)} values, got {len(self.sigmas)}")

    @property
    def flip_order(self) -> list[int]:
        """[K] for each joint, the index of the joint that takes its place in the mirrored image."""
        order = list(range(len(self.joints)))
        for left, right in self.flip_pairs:
            order[left], order[right] = right, left
        return order

    def indices_of(self, names: Sequence[str]) -> list[int]:
        """The index of each name.

        Raises:
            ValueError: a name is not a joint of this skeleton.
        """
        unknown = [name for name in names if name not in self.joints]
        if unknown:
            raise ValueError(f"no joint {unknown} in {self.name}; its joints are {list(self.joints)}")
        return [self.joints.index(name) for name in names]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form, see `from_dict`."""
        return {
            "name": self.name,
            "joints": list(self.joints),
            "flip_pairs": [list(pair) for pair in self.flip_pairs],
            "limbs": [list(pair) for pair in self.limbs],
            "sigmas": None if self.sigmas is None else list(self.sigmas),
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Skeleton":
        """The inverse of `to_dict`; `flip_pairs`, `limbs` and `sigmas` may be missing."""
        if not isinstance(fields, dict) or not {"name", "joints"} <= fields.keys():
            raise ValueError(f"a skeleton needs the keys 'name' and 'joints', got {fields!r:.80}")
        sigmas = fields.get("sigmas")
        return cls(
            name=str(fields["name"]),
            joints=tuple(str(joint) for joint in fields["joints"]),
            flip_pairs=tuple((int(a), int(b)) for a, b in fields.get("flip_pairs", ())),
            limbs=tuple((int(a), int(b)) for a, b in fields.get("limbs", ())),
            sigmas=None if sigmas is None else tuple(float(sigma) for sigma in sigmas),
        )


_SIDES = ({"left": "right", "right": "left"}, {"l": "r", "r": "l"})
_SIDED_PARTS = frozenset({
    "eye", "ear", "shoulder", "elbow", "wrist", "hand", "thumb", "finger", "palm",
    "hip", "knee", "ankle", "foot", "heel", "toe", "paw", "hoof", "wing", "antenna",
})  # fmt: skip
"""What an l or r glued to it must be followed by to mean a side: lknee, but not lip."""


def flip_pairs_of(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Pairs of joints that swap in a mirrored image, from left and right in their names.

    Understood are words (`left_knee`, `knee-right`, `LeftKnee`, `lefthip`), letters that stand alone (`l_knee`, `knee.R`,
    `LKnee`) and letters glued to a part of the body (`lknee`). Both joints of a pair must be there.

    Returns:
        Pairs of indices into `names`, the lower one first.
    """
    words = [_words(name) for name in names]
    index = {key: i for i, key in enumerate(words)}
    partner = [index.get(_other_side(key)) for key in words]
    return tuple((i, j) for i, j in enumerate(partner) if j is not None and i < j and partner[j] == i)


def _words(name: str) -> tuple[str, ...]:
    """The words and numbers of a name in lower case: `LeftKnee`, `LEFT_KNEE` and `leftknee` become (left, knee)."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).lower()
    return tuple(re.findall(r"[^\W\d_]+|\d+", re.sub("left|right", r" \g<0> ", spaced)))


def _other_side(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of the mirrored joint. Only the clearest sign of a side counts: the `rear` of `left_rear_paw` stays."""
    for sides in _SIDES:
        if not sides.keys().isdisjoint(words):
            return tuple(sides.get(word, word) for word in words)
    glued = _SIDES[-1]
    return tuple(glued[w[0]] + w[1:] if w[0] in glued and w[1:] in _SIDED_PARTS else w for w in words)


# The order of the MPII annotations (Andriluka et al., CVPR 2014).
MPII_16 = Skeleton(
    name="mpii_16",
    joints=(
        "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle",
        "pelvis", "thorax", "neck", "head_top",
        "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist",
    ),
    flip_pairs=((0, 5), (1, 4), (2, 3), (10, 15), (11, 14), (12, 13)),
    limbs=(
        (0, 1), (1, 2), (2, 6), (6, 3), (3, 4), (4, 5), (6, 7), (7, 8), (8, 9),
        (10, 11), (11, 12), (12, 7), (7, 13), (13, 14), (14, 15),
    ),
)  # fmt: skip

# Leeds Sports Pose (Johnson and Everingham, BMVC 2010).
LSP_14 = Skeleton(
    name="lsp_14",
    joints=(
        "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle",
        "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist",
        "neck", "head_top",
    ),
    flip_pairs=((0, 5), (1, 4), (2, 3), (6, 11), (7, 10), (8, 9)),
    limbs=(
        (0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (6, 7), (7, 8), (8, 9), (9, 10), (10, 11),
        (2, 8), (3, 9), (12, 13),
    ),
)  # fmt: skip

# COCO person keypoints; sigmas from pycocotools' cocoeval.
COCO_17 = Skeleton(
    name="coco_17",
    joints=(
        "nose", "left_eye", "right_eye", "left_ear", "right_ear",
        "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
        "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    ),
    flip_pairs=((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)),
    limbs=(
        (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8),
        (7, 9), (8, 10), (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
    ),
    sigmas=(
        0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062,
        0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
    ),
)  # fmt: skip
