"""`PosePredictor`: from a picture to joints, in pixels of that picture."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry, images
from lapx_tf.codecs.decode import decode, merge_flipped
from lapx_tf.errors import InputError
from lapx_tf.geometry import Box
from lapx_tf.runtime.sessions import Session, open_session
from lapx_tf.skeletons import Skeleton

Array = NDArray[np.float32]

CONFIDENT = 0.3
"""A joint of the first look counts if its score is at least this fraction of the best one's."""

NOTHING = 1e-3
"""A score that is no joint at all: training aims at 1."""

FEWEST_JOINTS = 3
"""With fewer confident joints the first look stands: their extent says nothing about the person's."""

CLOSEST = 1 / 8
"""The second look is never at a smaller part of the image's side: the first one is too coarse to point there."""


@dataclass(frozen=True, eq=False)
class Pose:
    """The joints of one person.

    Attributes:
        joints: float32 [K, 3] (x, y, score), pixels of the image. The score is the height of the heat map's maximum,
            about 0 to 1; it ranks joints and is not a probability.
        skeleton: what the K joints are.
        box: the part of the image that the network saw, before it was enlarged to the crop's aspect.
    """

    joints: Array
    skeleton: Skeleton
    box: Box

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able form: pixels to a thousandth, scores to four digits."""
        return {
            "skeleton": self.skeleton.name,
            "box": {key: round(value, 3) for key, value in asdict(self.box).items()},
            "joints": [
                {"name": name, "x": round(float(x), 3), "y": round(float(y), 3), "score": round(float(score), 4)}
                for name, (x, y, score) in zip(self.skeleton.joints, self.joints, strict=True)
            ],
        }


class PosePredictor:
    """Finds the joints of one person in a picture.

    Args:
        session: a converted model's file, or anything that is a `Session`.
        threads: how many threads the runtime may use, where `session` is a file.
        flip_test: run the mirrored crop as well and average: a little better and twice as slow.
        decoder: from heat maps to joints, see `lapx_tf.codecs.dark.DECODERS`; a model that gives joints has its own inside.
        flip_shift: of the flip test, see `merge_flipped`.

    Raises:
        InputError: the file can't be used, see `open_session`.
    """

    def __init__(
        self,
        session: Session | str | Path,
        threads: int = 1,
        flip_test: bool = False,
        decoder: Callable[[Array], Array] = decode,
        flip_shift: int = 0,
    ) -> None:
        self.session = open_session(session, threads) if isinstance(session, str | Path) else session
        self.flip_test, self.flip_shift, self.decoder = flip_test, flip_shift, decoder
        if flip_test and self.session.spec.flip_test:
            raise InputError(
                f"{self.session.spec.file} averages with the mirrored crop by itself: leave the flip test out"
            )
        if flip_test and self.session.spec.kind == "keypoints":
            raise InputError(
                f"{self.session.spec.file} gives joints, whose heat maps can't be averaged any more; "
                "convert it with the flip test inside, or to heat maps"
            )

    def __call__(self, image: NDArray[np.uint8], box: Box | None = None) -> Pose:
        """The pose of the person in a box, or of the most visible person of a picture.

        Without a box the network looks twice: at the whole image, then at a square around the joints that the first look
        was confident of, padded as in training. The second look is left out where the first found hardly any joint. This
        works for one person who fills a good part of the picture; for a small person or for several, give the boxes of
        a person detector.

        Args:
            image: uint8 [H, W, 3], RGB.
            box: what to crop, in pixels of the image: the person with the padding of the training (`spec.padding` times
                the longer side of the person's extent). It may reach over the border.

        Raises:
            ValueError: the image has another shape or type.
        """
        _check_image(image)
        if box is not None:
            return self._look(image, box)
        whole = geometry.box_of_image((image.shape[0], image.shape[1]))
        first = self._look(image, whole)
        closer = self._box_of(first, whole)
        return first if closer is None else self._look(image, closer)

    def predict_crops(self, crops: NDArray) -> Array:
        """Joints of crops that were cut out elsewhere.

        Args:
            crops: [B, H, W, 3], RGB, 0 to 255, any number type; H and W are `session.spec.input_size`.

        Returns:
            float32 [B, K, 3] (x, y, score), pixels of the crop.
        """
        spec = self.session.spec
        inputs = spec.prepare(crops)
        answers = self.session.run(inputs)
        if self.flip_test:
            mirrored = self.session.run(np.ascontiguousarray(inputs[:, :, ::-1]))
            answers = merge_flipped(answers, mirrored, spec.skeleton.flip_order, self.flip_shift)
        if not np.isfinite(answers).all():
            raise InputError(f"{spec.file} gave {spec.kind} that are not finite")
        if spec.kind == "keypoints":
            return answers
        return geometry.transform(geometry.crop_from_heatmap(spec.stride), self.decoder(answers)).astype(np.float32)

    def _look(self, image: NDArray[np.uint8], box: Box) -> Pose:
        spec = self.session.spec
        to_crop = geometry.crop_from_image(box, spec.input_size)
        crop = images.warp(image, to_crop, spec.input_size)
        joints = geometry.transform(geometry.invert(to_crop), self.predict_crops(crop[None])[0])
        return Pose(joints.astype(np.float32), spec.skeleton, box)

    def _box_of(self, first: Pose, whole: Box) -> Box | None:
        """The square for the second look, or None where the first look found too little."""
        scores = first.joints[:, 2]
        confident = first.joints[scores >= max(CONFIDENT * scores.max(), NOTHING), :2]
        if len(confident) < FEWEST_JOINTS:
            return None
        box = geometry.box_around(confident, self.session.spec.padding)
        side = max(box.width, CLOSEST * max(whole.width, whole.height))
        return Box(box.x, box.y, side, side)


def _check_image(image: NDArray) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ValueError(f"an image must be uint8 [H, W, 3], got {image.dtype} {list(image.shape)}")
