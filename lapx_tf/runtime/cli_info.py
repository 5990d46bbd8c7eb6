"""`lapx info`: what a converted model is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from lapx_tf.commands import existing_file
from lapx_tf.spec import ModelSpec, TensorSpec, read_spec


def info(model: Path) -> None:
    """Runs the command, from the JSON beside the model alone: it needs no runtime.

    Args:
        model: a converted model.
    """
    model = existing_file(model)
    spec = read_spec(model)
    # One line a value, never folded: the terminal wraps it, and a pipe gets it whole.
    console = Console(highlight=False, soft_wrap=True)
    for name, value in _rows(model, spec).items():
        console.print(Text(f"{name:<12}", style="bold") + Text(value))
    for title, notes in (("training", spec.training), ("conversion", spec.conversion)):
        console.print(Text(title, style="bold"))
        for line in _lines(notes) or ["not recorded"]:
            console.print(Text(f"  {line}"))


def _rows(model: Path, spec: ModelSpec) -> dict[str, str]:
    skeleton, raw = spec.skeleton, spec.pixel_values == "raw"
    return {
        "file": str(model),
        "size": f"{model.stat().st_size / 1e6:.2f} MB",
        "sha256": spec.sha256,
        "precision": spec.precision,
        "input": f"{_tensor(spec.input)}; {spec.layout}, RGB, " + ("0 to 255" if raw else "(rgb / 255 - mean) / std"),
        "mean, std": f"{spec.mean}, {spec.std}",
        "output": f"{_tensor(spec.output)}; "
        + ("x, y in pixels of the crop, score" if spec.kind == "keypoints" else f"heat maps, stride {spec.stride}")
        + (", flip test inside" if spec.flip_test else ""),
        "crop": f"{spec.padding:g} x the longer side of the person",
        "skeleton": f"{skeleton.name}, {len(skeleton.joints)} joints",
        "joints": ", ".join(skeleton.joints),
        "licence": str(spec.conversion.get("licence") or "not stated"),
        "made from": _source(spec),
    }


def _source(spec: ModelSpec) -> str:
    """The file that the model was converted from."""
    source = spec.conversion.get("from")
    if not isinstance(source, Mapping):
        return "not recorded"
    return f"{source.get('file', 'a file without a name')}, sha256 {source.get('sha256', 'not recorded')}"


def _tensor(tensor: TensorSpec) -> str:
    stored = tensor.quantization
    scale = f", {stored.scale:g} * (stored - {stored.zero_point})" if stored else ""
    return f"{tensor.name} {tensor.dtype} {list(tensor.shape)}{scale}"


def _lines(notes: Mapping[str, Any]) -> list[str]:
    """`key: value` for each value, what lies inside another indented below it."""
    lines = []
    for key, value in notes.items():
        if isinstance(value, Mapping):
            lines += [f"{key}:", *(f"  {line}" for line in _lines(value))]
        else:
            lines.append(f"{key}: {value}")
    return lines
