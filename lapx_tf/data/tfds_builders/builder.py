"""One builder for every data set of people. Where Apache Beam is installed TFDS prepares with it, so also on a cluster."""

import importlib.util
import logging
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import tensorflow_datasets as tfds

from lapx_tf.data import sources
from lapx_tf.data.people import People
from lapx_tf.data.tfds_builders.examples import Example, examples, features
from lapx_tf.errors import InputError, NoSuchSplitError
from lapx_tf.skeletons import Skeleton

log = logging.getLogger(__name__)


class PeopleBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """What the builders share; a data set adds its name, its joints, and what to download.

    Args:
        missing_limit: of the pictures, so many may be missing or empty. They are named, and left out with their persons;
            if there are more, nothing is prepared.
        beam: prepare with Apache Beam where it is installed. Its runner for one machine holds a split in memory, several times.
        kwargs: see `tfds.core.DatasetBuilder`.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "The first."}
    # Nothing is downloaded, so there are no checksums. TFDS 4.9.10 would look for them with a package that it does not
    # install (https://github.com/tensorflow/datasets/issues/11212).
    url_infos: ClassVar[None] = None
    DATASET: ClassVar[str]
    SKELETON: ClassVar[Skeleton]

    def __init__(self, *, missing_limit: int = 0, beam: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._missing_limit = missing_limit
        self._beam = beam and importlib.util.find_spec("apache_beam") is not None

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=f"{type(self).__doc__} Pictures with their persons, as lapx-tf reads them.",
            features=features(len(self.SKELETON.joints)),
            metadata=tfds.core.MetadataDict(dataset=self.DATASET, skeleton=self.SKELETON.to_dict(), splits={}),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        # Absolute, because the machines of a cluster have other working folders.
        folder = Path(os.fspath(dl_manager.manual_dir)).resolve()
        notes: Any = self.info.metadata
        splits, missing = {}, []
        for name, people in self._read(folder).items():
            records = {True: [], False: []}
            for record in examples(people, folder):
                records[_is_there(record["image"])].append(record)
            left_out = [record["name"] for record in records[False]]
            notes["splits"][name] = {
                "categories": (people.ground_truth or {}).get("categories"),
                "problems": [*people.problems, *(f"{file}: the picture is missing or empty" for file in left_out)],
            }
            splits[name], missing = records[True], missing + left_out
        self._report(missing, folder)
        splits = {name: records for name, records in splits.items() if any(record["persons"] for record in records)}
        if not splits:
            raise InputError(f"{folder} has no picture of a person of {self.DATASET}")
        return {name: self._generate_examples(records) for name, records in splits.items()}

    def _generate_examples(self, records: Sequence[Example]) -> Any:
        keyed = [(record["name"], record) for record in records]
        return tfds.core.lazy_imports.apache_beam.Create(keyed) if self._beam else keyed

    def _read(self, folder: Path) -> dict[str, People]:
        """The splits that the data set has."""
        splits = {}
        for name in ("train", "val"):
            try:
                splits[name] = sources.load_named(self.DATASET, folder, name)
            except NoSuchSplitError as error:
                log.info("%s", error)
        return splits

    def _report(self, missing: Sequence[str], folder: Path) -> None:
        if not missing:
            return
        some = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        sentence = f"{folder}: {len(missing)} pictures are missing or empty: {some}"
        if len(missing) > self._missing_limit:
            raise InputError(f"{sentence}; accepted are {self._missing_limit}")
        log.warning("%s; they are left out with their persons", sentence)


def _is_there(path: str) -> bool:
    """Whether this is a file that is not empty."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):  # also: a name that no file can have
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > 0
