"""Long columns travel as the text of an array, which costs a fraction of what the driver asks of each element."""

from __future__ import annotations

from collections.abc import Sequence


def array_text(values: Sequence[str | None]) -> str:
    """These texts as PostgreSQL writes a `text[]` (PostgreSQL manual 8.15.6): a parameter to be cast, `$1::text::text[]`."""
    texts = [value for value in values if value is not None]
    joined = '","'.join(texts)
    if not texts or len(texts) < len(values) or "\\" in joined or joined.count('"') != 2 * (len(texts) - 1):
        return f"{{{','.join('NULL' if value is None else _quoted(value) for value in values)}}}"
    return f'{{"{joined}"}}'


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
