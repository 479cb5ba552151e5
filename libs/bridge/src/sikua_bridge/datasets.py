"""A dataset of a department: which key finds it, which fields it carries, how long it is fresh, how its rows are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sikua_contracts.registry import Record

from sikua_bridge.answers import Row
from sikua_bridge.fields import Field, WrongValue, text

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What reading a document of the wrong form may raise; anything else is a fault of ours and is raised."""


class KeyKind(StrEnum):
    """By what a department finds its rows."""

    NAME = "name"
    PROJECT_CODE = "project_code"
    USCC = "uscc"
    PROJECT_ID = "project_id"


@dataclass(frozen=True)
class Mapped:
    """A row in our words. `keys` are those the row itself names; `basis` is the paper or list it rests on.

    `settled`: nothing more is expected to change, so it need not be asked for at the usual pace.
    """

    values: Mapping[str, Any]
    as_of: datetime
    basis: str
    name: str = ""
    divisions: tuple[str, ...] = ()
    keys: Mapping[KeyKind, str] = field(default_factory=dict)
    settled: bool = False


@dataclass(frozen=True)
class Unmappable:
    """A row that can't be stated, with a named reason; it goes to quarantine."""

    reason: str


def always(_record: Record) -> bool:
    """Ask for every project that has the key."""
    return True


@dataclass(frozen=True)
class Dataset:
    """One dataset. `keys` in order of preference: a project is asked by the first of them that it has.

    `fresh_days` (calendar days of business time) is how long an answer counts as fresh; then it is asked for again.
    `asked_for` says for which projects the department is asked at all.
    """

    slug: str
    department: str
    title_zh: str
    title_en: str
    keys: tuple[KeyKind, ...]
    fields: tuple[Field, ...]
    fresh_days: int
    resource_id: str
    read: Callable[[Row], Mapped | Unmappable]
    absent_days: int = 60
    settled_days: int = 180
    asked_for: Callable[[Record], bool] = always

    def checked(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Values in their written form, and for each wrong or unknown field what was expected."""
        known = {carried.name: carried for carried in self.fields}
        good: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for name, value in values.items():
            if name not in known:
                wrong[name] = "a field that this dataset carries: " + ", ".join(known)
                continue
            try:
                good[name] = known[name].check(value)
            except WrongValue as problem:
                wrong[name] = str(problem)
        return good, wrong

    def mapped(self, row: Row, latest: datetime) -> Mapped | Unmappable:
        """Read a row of the department; anything in it that does not fit makes it unmappable, with every field named.

        A row as of later than `latest` would stand for ever against what is stated in time. Reasons name fields and what
        was expected, never a value: who may read them may not see all values.
        """
        try:
            found = self.read(row)
        except UNREADABLE as problem:
            return Unmappable(f"unreadable_row: {flaw(problem)}")
        if isinstance(found, Unmappable):
            return found
        present = {name: value for name, value in found.values.items() if value is not None}
        good, wrong = self.checked(present)
        basis = found.basis
        try:
            basis = text(found.basis)
        except WrongValue as problem:
            wrong["basis"] = str(problem)
        if found.as_of > latest:
            wrong["as_of"] = "a moment that has come"
        if wrong:
            return Unmappable("wrong_values: " + "; ".join(f"{name}: expected {why}" for name, why in wrong.items()))
        return replace(found, values=good, basis=basis)

    def answering(self, row: Row, asked: tuple[KeyKind, str] | None, latest: datetime) -> Mapped | Unmappable:
        """Read a row that answers a question by this key (None: it was pushed); a row about another key is unmappable."""
        found = self.mapped(row, latest)
        if isinstance(found, Mapped) and asked is not None and asked[0] is not KeyKind.NAME:
            named = found.keys.get(asked[0], asked[1])
            if named != asked[1]:
                return Unmappable(f"answers_another_key: asked for {asked[1]}, got {named}")
        return found


def flaw(problem: BaseException) -> str:
    """What was wrong with a document, without any value of it."""
    if isinstance(problem, WrongValue):
        return f"expected {problem}"
    if isinstance(problem, KeyError):
        return f"missing {problem}"
    return type(problem).__name__


def row_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over the row's canonical JSON: the same row said twice has the same hash."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
