"""Families of poses and of builds: what people do in photographs, with random variation."""

from collections.abc import Callable

import numpy as np

from lapx_tf.data.synthetic.body import Arm, Build, Leg, Pose, Trunk

Rng = np.random.Generator


def random_build(rng: Rng) -> Build:
    """An adult, or in one case of six a child: slim to broad, long- or short-limbed."""
    average = Build()
    vary = rng.normal(1.0, 0.05, 10).clip(0.88, 1.12)
    child = 0.0 if rng.random() > 0.16 else rng.uniform(0.3, 1.0)
    legs, arms = vary[0] * (1 - 0.12 * child), vary[1] * (1 - 0.08 * child)
    return Build(
        thigh=average.thigh * legs * (vary[2] * 0.5 + 0.5),
        shin=average.shin * legs,
        foot=average.foot * vary[3],
        hip=average.hip * vary[4],
        spine=average.spine * vary[5],
        shoulder=average.shoulder * vary[6] * (1 - 0.08 * child),
        upper_arm=average.upper_arm * arms,
        forearm=average.forearm * arms * (vary[7] * 0.5 + 0.5),
        hand=average.hand * vary[3],
        neck=average.neck * vary[8],
        head=average.head * (vary[9] * 0.5 + 0.5) * (1 + 0.35 * child),
        girth=float(np.clip(rng.normal(1.05, 0.13), 0.8, 1.5)),
    )


def random_pose(rng: Rng) -> Pose:
    """A pose of a random family, facing anywhere; angles within the limits of the joints."""
    families, weights = zip(*_FAMILIES, strict=True)
    pose = families[rng.choice(len(families), p=np.divide(weights, sum(weights)))](rng)
    return pose.within_limits()


def _near(rng: Rng, mean: float, spread: float) -> float:
    return float(rng.normal(mean, spread))


def _trunk(rng: Rng, flex: float = 5.0, spread: float = 1.0) -> Trunk:
    return Trunk(
        flex=_near(rng, flex, 10 * spread),
        bend=_near(rng, 0, 7 * spread),
        twist=_near(rng, 0, 12 * spread),
        nod=_near(rng, 3, 14),
        tilt=_near(rng, 0, 8),
        turn=_near(rng, 0, 25),
    )


def _yaw(rng: Rng) -> float:
    """Half of the people face the camera more or less; the others look anywhere."""
    return _near(rng, 0, 35) if rng.random() < 0.45 else float(rng.uniform(-180, 180))


def _relaxed_arm(rng: Rng) -> Arm:
    return Arm(_near(rng, 0, 15), abs(_near(rng, 8, 8)), _near(rng, 20, 25), abs(_near(rng, 15, 20)))


def _busy_arm(rng: Rng) -> Arm:
    """An arm that does something in front of the body, or rests on the hip."""
    if rng.random() < 0.3:
        return Arm(_near(rng, -15, 8), _near(rng, 45, 8), _near(rng, 60, 12), _near(rng, 100, 12))
    return Arm(_near(rng, 45, 35), _near(rng, 25, 20), _near(rng, 15, 35), _near(rng, 75, 35))


def _raised_arm(rng: Rng) -> Arm:
    if rng.random() < 0.5:
        return Arm(_near(rng, 0, 15), _near(rng, 130, 30), _near(rng, -40, 40), abs(_near(rng, 25, 35)))
    return Arm(_near(rng, 150, 30), _near(rng, 15, 15), _near(rng, 0, 30), abs(_near(rng, 25, 35)))


def _spread_arm(rng: Rng) -> Arm:
    return Arm(_near(rng, 0, 20), _near(rng, 80, 25), _near(rng, -20, 50), abs(_near(rng, 20, 35)))


_ARMS = (_relaxed_arm, _relaxed_arm, _busy_arm, _busy_arm, _raised_arm, _spread_arm)


def _arms(rng: Rng) -> tuple[Arm, Arm]:
    """Left and right arm; as often as not both do the same."""
    left = _ARMS[rng.integers(len(_ARMS))]
    right = left if rng.random() < 0.5 else _ARMS[rng.integers(len(_ARMS))]
    return left(rng), right(rng)


def _straight_leg(rng: Rng, spread: float = 8) -> Leg:
    return Leg(_near(rng, 2, 7), _near(rng, 5, spread), _near(rng, 10, 12), abs(_near(rng, 3, 9)), _near(rng, 0, 6))


def _standing(rng: Rng) -> Pose:
    legs = _straight_leg(rng), _straight_leg(rng)
    return Pose(_trunk(rng), *_arms(rng), *legs, yaw=_yaw(rng), pitch=_near(rng, 0, 4), roll=_near(rng, 0, 5))


def _walking(rng: Rng, stride: float = 22, knee: float = 25, elbow: float = 25) -> Pose:
    """The leg in front and the arm of the other side swing together; running is a long stride."""
    size = stride * rng.uniform(0.5, 1.4)
    front = Leg(
        size + _near(rng, 5, 8), _near(rng, 1, 5), _near(rng, 4, 8), abs(_near(rng, knee, 18)), _near(rng, -5, 8)
    )
    back = Leg(-0.7 * size, _near(rng, 1, 5), _near(rng, 4, 8), abs(_near(rng, knee * 1.3, 22)), _near(rng, 15, 12))
    ahead = Arm(size + _near(rng, 0, 10), _near(rng, 10, 8), _near(rng, 20, 20), abs(_near(rng, elbow, 18)))
    behind = Arm(-size, _near(rng, 14, 8), _near(rng, 20, 20), abs(_near(rng, elbow, 18)))
    lean = stride / 4
    pose = Pose(_trunk(rng, lean, 0.8), behind, ahead, front, back, _yaw(rng), _near(rng, lean, 5), _near(rng, 0, 4))
    return pose if rng.random() < 0.5 else _swapped(pose)


