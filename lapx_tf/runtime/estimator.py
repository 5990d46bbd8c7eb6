"""`PoseEstimator`: from a picture to joints, in pixels of that picture."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry, images
from lapx_tf.codecs.decode import decode, merge_flipped
from lapx_tf.errors import InputError
from lapx_tf.geometry import Box
from lapx_tf.runtime.detections import Detection, padded
from lapx_tf.runtime.detectors import Detect, Detector
from lapx_tf.runtime.poses import Array, Pose
from lapx_tf.runtime.sessions import Session, open_session

FEWEST_JOINTS = 3
"""With fewer joints found the first look stands: their extent says nothing about the person's."""

CLOSEST = 1 / 8
"""The second look is never at a smaller part of the image's side: the first one is too coarse to point there."""


class PoseEstimator:
    """Finds the joints of people in a picture.

    Args:
        model: a converted model's file, the name of a trained network, or anything that is a `Session`.
        detector: finds the persons for `people`: the file of a person detector (see `lapx_tf.runtime.detectors`), or any
            function from a picture, uint8 [H, W, 3] RGB, to detections.
        threads: how many threads the runtime may use, where `model` is a file; likewise for the detector's file.
        runtime: see `open_session`, where `model` is a file; None for the first that is installed.
        flip_test: run the mirrored crop as well and average: a little better and twice as slow.
        decoder: from heat maps to joints, see `lapx_tf.codecs.dark.DECODERS`; a model that gives joints has its own inside.
        flip_shift: of the flip test, see `merge_flipped`.

    Raises:
        InputError: a file can't be used, see `open_session` and `Detector`, or the model can't have a flip test.
    """

    def __init__(
        self,
        model: Session | str | Path,
        *,
        detector: Detect | str | Path | None = None,
        threads: int = 1,
        runtime: str | None = None,
        flip_test: bool = False,
        decoder: Callable[[Array], Array] = decode,
        flip_shift: int = 0,
    ) -> None:
        self.session = open_session(model, threads, runtime) if isinstance(model, str | Path) else model
        self.detector = Detector(detector, threads=threads) if isinstance(detector, str | Path) else detector
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

    @overload
    def __call__(self, image: NDArray[np.uint8], boxes: None = None) -> Pose: ...

    @overload
    def __call__(self, image: NDArray[np.uint8], boxes: Sequence[Box]) -> list[Pose]: ...

    def __call__(self, image: NDArray[np.uint8], boxes: Sequence[Box] | None = None) -> Pose | list[Pose]:
        """The pose of the most visible person of a picture, or of the person in each box.

        Without boxes the network looks twice: at the whole image, then at a square around the joints that the first look
        found, padded as in training. The second look is left out where the first found hardly any joint. This works for
        one person who fills a good part of the picture; for a small person or for several, give boxes or use `people`.

        Args:
            image: uint8 [H, W, 3], RGB.
            boxes: the extent of each person in pixels of the image, as a detector gives it; it is padded here, as in
                training. It may reach over the border.

        Raises:
            ValueError: the image has another shape or type, or a box is no `Box`.
        """
        _check_image(image)
        if boxes is not None:
            _check_boxes(boxes)
            return [self.pose_in(image, padded(box, self.session.spec.padding)) for box in boxes]
        whole = geometry.box_of_image((image.shape[0], image.shape[1]))
        first = self.pose_in(image, whole)
        closer = self._closer(first, whole)
        return first if closer is None else self.pose_in(image, closer)

    def people(self, image: NDArray[np.uint8]) -> list[Pose]:
        """Everybody that the detector finds, the surest detection first; without a detector the one person of a call.

        Args:
            image: uint8 [H, W, 3], RGB.

        Raises:
            ValueError: the image has another shape or type.
        """
        if self.detector is None:
            return [self(image)]
        _check_image(image)
        return self.of_detections(image, self.detector(image))

    def of_detections(self, image: NDArray[np.uint8], detections: Sequence[Detection]) -> list[Pose]:
        """The pose of each person detected; `Pose.detection` is the detection's score."""
        poses = self(image, [detection.box for detection in detections])
        return [replace(pose, detection=one.score) for pose, one in zip(poses, detections, strict=True)]

    def pose_in(self, image: NDArray[np.uint8], region: Box) -> Pose:
        """The pose in a region of the picture, which is taken as it is: with the padding that it is to have.

        Args:
            image: uint8 [H, W, 3], RGB.
            region: pixels of the image; it is enlarged to the crop's aspect and may reach over the border.

        Raises:
            ValueError: the image has another shape or type.
        """
        _check_image(image)
        spec = self.session.spec
        to_crop = geometry.crop_from_image(region, spec.input_size)
        crop = images.warp(image, to_crop, spec.input_size)
        joints = geometry.transform(geometry.invert(to_crop), self.predict_crops(crop[None])[0])
        return Pose(joints.astype(np.float32), spec.skeleton, region)

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

    def _closer(self, first: Pose, whole: Box) -> Box | None:
        """The square for the second look, or None where the first look found too little."""
        found = first.joints[first.found, :2]
        if len(found) < FEWEST_JOINTS:
            return None
        box = geometry.box_around(found, self.session.spec.padding)
        side = max(box.width, CLOSEST * max(whole.width, whole.height))
        return Box(box.x, box.y, side, side)


def _check_image(image: NDArray) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ValueError(f"an image must be uint8 [H, W, 3], got {image.dtype} {list(image.shape)}")


def _check_boxes(boxes: Sequence[Box]) -> None:
    for box in boxes:
        if not isinstance(box, Box):  # four numbers could be edges, or a corner and a size
            raise ValueError(
                f"boxes must be `Box`es (`detections.from_coco` makes one of a corner and a size), got {box!r:.60}"
            )
