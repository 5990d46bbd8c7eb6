"""What a TensorFlow Lite file says about itself: names of its ends, a signature, a description and where it comes from."""

import json
from collections.abc import Mapping
from typing import Any

from tensorflow.lite.python import schema_py_generated as schema

from convert import flatbuffer

SIGNATURE = "serving_default"
"""TensorFlow's own name for the one thing that a model does."""

ENTRY = "about.json"
"""Name of the entry in the file's metadata that holds everything it says about itself, as a JSON object."""


def named(content: bytes, image: str, answer: str) -> bytes:
    """Calls the input and the output by their names, as tensors and in a signature."""
    model = flatbuffer.parse(content)
    graph = model.subgraphs[0]
    signature: Any = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = SIGNATURE.encode(), 0
    signature.inputs = [_name(graph, int(graph.inputs[0]), image)]
    signature.outputs = [_name(graph, int(graph.outputs[0]), answer)]
    model.signatureDefs = [signature]
    return flatbuffer.pack(model)


def described(content: bytes, about: Mapping[str, str]) -> bytes:
    """Writes what the file says about itself into it.

    Args:
        content: of the file.
        about: such as `description`, `licence` and `provenance`. The description goes where every viewer of the format shows
            it, and all of it into the metadata entry `ENTRY`.
    """
    model = flatbuffer.parse(content)
    model.description = about.get("description", "").encode()
    entry: Any = schema.MetadataT()
    entry.name = ENTRY.encode()
    entry.buffer = flatbuffer.add_buffer(model, json.dumps(dict(about), ensure_ascii=False, indent=2).encode())
    model.metadata = [*(model.metadata or []), entry]
    return flatbuffer.pack(model)


def _name(graph: Any, tensor: int, name: str) -> Any:
    graph.tensors[tensor].name = name.encode()
    entry: Any = schema.TensorMapT()
    entry.name, entry.tensorIndex = name.encode(), tensor
    return entry
