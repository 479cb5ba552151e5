"""How a text names a document: "青发改〔2026〕12号 (能评批复.pdf sha256:9f86…)"; the hash is the document's, whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_NAMED: Final = re.compile(r"\(([^()\n]{1,80}) sha256:(?:([0-9a-f]{64})\)|[0-9a-f]{0,63}…)")


def naming(typed: str, name: str, sha256: str) -> str:
    """What was typed with the document behind it; the document alone when nothing was."""
    return f"{typed.strip()} ({name} sha256:{sha256})".strip()


def pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """The text in pieces: plain ones with None, names of documents with their hash; of a shortened hash only the name
    stays."""
    end = 0
    for found in _NAMED.finditer(text):
        yield text[end : found.start()], None
        yield found[1], found[2]
        end = found.end()
    yield text[end:], None
