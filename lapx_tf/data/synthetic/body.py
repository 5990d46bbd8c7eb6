"""An articulated 3-D body: proportions, joint limits, and the forward kinematics from angles to joints.

Frames are right-handed with x to the person's left, y up and z forward. Seen from the front (yaw 0), the camera's x is the
picture's right, y up and z towards the viewer, so that the person's left is on the picture's right. The unit of length is
the person's stature; angles are degrees.
"""

from dataclasses import dataclass, fields, replace
from math import cos, radians, sin
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Limits = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Build:
    """Lengths of the bones and girth; lengths in statures (Drillis and Contini's averages), girth 1 for the average."""

    thigh: float = 0.243
    shin: float = 0.240
    foot: float = 0.130
    hip: float = 0.056  # half the distance between the hip joints
    spine: float = 0.290
    shoulder: float = 0.104  # half the distance between the shoulder joints
    upper_arm: float = 0.178
    forearm: float = 0.146
    hand: float = 0.085
    neck: float = 0.056
    head: float = 0.138
    girth: float = 1.0


@dataclass(frozen=True)
class Arm:
    """Angles of an arm; all zero hangs straight down, the elbow bending forward. Rotate turns the forearm inwards."""

    limits: ClassVar[Limits] = {"flex": (-50, 180), "abduct": (-10, 175), "rotate": (-90, 90), "elbow": (0, 145)}
    flex: float = 0.0
    abduct: float = 0.0
    rotate: float = 0.0
    elbow: float = 0.0


@dataclass(frozen=True)
class Leg:
    """Angles of a leg; all zero stands straight. Rotate turns the toes outwards, ankle points them down."""

    limits: ClassVar[Limits] = {
        "flex": (-30, 125), "abduct": (-15, 65), "rotate": (-30, 45), "knee": (0, 145), "ankle": (-20, 45),
    }  # fmt: skip
    flex: float = 0.0
    abduct: float = 0.0
    rotate: float = 0.0
    knee: float = 0.0
    ankle: float = 0.0


@dataclass(frozen=True)
class Trunk:
    """Angles of the chest against the pelvis (flex, bend, twist) and of the head against the chest."""

    limits: ClassVar[Limits] = {
        "flex": (-30, 75), "bend": (-30, 30), "twist": (-40, 40), "nod": (-45, 45), "tilt": (-30, 30), "turn": (-75, 75),
    }  # fmt: skip
    flex: float = 0.0
    bend: float = 0.0
    twist: float = 0.0
    nod: float = 0.0
    tilt: float = 0.0
    turn: float = 0.0