def _running(rng: Rng) -> Pose:
    return _walking(rng, stride=45, knee=50, elbow=80)


def _sitting(rng: Rng) -> Pose:
    flex, knee = _near(rng, 85, 12), _near(rng, 80, 22)

    def leg() -> Leg:
        return Leg(flex + _near(rng, 0, 6), _near(rng, 12, 10), _near(rng, 8, 12), abs(knee + _near(rng, 0, 12)))

    return Pose(_trunk(rng, 15), *_arms(rng), leg(), leg(), _yaw(rng), _near(rng, -5, 10), _near(rng, 0, 5))


def _crouching(rng: Rng) -> Pose:
    """A sportsman's ready stance down to a squat."""
    depth = rng.uniform(0.3, 1.0)

    def leg() -> Leg:
        flex, knee = _near(rng, 105 * depth, 12), abs(_near(rng, 115 * depth, 15))
        return Leg(flex, _near(rng, 18, 12), _near(rng, 12, 12), knee, _near(rng, -10, 10))

    return Pose(_trunk(rng, 20), *_arms(rng), leg(), leg(), _yaw(rng), _near(rng, 35 * depth, 12), _near(rng, 0, 8))


def _jumping(rng: Rng) -> Pose:
    """Anything goes for each limb: leaps, kicks, dances."""

    def leg() -> Leg:
        return Leg(
            _near(rng, 30, 40), _near(rng, 20, 20), _near(rng, 8, 18), abs(_near(rng, 40, 45)), _near(rng, 15, 15)
        )

    trunk = _trunk(rng, 5, 1.6)
    return Pose(trunk, *_arms(rng), leg(), leg(), _yaw(rng), _near(rng, 5, 18), _near(rng, 0, 18))


def _kicking(rng: Rng) -> Pose:
    """One leg stands, the other swings."""
    swing = Leg(_near(rng, 50, 45), _near(rng, 20, 20), _near(rng, 5, 15), abs(_near(rng, 35, 35)), _near(rng, 15, 15))
    pose = Pose(
        _trunk(rng, 5, 1.5), *_arms(rng), swing, _straight_leg(rng), _yaw(rng), _near(rng, -3, 10), _near(rng, 0, 10)
    )
    return pose if rng.random() < 0.5 else _swapped(pose)


def _bending(rng: Rng) -> Pose:
    def arm() -> Arm:
        return Arm(_near(rng, 80, 30), _near(rng, 10, 15), _near(rng, 0, 25), abs(_near(rng, 25, 25)))

    def leg() -> Leg:
        return Leg(_near(rng, 50, 20), _near(rng, 6, 8), _near(rng, 5, 10), abs(_near(rng, 20, 20)))

    return Pose(_trunk(rng, 40), arm(), arm(), leg(), leg(), _yaw(rng), _near(rng, 45, 18), _near(rng, 0, 6))


def _tumbling(rng: Rng) -> Pose:
    """A gymnast, a diver, somebody lying: any other pose, turned in space."""
    pose = (_standing, _jumping, _sitting, _bending, _gymnast)[rng.integers(5)](rng)
    turn = rng.choice([-90, 90, 180]) + _near(rng, 0, 35)
    if rng.random() < 0.5:
        return Pose(*_limbs(pose), pose.yaw, pose.pitch, turn)
    return Pose(*_limbs(pose), pose.yaw, turn, pose.roll)


def _gymnast(rng: Rng) -> Pose:
    """Straight arms and legs: splits, pikes, hand stands."""
    pike, split = _near(rng, 40, 45), rng.uniform(0, 1)

    def arm() -> Arm:
        return Arm(_near(rng, 160, 20), abs(_near(rng, 10, 12)), 0.0, abs(_near(rng, 5, 8)))

    def leg(sign: int) -> Leg:
        return Leg(pike + sign * split * 45, split * 50 * rng.random(), _near(rng, 5, 8), abs(_near(rng, 3, 6)), 40.0)

    limbs = arm(), arm(), leg(-1), leg(1)
    return Pose(_trunk(rng, 0, 1.3), *limbs, _yaw(rng), _near(rng, 0, 12), _near(rng, 0, 12))


def _limbs(pose: Pose) -> tuple[Trunk, Arm, Arm, Leg, Leg]:
    return pose.trunk, pose.left_arm, pose.right_arm, pose.left_leg, pose.right_leg


def _swapped(pose: Pose) -> Pose:
    """The pose with the limbs of the left and of the right exchanged."""
    limbs = pose.trunk, pose.right_arm, pose.left_arm, pose.right_leg, pose.left_leg
    return Pose(*limbs, pose.yaw, pose.pitch, pose.roll)


_FAMILIES: tuple[tuple[Callable[[Rng], Pose], float], ...] = (
    (_standing, 5), (_walking, 3), (_running, 4), (_sitting, 1.5), (_crouching, 3), (_jumping, 3), (_kicking, 2),
    (_bending, 1), (_tumbling, 2), (_gymnast, 0.5),
)  # fmt: skip
