"""Proof: a condition over the record that completes a step, and evidence that supports a step without completing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sikua_contracts.registry import Record, Statement
from sikua_contracts.scheduler import Proof
from sikua_contracts.words import Quality
from sikua_rules.business_time import SHANGHAI, shanghai_day

PROVING = frozenset({Quality.CONFIRMED, Quality.STATED, Quality.SIMULATED})
"""An estimate proves nothing. Simulated facts stand for real ones where everything is simulated."""


class _Template(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Template):
    """One field of the record with a value that counts. Without `in`, `equals` or a date rule any value counts.

    `record` names a list of the record itself (uscc, project_codes); `or_field` a catalogue field that says the same.
    """

    field: str | None = None
    record: Literal["uscc", "project_codes"] | None = None
    or_field: str | None = None
    among: tuple[Any, ...] | None = Field(default=None, alias="in")
    equals: Any = None
    not_after_now: bool = False

    def names(self) -> Iterator[str]:
        """Record fields that this condition reads."""
        yield from (name for name in (self.field, self.record, self.or_field) if name is not None)

    def met(self, record: Record, now: datetime) -> Statement | bool:
        """The statement that meets it; True when the record's own list does; False otherwise."""
        if self.record is not None and getattr(record, self.record):
            return True
        statement = record.fields.get(self.field or self.or_field or "")
        if statement is None or statement.quality not in PROVING:
            return False
        return statement if self._counts(statement.value, now) else False

    def _counts(self, value: Any, now: datetime) -> bool:
        if value is None or value == "":
            return False
        if self.among is not None and value not in self.among:
            return False
        if self.equals is not None and value != self.equals:
            return False
        return not self.not_after_now or _not_after(value, now)


class Proving(_Template):
    """A named condition: when all its parts are met, the step is complete."""

    name: str
    zh: str
    en: str
    all: tuple[Condition, ...]

    def fields(self) -> Iterator[str]:
        """Record fields that any part reads."""
        for condition in self.all:
            yield from condition.names()


class Support(Condition):
    """Evidence for the step's owner: shown beside the step, never completing it, with the reason in words."""

    zh: str
    en: str


@dataclass(frozen=True)
class Proven:
    """A step is complete: by which named proof, as the event carries it."""

    name: str
    zh: str
    en: str
    proof: Proof


@dataclass(frozen=True)
class Shown:
    """One piece of supporting evidence: the field, what it says and whether it speaks for the step (None: unknown)."""

    field: str
    value: Any
    stated_by: str | None
    met: bool | None
    zh: str
    en: str


def proven(provings: Sequence[Proving], record: Record, now: datetime) -> Proven | None:
    """The first named proof that the record meets now, linked to the newest fact among its fields; None for none."""
    for proving in provings:
        found = [condition.met(record, now) for condition in proving.all]
        statements = [
            (condition.field or condition.or_field or "", statement)
            for condition, statement in zip(proving.all, found, strict=True)
            if isinstance(statement, Statement)
        ]
        if all(found) and statements:
            field, newest = max(statements, key=lambda pair: pair[1].as_of)
            return Proven(proving.name, proving.zh, proving.en, _linked(field, newest))
    return None


def supports(provings: Sequence[Support], record: Record, now: datetime) -> list[Shown]:
    """What the record says for a step, as far as it says anything."""
    return [_shown(one, record, now) for one in provings]


def _shown(one: Support, record: Record, now: datetime) -> Shown:
    field = one.field or one.or_field or ""
    statement = record.fields.get(field)
    if statement is None:
        return Shown(field, None, None, None, one.zh, one.en)
    return Shown(field, statement.value, statement.stated_by, bool(one.met(record, now)), one.zh, one.en)


def _linked(field: str, statement: Statement) -> Proof:
    if statement.fact_id is not None:
        return Proof(fact_id=statement.fact_id, field=field, stated_by=statement.stated_by)
    # Stated by an officer in the registry: there is no fact, the basis they gave is the document.
    return Proof(document=statement.basis, field=field, stated_by=statement.stated_by)


def _not_after(value: Any, now: datetime) -> bool:
    """A date that is still to come proves nothing; neither does a bare month or a text that is no date."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).date() <= shanghai_day(now)
    if isinstance(value, date):
        return value <= shanghai_day(now)
    try:
        return date.fromisoformat(str(value)[:10]) <= shanghai_day(now)
    except ValueError:
        return False
