"""What of an event may stand in the feed: L1 and L2 only (GB/T 43697-2024; feeds and notices carry no more).

Of a fact, values above L2 go, and so does the hash over them, from which a short list of bands could be guessed; that the
fact was stated, and which fields were withheld, remains. Of any other event marked above L2 only its subject remains.
"""

from __future__ import annotations

from typing import Any

from sikua_contracts.bridges import FactReported, FactUnavailable, FactWithdrawn, FieldValue
from sikua_contracts.catalogue import CATALOGUE
from sikua_contracts.envelope import AnyEvent, Level

SHARED_LEVELS = frozenset({Level.L1, Level.L2})
_LEVELLED_BY_VALUE = (FactReported, FactUnavailable, FactWithdrawn)


def shareable(event: AnyEvent) -> dict[str, Any]:
    """The event's data as JSON values, with nothing above L2. `withheld` lists fields whose values were left out."""
    data: dict[str, Any] = event.data.model_dump(mode="json")
    if isinstance(event.data, FactReported):
        return _of_fact(event.data, data)
    if event.dataclassification in SHARED_LEVELS or isinstance(event.data, _LEVELLED_BY_VALUE):
        return data
    return {"withheld": sorted(data)}


def may_be_shown(value: FieldValue) -> bool:
    """Whether a stated value is of L1 or L2, both by what its department says and by the catalogue."""
    return value.level in SHARED_LEVELS and CATALOGUE.may_be_shared(value.field)


def _of_fact(fact: FactReported, data: dict[str, Any]) -> dict[str, Any]:
    withheld = sorted({value.field for value in fact.values if not may_be_shown(value)})
    if not withheld:
        return data
    data["values"] = [shown for shown in data["values"] if shown["field"] not in withheld]
    data["withheld"] = withheld
    del data["row_hash"]
    return data


def project_of(event: AnyEvent) -> str | None:
    """The project an event is about; None when it is about none (`calendar:2027`)."""
    return None if ":" in event.subject else event.subject
