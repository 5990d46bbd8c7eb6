"""Values of a recipe that the command line replaces: `learning_rate=5e-4 augmentation.rotation=30 size=256x192`."""

import difflib
import types
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lapx_tf.errors import InputError
from train.recipe import Recipe

NOT_REPLACED = ("name",)


def override(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """The recipe with other values, all replaced at once; of a key that is given twice the last one holds.

    Args:
        recipe: whose fields give the types.
        settings: each `KEY=VALUE`; the key of a value inside another has a dot.

    Raises:
        InputError: there is no such key, or it does not accept the value.
    """
    types_by_key = keys(type(recipe))
    values: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise InputError(f"a value to set is KEY=VALUE, got {setting!r}")
        if key not in types_by_key:
            nearest = difflib.get_close_matches(key, types_by_key, n=1, cutoff=0.0)[0]
            raise InputError(f"a recipe has no {key!r}; the nearest that it has is {nearest!r}, see --show for all")
        values[key] = parse(key, text, types_by_key[key])
    return _replaced(recipe, values)


def keys(cls: Any, prefix: str = "") -> dict[str, Any]:
    """What can be set in a dataclass and in those inside it: types by dotted key."""
    hints, found = get_type_hints(cls), {}
    for each in fields(cls):
        key, hint = prefix + each.name, hints[each.name]
        if is_dataclass(hint):
            found |= keys(hint, f"{key}.")
        elif key not in NOT_REPLACED:
            found[key] = hint
    return found


def parse(key: str, text: str, hint: Any) -> Any:
    """The value that a text stands for.

    Raises:
        InputError: the type does not accept it.
    """
    try:
        return _value(text.strip(), hint)
    except ValueError:
        raise InputError(f"{key} must be {_accepted(hint)}, got {text!r}") from None


def _value(text: str, hint: Any) -> Any:
    origin, inner, words = get_origin(hint), get_args(hint), _words(hint)
    if origin is types.UnionType:
        return None if text == "none" else _value(text, inner[0])
    if origin is tuple and Ellipsis in inner:
        return tuple(inner[0](part) for part in text.split(",") if part)
    if origin is tuple:
        return tuple(inner[0](part) for _, part in zip(inner, text.split("x"), strict=True))
    if words and text not in words:
        raise ValueError(text)
    return words[text] if words else hint(text)


def _words(hint: Any) -> dict[str, Any]:
    """The values of a type that has only a few, by how they are written."""
    if hint is bool:
        return {"true": True, "false": False}
    return {word: word for word in get_args(hint)} if get_origin(hint) is Literal else {}


def _accepted(hint: Any) -> str:
    """What a type accepts, in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is types.UnionType:
        return f"{_accepted(inner[0])} or none"
    if origin is tuple:
        return "numbers with commas between them" if Ellipsis in inner else "HEIGHTxWIDTH"
    return " or ".join(_words(hint)) or {int: "a whole number", float: "a number"}[hint]


def _replaced(instance: Any, values: dict[str, Any]) -> Any:
    """A copy of a dataclass with values by dotted key."""
    own = {key: value for key, value in values.items() if "." not in key}
    for part in {key.partition(".")[0] for key in values if "." in key}:
        inside = {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{part}.")}
        own[part] = _replaced(getattr(instance, part), inside)
    return replace(instance, **own)
