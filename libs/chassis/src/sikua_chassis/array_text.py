"""Long columns travel as the text of an array, which costs a fraction of what the driver asks of each element."""

from __future__ import annotations

from collections.abc import Sequence


def array_text(values: Sequence[str]) -> str:
    """These texts as PostgreSQL writes a `text[]` (PostgreSQL manual 8.15.6): a parameter to be cast, `$1::text::text[]`."""
    if not values:
        return "{}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return f'{{"{joined}"}}'
