"""What a bridge must be told of its department: where each dataset is asked, how a call is signed, what answers mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sikua_bridge.answers import Answer
from sikua_bridge.datasets import KeyKind
from sikua_bridge.signing import Signer


@dataclass(frozen=True)
class Question:
    """A dataset asked for by one key."""

    dataset: str
    kind: KeyKind
    key: str


@dataclass(frozen=True)
class Call:
    """One POST to the department's gateway."""

    path: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Department:
    """One department's gateway. `read` turns the JSON of an answer with HTTP 200 into an Answer; it may raise on what it
    can't read. `enquire_signer` and `push_signer` are made from the application's id and secret."""

    name: str
    title_zh: str
    title_en: str
    default_url: str
    app_id: str
    ask: Callable[[Question], Call]
    read: Callable[[Any], Answer]
    enquire_signer: Callable[[str, str], Signer]
    push_signer: Callable[[str, str], Signer]
