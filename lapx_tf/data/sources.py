"""From the name of a data set, or just its folder, to its people."""

from collections.abc import Sequence
from pathlib import Path

from lapx_tf import commands
from lapx_tf.data.lsp import load_lsp
from lapx_tf.data.people import People
from lapx_tf.errors import InputError, NoSuchSplitError

DATASETS = ("lsp", "lspet", "synthetic")
SYNTHETIC_SIZES = {"train": 1000, "val": 250}
_SYNTHETIC_SEEDS = {"train": 1, "val": 2}


def load(folder: Path, split: str) -> People:
    """The people of a data set in a folder; which one it is shows in its files.

    Raises:
        InputError: the folder holds no data set that is known, or it has no such split.
    """
    folder = commands.existing_folder(folder)
    if not (folder / "joints.mat").is_file():
        raise InputError(f"{folder} holds no data set that is known: no joints.mat (LSP, LSPET) in it")
    return load_lsp(folder, split)


def load_named(dataset: str, folder: Path | None, split: str) -> People:
    """Like `load`, but the data set must be the one named; `synthetic` needs no folder.

    Raises:
        InputError: the folder is missing or holds another data set.
    """
    if dataset == "synthetic":
        return synthetic(split)
    if folder is None:
        raise InputError(f"the data set {dataset} needs its folder: --data DIR")
    people = load(folder, split)
    if people.dataset != dataset:
        raise InputError(f"{folder} holds {people.dataset}, not {dataset}")
    return people


def synthetic(split: str) -> People:
    """Synthetic people of a split: seeds differ, so nobody is in both."""
    from lapx_tf.data.synthetic import synthetic_people

    if split not in SYNTHETIC_SIZES:
        raise InputError(f"synthetic people have the splits {', '.join(SYNTHETIC_SIZES)}, got {split!r}")
    return synthetic_people(SYNTHETIC_SIZES[split], seed=_SYNTHETIC_SEEDS[split])


def load_all(folders: Sequence[Path], split: str) -> People:
    """The people of several folders together; of none, synthetic people.

    Folders without the split (LSPET has no val) are left out, unless that leaves nothing.
    """
    if not folders:
        return synthetic(split)
    parts, refused = [], []
    for folder in folders:
        try:
            parts.append(load(folder, split))
        except NoSuchSplitError as error:
            refused.append(error)
    if not parts:
        raise refused[0]
    return merged(parts)


def merged(parts: Sequence[People]) -> People:
    """Several data sets of one skeleton as one."""
    return People(
        "+".join(part.dataset for part in parts), parts[0].skeleton, [p for part in parts for p in part.persons]
    )
