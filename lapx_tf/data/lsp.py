"""Leeds Sports Pose and its extended training set (Johnson and Everingham, BMVC 2010 and CVPR 2011).

A folder holds `joints.mat` and `images/`. The third number of a joint means opposite things in the two sets:

| set | `joints` | third number |
|---|---|---|
| LSP | (3, 14, N) | 1 = hidden; every joint is labelled |
| LSPET | (14, 3, N) | 1 = labelled, 0 = not (x and y mean nothing) |

Neither has person boxes: the crop is the square around the labelled joints x 1.25, as the field does for LSP.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapx_tf import commands, geometry, images
from lapx_tf.data.people import People, Person
from lapx_tf.data.records import Problems, RecordError, numbers
from lapx_tf.errors import InputError, NoSuchSplitError
from lapx_tf.skeletons import LSP_14, MPII_16

TRAIN_IMAGES = 1000
"""LSP: images 1 to 1000 are the standard training half, the rest is the test half (here: val)."""

FORMAT = "joints.mat and images/ (LSP, LSPET)"


def recognises(path: Path) -> bool:
    """Whether this is the folder of LSP or LSPET."""
    return (path / "joints.mat").is_file()


def load(folder: Path, split: str = "all") -> People:
    """Reads LSP or LSPET, told apart by the shape of `joints`, as MPII-16 people.

    Args:
        folder: holds `joints.mat` and `images/`.
        split: `train`, `val` or `all`. LSPET has no val part.

    Raises:
        InputError: a file is missing, malformed or does not fit the others, or there is no such split.
    """
    joints, extended = _read_joints(folder / "joints.mat")
    files = images.list_images(commands.existing_folder(folder / "images"))
    if len(files) != len(joints):
        raise InputError(f"{folder} has {len(files)} images for {len(joints)} persons in joints.mat")
    part = _part(len(joints), split, extended, folder)
    problems, persons = Problems(folder), []
    for file, of_person in zip(files[part], joints[part], strict=True):
        with problems.of(file.name):
            persons.append(_person(file, of_person))
    problems.report(len(persons))
    return People("lspet" if extended else "lsp", MPII_16, persons, problems=problems.found)


def _read_joints(path: Path) -> tuple[NDArray[np.float32], bool]:
    """[N, 14, 3] (x, y, labelled) in LSP's order, and whether this is LSPET."""
    import scipy.io  # here, because only those who train have it

    try:
        stored = scipy.io.loadmat(str(commands.existing_file(path)), variable_names=["joints"])["joints"]
        if stored.dtype.kind not in "iuf":
            raise InputError(f"`joints` in {path} must be numbers, got {stored.dtype}")
        with np.errstate(over="ignore"):  # infinity is refused with the person
            joints = stored.astype(np.float32)
    except InputError:
        raise
    except Exception as error:  # a damaged file makes scipy raise nearly anything
        raise InputError(f"{path} is not a MATLAB file with the array `joints`: {error}") from error
    if joints.ndim != 3 or joints.shape[:2] not in ((3, 14), (14, 3)):
        raise InputError(f"`joints` in {path} must be (3, 14, N) (LSP) or (14, 3, N) (LSPET), got {joints.shape}")
    extended = joints.shape[0] == 14
    joints = joints.transpose(2, 0, 1) if extended else joints.transpose(2, 1, 0)
    labelled = joints[..., 2] == 1 if extended else np.ones(joints.shape[:2], bool)
    return np.where(labelled[..., None], np.dstack([joints[..., :2], labelled]), 0).astype(np.float32), extended


def _part(count: int, split: str, extended: bool, folder: Path) -> slice:
    parts = {
        "all": slice(None),
        "train": slice(None) if extended else slice(0, TRAIN_IMAGES),
        "val": slice(count, None) if extended else slice(TRAIN_IMAGES, None),
    }
    if split not in parts:
        raise InputError(f"no split {split!r}; accepted are {', '.join(parts)}")
    if len(range(count)[parts[split]]) == 0:
        raise NoSuchSplitError(
            f"{folder} has no {split} images: it holds {count} {'LSPET' if extended else 'LSP'} images"
        )
    return parts[split]


def _person(file: Path, joints: NDArray[np.float32]) -> Person:
    """A person with MPII-16 joints."""
    labelled = numbers(joints[joints[:, 2] > 0, :2], (-1, 2), "joints")
    if len(labelled) < 2:
        raise RecordError("fewer than two joints are labelled")
    return Person(file.name, file, to_mpii(joints), geometry.box_around(labelled))


def to_mpii(joints: NDArray[np.float32]) -> NDArray[np.float32]:
    """MPII-16 joints [16, 3] from LSP-14 joints [14, 3] (x, y, labelled).

    Pelvis and thorax are the means of the hips and of the shoulders, where both are labelled.
    """
    full = np.zeros((len(MPII_16.joints), 3), np.float32)
    full[MPII_16.indices_of(LSP_14.joints)] = joints
    for middle, pair in (("pelvis", "hip"), ("thorax", "shoulder")):
        ends = joints[LSP_14.indices_of([f"right_{pair}", f"left_{pair}"])]
        if ends[:, 2].all():
            full[MPII_16.indices_of([middle])] = ends.mean(axis=0)
    return full
