"""LAPX: lightweight human pose estimation in Keras 3, from training to the device (arXiv 2512.16089).

Public names are loaded when first used: `import lapx_tf` imports neither Keras nor TensorFlow nor OpenCV.
"""

from importlib import import_module
from typing import Any

from lapx_tf.version import __version__

_HOME = {
    "LAPX": "lapx_tf.models.lapx",
    "presets": "lapx_tf.models.presets",
    "pretrained": "lapx_tf.pretrained",
    "HeatmapLoss": "lapx_tf.losses",
    "PCK": "lapx_tf.metrics",
    "PCKh": "lapx_tf.metrics",
    "GammaWarmup": "lapx_tf.callbacks",
    "EvaluateEvery": "lapx_tf.callbacks",
    "Decode": "lapx_tf.codecs.layers",
    "PoseEstimator": "lapx_tf.runtime.estimator",
    "PeopleTracker": "lapx_tf.runtime.tracking",
    "Detector": "lapx_tf.runtime.detectors",
    "Box": "lapx_tf.geometry",
    "Skeleton": "lapx_tf.skeletons",
    "ModelSpec": "lapx_tf.spec",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"lapx_tf has no attribute {name!r}; public names: {', '.join(sorted(_HOME))}")
    home = import_module(_HOME[name])
    return home if home.__name__.endswith(f".{name}") else getattr(home, name)


def __dir__() -> list[str]:
    return __all__
