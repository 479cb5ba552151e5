"""What differs between the gateways: how a call is signed and keyed, and how each answer is worded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sikua_simulators.departments.signatures import Seal
from sikua_simulators.departments.timelines import Row

Document = dict[str, Any]


class Dialect(Protocol):
    """One department's way to speak. `now` is the department's own clock, aware.

    `paths` gives each dataset's route; `seal` proves who asks, `push_seal` proves that a push is the department's. Every
    document says that it is simulated.
    """

    title: str
    paths: Mapping[str, str]
    seal: Seal
    push_seal: Seal

    def key_of(self, asked: Mapping[str, Any]) -> str:
        """The key that a call asks by."""
        ...

    def answer(self, dataset: str, asked: Mapping[str, Any], now: datetime) -> Document:
        """What the books say at this moment of business time."""
        ...

    def rows_in(self, answer: Document) -> list[Row]:
        """The rows of an answer, as a push carries them; none when it brings nothing."""
        ...

    def bad_signature(self) -> Document:
        """Said with HTTP 200, as such gateways do."""
        ...

    def not_yet(self, ask_at: datetime) -> Document:
        """Ask again then."""
        ...

    def refused(self) -> Document:
        """No."""
        ...

    def no_key(self) -> Document:
        """The call names nobody to ask about."""
        ...
