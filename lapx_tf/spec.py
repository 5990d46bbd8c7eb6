"""`ModelSpec`: what one must know to run a converted model right, stored as JSON beside its file.

`pose.tflite` has `pose.tflite.json`. The JSON says how to crop, in which order and range the pixels go in, what comes out and
what the joints are called, so that a program in any language can run the model from it alone.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapx_tf import geometry, pixels
from lapx_tf.errors import InputError
from lapx_tf.skeletons import Skeleton

FORMAT_VERSION = 2
"""1 knew normalised NHWC images and heat maps only; it is still read. docs/model_json.md describes the format."""

LAYOUTS = ("NHWC", "NCHW")
KINDS = ("heatmaps", "keypoints")
PIXEL_VALUES = ("normalized", "raw")

_CROP_MAP = (
    "the box, enlarged around its centre to the crop's aspect, becomes the crop: scale = crop width / box width,"
    " crop = scale * (image - centre of the box) + ((crop width - 1) / 2, (crop height - 1) / 2); bilinear"
)
_DECODING = (
    "the first maximum of each map in reading order is the score; the joint lies there, moved by 0.25 towards the larger"
    " neighbour in x and in y, outside the map counting as lower"
)
_QUANTIZATION = "stored = clip(round_half_to_even(value / scale) + zero_point); value = scale * (stored - zero_point)"


@dataclass(frozen=True)
class Quantization:
    """Affine quantisation of a tensor: real = scale * (stored - zero_point)."""

    scale: float
    zero_point: int


@dataclass(frozen=True)
class TensorSpec:
    """A tensor of the file: its name there, shape (batch included), dtype and quantisation (None for plain numbers)."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"
    quantization: Quantization | None = None

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "TensorSpec":
        """Reads the part of the JSON that describes the tensor; further keys are for the reader of the JSON."""
        stored = fields["quantization"]
        return cls(
            name=str(fields["name"]),
            shape=tuple(int(side) for side in fields["shape"]),
            dtype=str(fields["dtype"]),
            quantization=None if stored is None else Quantization(float(stored["scale"]), int(stored["zero_point"])),
        )


