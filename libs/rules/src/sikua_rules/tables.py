"""The code lists that ship with the rules, read once each and never changed while running."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `data/<name>.csv`, each keyed by the heading; cells are text, empty when nothing stands there."""
    return tuple(csv.DictReader(io.StringIO(_text(f"{name}.csv"))))


@cache
def document(name: str) -> Any:
    """Contents of `data/<name>.json`. Callers must not change what they get."""
    return json.loads(_text(f"{name}.json"))


def _text(name: str) -> str:
    return files("sikua_rules").joinpath("data", name).read_text(encoding="utf-8-sig")
