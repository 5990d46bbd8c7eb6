"""Person detectors: any `.tflite` or `.onnx` file that answers as an SSD with its post-processing or as a YOLOX does.

No detector comes with this package. `ssd` and `yolox` say exactly which files are accepted, and what goes into them.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError
from lapx_tf.runtime.detections import Detection, from_edges
from lapx_tf.runtime.detectors import ssd, yolox
from lapx_tf.runtime.detectors.inputs import letterboxed, picture_input, stretched
from lapx_tf.runtime.engines import open_engine
from lapx_tf.runtime.sessions import dequantize

__all__ = ["MIN_SCORE", "PERSON", "Detect", "Detector"]

Array = NDArray[np.float32]

Detect = Callable[[NDArray[np.uint8]], list[Detection]]
"""From a picture, uint8 [H, W, 3] RGB, to the people in it."""

MIN_SCORE = 0.5
PERSON = 0
"""The class of persons in COCO's order without a background class, as most files have it."""

_ACCEPTED = (
    "accepted are SSD's boxes [1, N, 4], classes [1, N], scores [1, N] and count [1], and YOLOX' [1, N, 5 + classes] with a"
    " row for each cell of the strides 8, 16 and 32"
)


class Detector:
    """Finds people in a picture. It is not to be used by two threads at once.

    Args:
        file: the detector's file.
        threads: how many threads the runtime may use.
        runtime: see `open_engine`.
        person: the number of the class of persons. Files whose class 0 is the background have persons as 1.
        min_score: detections below it are left out.

    Raises:
        InputError: the file can't be opened, or its input or its outputs are none of those accepted.
    """

    def __init__(
        self,
        file: str | Path,
        *,
        threads: int = 1,
        runtime: str | None = None,
        person: int = PERSON,
        min_score: float = MIN_SCORE,
    ) -> None:
        self._engine = open_engine(file, threads, runtime)
        self._input, self._person, self._min_score = picture_input(self._engine), person, min_score
        outputs = self._engine.outputs
        if ssd.matches(outputs):
            self._find = self._find_ssd
        elif yolox.matches(outputs, self._input.size):
            self._find = self._find_yolox
        else:
            shapes = ", ".join(str(list(tensor.shape)) for tensor in outputs)
            raise InputError(f"{file} has the outputs {shapes}; {_ACCEPTED}")

    def __call__(self, image: NDArray[np.uint8]) -> list[Detection]:
        """The people in a picture, the surest first.

        Args:
            image: uint8 [H, W, 3], RGB.

        Raises:
            InputError: the file can't be run, or gives other shapes than it says.
        """
        edges, scores = self._find(image)
        clear = np.isfinite(edges).all(axis=1) & (scores >= self._min_score)
        clear &= (edges[:, 2:] > edges[:, :2]).all(axis=1)
        order = np.argsort(-scores, kind="stable")
        return [Detection(from_edges(edges[i].tolist()), float(scores[i])) for i in order if clear[i]]

    def _find_ssd(self, image: NDArray[np.uint8]) -> tuple[Array, Array]:
        pixels = stretched(image, self._input.size)
        answers = self._answers(self._input.stored(pixels, ssd.SCALE, ssd.OFFSET))
        names = [tensor.name for tensor in self._engine.outputs]
        edges, scores = ssd.read(answers, names, self._person)
        return edges * np.array(image.shape[1::-1] * 2, np.float32), scores

    def _find_yolox(self, image: NDArray[np.uint8]) -> tuple[Array, Array]:
        pixels, ratio = letterboxed(image, self._input.size, yolox.FILL)
        (rows,) = self._answers(self._input.stored(pixels[..., ::-1]))
        edges, scores = yolox.read(rows, self._input.size, self._person, self._min_score)
        return edges / np.float32(ratio), scores

    def _answers(self, stored: NDArray) -> list[Array]:
        """Every output as real values."""
        outputs = self._engine.outputs
        answers = self._engine.run([stored], range(len(outputs)))
        return [dequantize(answer, tensor) for answer, tensor in zip(answers, outputs, strict=True)]