@dataclass(frozen=True)
class ModelSpec:
    """A converted model.

    Attributes:
        file: name of the model's file, without a folder.
        sha256: of that file, in hexadecimal digits.
        precision: of the weights and of what is computed, such as `float32` or `int8`.
        input: the image, [1, H, W, 3] or [1, 3, H, W] as `layout` says; RGB.
        output: heat maps [1, H / stride, W / stride, K], or joints [1, K, 3] (x, y, score) in pixels of the crop, as `kind`
            says.
        skeleton: the K joints.
        layout: of the input, `NHWC` or `NCHW`.
        pixel_values: `normalized`: the input wants (rgb / 255 - mean) / std; `raw`: it wants 0 to 255 and does the rest inside.
        kind: of the output, `heatmaps` or `keypoints`.
        flip_test: the file averages with the mirrored crop by itself.
        mean: of R, G and B, in units of 255.
        std: likewise.
        stride: pixels of the crop for one pixel of the heat map.
        padding: width and height of the box to crop as multiples of the person's extent, as in training.
        training: what the network was trained on and how (free form).
        conversion: how the file was made and what its check against Keras gave (free form).

    Raises:
        ValueError: `layout`, `pixel_values` or `kind` is none of those above.
    """

    file: str
    sha256: str
    precision: str
    input: TensorSpec
    output: TensorSpec
    skeleton: Skeleton
    layout: str = "NHWC"
    pixel_values: str = "normalized"
    kind: str = "heatmaps"
    flip_test: bool = False
    mean: tuple[float, ...] = pixels.MEAN
    std: tuple[float, ...] = pixels.STD
    stride: int = geometry.STRIDE
    padding: float = 1.25
    training: dict[str, Any] = field(default_factory=dict)
    conversion: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value, accepted in (
            ("layout", self.layout, LAYOUTS),
            ("pixel_values", self.pixel_values, PIXEL_VALUES),
            ("kind", self.kind, KINDS),
            ("flip_test", self.flip_test, (False, True)),
        ):
            if value not in accepted:
                raise ValueError(f"{name} must be one of {', '.join(map(str, accepted))}, got {value!r}")

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of the crop."""
        height, width = self.input.shape[2:] if self.layout == "NCHW" else self.input.shape[1:3]
        return height, width

    def prepare(self, crops: NDArray) -> NDArray[np.float32]:
        """What the input wants for crops [B, H, W, 3], RGB, 0 to 255: the same shape, normalised unless it wants raw ones."""
        if self.pixel_values == "raw":
            return np.asarray(crops, np.float32)
        return pixels.normalize(crops, self.mean, self.std)

    def to_dict(self) -> dict[str, Any]:
        """The JSON, see the module."""
        return {
            "format_version": FORMAT_VERSION,
            "file": self.file,
            "sha256": self.sha256,
            "precision": self.precision,
            "quantization": _QUANTIZATION,
            "input": asdict(self.input)
            | {
                "layout": self.layout,
                "color_order": "RGB",
                "pixel_range": [0, 255],
                "pixel_values": self.pixel_values,
                "mean": list(self.mean),
                "std": list(self.std),
                "formula": "rgb" if self.pixel_values == "raw" else "(rgb / 255 - mean) / std",
            },
            "output": asdict(self.output)
            | {
                "kind": self.kind,
                "flip_test": self.flip_test,
                "stride": self.stride,
                "formula": "x, y in pixels of the crop, score"
                if self.kind == "keypoints"
                else "crop = stride * heatmap + (stride - 1) / 2",
                "decoding": None if self.kind == "keypoints" else _DECODING,
            },
            "crop": {
                "padding": self.padding,
                "outside": [0, 0, 0],
                "formula": "the person's extent, padding * width by padding * height; pixel centres at integers",
                "map": _CROP_MAP,
            },
            "skeleton": self.skeleton.to_dict(),
            "training": self.training,
            "conversion": self.conversion,
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "ModelSpec":
        """The inverse of `to_dict`.

        Raises:
            ValueError: a key is missing or has a wrong type, or the format is newer than this package.
        """
        version = fields.get("format_version") if isinstance(fields, Mapping) else None
        if version not in range(1, FORMAT_VERSION + 1):
            raise ValueError(
                f"format_version must be 1 to {FORMAT_VERSION} for this version of lapx-tf, got {version!r}"
            )
        try:
            return cls(
                file=str(fields["file"]),
                sha256=str(fields["sha256"]),
                precision=str(fields["precision"]),
                input=TensorSpec.from_dict(fields["input"]),
                output=TensorSpec.from_dict(fields["output"]),
                skeleton=Skeleton.from_dict(fields["skeleton"]),
                layout=str(fields["input"]["layout"]),
                pixel_values=str(fields["input"].get("pixel_values", "normalized")),
                kind=str(fields["output"]["kind"]),
                flip_test=fields["output"].get("flip_test", False),
                mean=tuple(float(value) for value in fields["input"]["mean"]),
                std=tuple(float(value) for value in fields["input"]["std"]),
                stride=int(fields["output"]["stride"]),
                padding=float(fields["crop"]["padding"]),
                training=dict(fields["training"]),
                conversion=dict(fields["conversion"]),
            )
        except KeyError as error:
            raise ValueError(f"the key {error} is missing") from error
        except (TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"a value has the wrong type: {error}") from error


def sidecar_of(model: Path) -> Path:
    """Where the JSON of a model's file lies: beside it, `.json` appended."""
    return model.with_name(model.name + ".json")


def sha256_of(path: Path) -> str:
    """The sha256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_spec(model: Path) -> ModelSpec:
    """The spec of a converted model, from the JSON beside it.

    Raises:
        InputError: the JSON is missing or malformed, or was written for a file of other content.
    """
    sidecar = sidecar_of(model)
    if not sidecar.is_file():
        raise InputError(f"{model} has no {sidecar.name} beside it; `python -m convert` writes both")
    try:
        spec = ModelSpec.from_dict(json.loads(sidecar.read_text("utf-8")))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{sidecar} does not describe a model: {error}") from error
    if spec.sha256 != sha256_of(model):
        raise InputError(f"{model} is not the file that {sidecar.name} describes: its sha256 differs")
    return spec
