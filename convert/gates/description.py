"""The JSON beside a file is what docs/model.schema.json says, so that a reader in another language can rely on that."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from convert.gates.result import Result
from lapx_tf.spec import FORMAT_VERSION, sidecar_of

SCHEMA = Path(__file__).parents[2] / "docs" / "model.schema.json"


def check(file: Path) -> Result:
    """Holds the JSON of a file against the schema; one of an older format, which has no schema, is left alone."""
    fields: Any = json.loads(sidecar_of(file).read_text("utf-8"))
    version = fields["format_version"]
    if version != FORMAT_VERSION:
        return Result({"json_format": version})
    broken = _validator().iter_errors(fields)
    failures = (f"its JSON breaks the schema at {error.json_path}: {error.message:.200}" for error in broken)
    return Result({"json_format": version}, {"json_format": FORMAT_VERSION}, tuple(failures))


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