@dataclass(frozen=True)
class Pose:
    """All angles of a body, and how it stands in space: yaw 0 faces the viewer, pitch leans forward, roll to its right."""

    trunk: Trunk = Trunk()
    left_arm: Arm = Arm()
    right_arm: Arm = Arm()
    left_leg: Leg = Leg()
    right_leg: Leg = Leg()
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def within_limits(self) -> "Pose":
        """The pose with every joint's angle clipped to its limits."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(self, **{name: _clipped(part) for name, part in parts.items() if hasattr(part, "limits")})


@dataclass(frozen=True, eq=False)
class Body:
    """A posed body in the camera's frame (see the module), the pelvis' rotation centre at the origin.

    Attributes:
        joints: float64 [16, 3], MPII-16.
        hands: float64 [2, 3], tips of the right and of the left hand.
        toes: float64 [2, 3], tips of the right and of the left foot.
        heels: float64 [2, 3], right and left.
        pelvis, chest, head: float64 [3, 3], columns are the left, up and forward axes of the part.
        build: the proportions.
    """

    joints: Floats
    hands: Floats
    toes: Floats
    heels: Floats
    pelvis: Floats
    chest: Floats
    head: Floats
    build: Build


def rotation(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Floats:
    """The [3, 3] rotation that turns about z first, then about y, then about x (degrees)."""
    a, b, c = radians(x), radians(y), radians(z)
    ca, sa, cb, sb, cc, sc = cos(a), sin(a), cos(b), sin(b), cos(c), sin(c)
    return np.array([
        [cb * cc, -cb * sc, sb],
        [ca * sc + sa * sb * cc, ca * cc - sa * sb * sc, -sa * cb],
        [sa * sc - ca * sb * cc, sa * cc + ca * sb * sc, ca * cb],
    ])  # fmt: skip


def pose_body(build: Build, pose: Pose, camera_pitch: float = 0.0) -> Body:
    """Forward kinematics.

    Args:
        build: proportions.
        pose: angles; they are clipped to the joints' limits.
        camera_pitch: how far the camera looks down on the person.
    """
    pose = pose.within_limits()
    trunk = pose.trunk
    pelvis = rotation(x=camera_pitch) @ rotation(y=pose.yaw) @ rotation(x=pose.pitch, z=pose.roll)
    loin = pelvis @ rotation(trunk.flex / 2, trunk.twist / 2, trunk.bend / 2)
    chest = loin @ rotation(trunk.flex / 2, trunk.twist / 2, trunk.bend / 2)
    head = chest @ rotation(trunk.nod, trunk.turn, trunk.tilt)
    collar = build.spine * (0.45 * loin[:, 1] + 0.55 * chest[:, 1])
    neck = collar + build.neck * (chest @ rotation(trunk.nod / 2, z=trunk.tilt / 2))[:, 1]
    right = _arm(build, pose.right_arm, chest, collar, -1), _leg(build, pose.right_leg, pelvis, -1)
    left = _arm(build, pose.left_arm, chest, collar, 1), _leg(build, pose.left_leg, pelvis, 1)
    ((r_shoulder, r_elbow, r_wrist, r_hand), (r_hip, r_knee, r_ankle, r_heel, r_toe)) = right
    ((l_shoulder, l_elbow, l_wrist, l_hand), (l_hip, l_knee, l_ankle, l_heel, l_toe)) = left
    joints = [
        r_ankle, r_knee, r_hip, l_hip, l_knee, l_ankle,
        (r_hip + l_hip) / 2, (r_shoulder + l_shoulder) / 2, neck, neck + build.head * head[:, 1],
        r_wrist, r_elbow, r_shoulder, l_shoulder, l_elbow, l_wrist,
    ]  # fmt: skip
    ends = np.array([r_hand, l_hand]), np.array([r_toe, l_toe]), np.array([r_heel, l_heel])
    return Body(np.array(joints), *ends, pelvis, chest, head, build)


def _arm(build: Build, arm: Arm, chest: Floats, collar: Floats, side: int) -> tuple[Floats, ...]:
    """Shoulder, elbow, wrist and the tip of the hand; `side` is 1 for the left, -1 for the right."""
    upper = chest @ rotation(x=-arm.flex) @ rotation(z=side * arm.abduct) @ rotation(y=-side * arm.rotate)
    lower = upper @ rotation(x=-arm.elbow)
    # The collar bone lifts with the arm: about a third of the elevation above the horizontal.
    lift = 0.035 * max(0.0, -float(upper[:, 1] @ chest[:, 1])) + 0.008
    shoulder = collar + side * build.shoulder * chest[:, 0] + lift * chest[:, 1]
    elbow = shoulder - build.upper_arm * upper[:, 1]
    wrist = elbow - build.forearm * lower[:, 1]
    return shoulder, elbow, wrist, wrist - build.hand * lower[:, 1]


def _leg(build: Build, leg: Leg, pelvis: Floats, side: int) -> tuple[Floats, ...]:
    """Hip, knee, ankle, heel and the tip of the foot; `side` is 1 for the left, -1 for the right."""
    upper = pelvis @ rotation(x=-leg.flex) @ rotation(z=side * leg.abduct) @ rotation(y=side * leg.rotate)
    lower = upper @ rotation(x=leg.knee)
    foot = lower @ rotation(x=leg.ankle)
    hip = side * build.hip * pelvis[:, 0]
    knee = hip - build.thigh * upper[:, 1]
    ankle = knee - build.shin * lower[:, 1]
    sole = ankle - 0.028 * foot[:, 1]
    return hip, knee, ankle, sole - 0.25 * build.foot * foot[:, 2], sole + 0.75 * build.foot * foot[:, 2]


def _clipped(part: Any) -> Any:
    """The part with each angle within the limits of its class."""
    return replace(part, **{
        name: min(max(getattr(part, name), low), high) for name, (low, high) in part.limits.items()
    })  # fmt: skip
