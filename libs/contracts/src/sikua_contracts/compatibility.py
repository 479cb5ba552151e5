"""Whether a schema still keeps what its released version promised: v1 may only gain optional fields.

Everything else (a field gone, a type or a closed list changed, a field newly required or no longer so) needs a v2.
"""

from __future__ import annotations

from typing import Any

_WORDS_FOR_PEOPLE = frozenset({"title", "description", "examples", "default", "$defs", "$id", "$schema"})


def broken_promises(released: dict[str, Any], current: dict[str, Any]) -> list[str]:
    """What the current schema breaks of the released one, a sentence each with the place; empty when it keeps all."""
    return _compare(_inlined(released, released), _inlined(current, current), "data")


def _inlined(schema: Any, root: dict[str, Any]) -> Any:
    """The schema with its references followed and its words for people left out."""
    if isinstance(schema, list):
        return [_inlined(part, root) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    kept = {key: part for key, part in schema.items() if key not in _WORDS_FOR_PEOPLE}
    if "properties" in schema:
        kept["properties"] = {name: _inlined(part, root) for name, part in schema["properties"].items()}
    return {key: part if key == "properties" else _inlined(part, root) for key, part in kept.items()}


def _compare(released: Any, current: Any, place: str) -> list[str]:
    if isinstance(released, dict) and isinstance(current, dict):
        return _compare_objects(released, current, place)
    if isinstance(released, list) and isinstance(current, list) and len(released) == len(current):
        pairs = enumerate(zip(released, current, strict=True))
        return [broken for number, pair in pairs for broken in _compare(*pair, f"{place}[{number}]")]
    return [] if released == current else [f"{place} was {released!r} and is {current!r}"]


def _compare_objects(released: dict[str, Any], current: dict[str, Any], place: str) -> list[str]:
    broken: list[str] = []
    if sorted(released.get("required", ())) != sorted(current.get("required", ())):
        broken.append(f"{place} required {released.get('required')} and requires {current.get('required')}")
    fields, fields_now = released.get("properties", {}), current.get("properties", {})
    for name, part in fields.items():
        if name in fields_now:
            broken += _compare(part, fields_now[name], f"{place}.{name}")
        else:
            broken.append(f"{place}.{name} is gone")
    for key in sorted((released.keys() | current.keys()) - {"required", "properties"}):
        if key in released and key in current:
            broken += _compare(released[key], current[key], f"{place}.{key}")
        else:
            broken.append(f"{place} {'lost' if key in released else 'gained'} {key}")
    return broken
