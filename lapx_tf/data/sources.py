"""From the name of a data set, or just its folder, to its people."""

from collections.abc import Sequence
from pathlib import Path

from lapx_tf.data import coco, lsp, mpii, own, prepared
from lapx_tf.data.people import People
from lapx_tf.errors import InputError, NoSuchSplitError

READERS = (prepared, lsp, mpii, coco, own)
"""Modules with `FORMAT` (what is looked for), `recognises(path)` and `load(path, split)`; the first that recognises reads."""

NAMES = ("lsp", "lspet", "mpii", "coco", "own", "synthetic")
"""What a data set can be called; `own` is a COCO-style file with joints of its own."""

SYNTHETIC_SIZES = {"train": 1000, "val": 250}
_SYNTHETIC_SEEDS = {"train": 1, "val": 2}


def load(path: Path, split: str) -> People:
    """The people of a data set; which one it is shows in its files.

    Args:
        path: a folder, or the annotation file of people's own joints.
        split: `train`, `val` or `all`.

    Raises:
        InputError: there is no data set that is known, or it has no such split.
    """
    if not path.exists():
        raise InputError(f"no such file or folder: {path}")
    for reader in READERS:
        if reader.recognises(path):
            return reader.load(path, split)
    formats = "; ".join(reader.FORMAT for reader in READERS)
    raise InputError(f"{path} holds no data set that is known; looked for {formats}")


def load_named(dataset: str, path: Path | None, split: str) -> People:
    """Like `load`, but the data set must be the one named; `synthetic` needs no path.

    Raises:
        InputError: the path is missing or holds another data set.
    """
    if dataset == "synthetic":
        return synthetic(split)
    if path is None:
        raise InputError(f"the data set {dataset} needs its folder: --data DIR")
    people = load(path, split)
    if people.dataset != dataset:
        raise InputError(f"{path} holds {people.dataset}, not {dataset}")
    return people


def synthetic(split: str) -> People:
    """Synthetic people of a split: seeds differ, so nobody is in both."""
    from lapx_tf.data.synthetic import synthetic_people

    if split not in SYNTHETIC_SIZES:
        raise InputError(f"synthetic people have the splits {', '.join(SYNTHETIC_SIZES)}, got {split!r}")
    return synthetic_people(SYNTHETIC_SIZES[split], seed=_SYNTHETIC_SEEDS[split])


def load_all(paths: Sequence[Path], split: str) -> People:
    """The people of several data sets together; of none, synthetic people.

    Data sets without the split (LSPET has no val) are left out, unless that leaves nothing.
    """
    if not paths:
        return synthetic(split)
    parts, refused = [], []
    for path in paths:
        try:
            parts.append(load(path, split))
        except NoSuchSplitError as error:
            refused.append(error)
    if not parts:
        raise refused[0]
    return merged(parts)


def merged(parts: Sequence[People]) -> People:
    """Several data sets of the same joints as one.

    Raises:
        InputError: their joints differ.
    """
    first, *others = parts
    if not others:
        return first
    for other in others:
        if other.skeleton.joints != first.skeleton.joints:
            raise InputError(
                f"{first.dataset} ({first.skeleton.name}) and {other.dataset} ({other.skeleton.name}) have different joints; "
                "train on one of them"
            )
    return People(
        "+".join(part.dataset for part in parts),
        first.skeleton,
        [person for part in parts for person in part.persons],
        problems=[problem for part in parts for problem in part.problems],
    )
