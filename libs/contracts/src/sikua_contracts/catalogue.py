"""The catalogue: every field that may be shared, who provides it, its level, its sharing attribute and legal basis.

A field that several departments hold has one source department (数源部门, Order 809 art. 19). What is not registered here
may not be shared: its level is L4.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from enum import StrEnum
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from sikua_contracts.envelope import Level

SHAREABLE = frozenset({Level.L1, Level.L2})

SOURCES = {
    "uscc": "market_regulation",
    "industry_code": "reform",
    "total_investment_wan": "reform",
    "contract_capital_wan_usd": "commerce",
}
"""Source department of fields that several departments provide."""

_KEPT_BACK = {"credit_score": "not copied out of the tax office", "legal_rep_id": "not collected"}


class Sharing(StrEnum):
    """The only three sharing attributes there are (Order 809)."""

    UNCONDITIONAL = "UNCONDITIONAL"
    CONDITIONAL = "CONDITIONAL"
    NOT_SHARED = "NOT_SHARED"


class Dataset(BaseModel):
    """One registered resource of a department. `freshness_days` None: what was said stays said until it changes."""

    model_config = ConfigDict(frozen=True)

    slug: str
    department: str
    department_zh: str
    name_zh: str
    freshness_days: int | None
    legal_basis: str


class Entry(BaseModel):
    """One field of one dataset. `level` is the lower one where the list gives a range; `level_note` says the rest."""

    model_config = ConfigDict(frozen=True)

    department: str
    dataset: str
    field: str
    name_zh: str
    type: str
    example: str
    level: Level
    level_note: str
    frequency: str
    sharing: Sharing
    legal_basis: str
    freshness_days: int | None
    note: str


class Catalogue:
    """All entries, found by dataset and field. Never changes while running."""

    def __init__(self, datasets: Iterable[Dataset], entries: Iterable[Entry]) -> None:
        self.datasets = {dataset.slug: dataset for dataset in datasets}
        self.entries = tuple(entries)
        self._by_place = {(entry.dataset, entry.field): entry for entry in self.entries}
        self._by_field: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self._by_field.setdefault(entry.field, []).append(entry)
        self._shareable = frozenset(field for field, bearers in self._by_field.items() if _may_be_shared(bearers))

    def find(self, dataset: str, field: str) -> Entry | None:
        """The entry of a field in a dataset (`tax.paid`, `tax_paid_band`); None when it is not registered."""
        return self._by_place.get((dataset, field))

    def fields(self, dataset: str) -> tuple[Entry, ...]:
        """The entries of a dataset, in the order of the list; empty when there is no such dataset."""
        return tuple(entry for entry in self.entries if entry.dataset == dataset)

    def named(self, field: str) -> Entry | None:
        """The entry of a field at its source department, whichever datasets bear it; None when not registered."""
        bearers = self._by_field.get(field)
        if not bearers:
            return None
        source = SOURCES.get(field)
        return next((entry for entry in bearers if entry.department == source), bearers[0])

    def source_department(self, field: str) -> str | None:
        """The department whose word on the field counts first; None when the field is not registered."""
        entry = self.named(field)
        return entry.department if entry else None

    def level(self, field: str) -> Level:
        """The field's level, the highest where datasets differ. A field that is not registered counts as L4."""
        bearers = self._by_field.get(field)
        return max(entry.level for entry in bearers) if bearers else Level.L4

    def may_be_shared(self, field: str) -> bool:
        """Whether topics, feeds and notices may carry the field: registered, level L1 or L2, and not kept back."""
        return field in self._shareable


def _may_be_shared(bearers: Iterable[Entry]) -> bool:
    return all(entry.level in SHAREABLE and entry.sharing is not Sharing.NOT_SHARED for entry in bearers)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("sikua_contracts").joinpath("data", name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _dataset(row: dict[str, str]) -> Dataset:
    return Dataset(
        slug=row["slug"],
        department=row["slug"].partition(".")[0],
        department_zh=row["department_zh"],
        name_zh=row["dataset_zh"],
        freshness_days=int(row["freshness_days"]) if row["freshness_days"] else None,
        legal_basis=row["legal_basis"],
    )


def _entry(row: dict[str, str], dataset: Dataset) -> Entry:
    stated = row["sensitivity"]
    field = row["field_en"]
    return Entry(
        department=dataset.department,
        dataset=dataset.slug,
        field=field,
        name_zh=row["field_zh"],
        type=row["type"],
        example=row["example"],
        level=Level(stated[:2]),
        level_note=_level_note(stated),
        frequency=row["update_frequency"],
        sharing=_sharing(field, row["sharing_attribute_suggested"]),
        legal_basis=dataset.legal_basis,
        freshness_days=dataset.freshness_days,
        note=_KEPT_BACK.get(field, row["note"]),
    )


def _level_note(stated: str) -> str:
    rest = stated[2:].strip(" ()")
    return f"up to {rest[1:]} by amount" if rest.startswith("-") else rest


def _sharing(field: str, suggested: str) -> Sharing:
    """Two attributes suggested at once: the stricter one holds until the data authority has decided."""
    if field in _KEPT_BACK:
        return Sharing.NOT_SHARED
    return Sharing.CONDITIONAL if "/" in suggested else Sharing(suggested)


def _load() -> Catalogue:
    listed = _rows("datasets.csv")
    by_name = {(row["department"], row["dataset_zh"]): _dataset(row) for row in listed}
    entries = [
        _entry(row, by_name[row["department"].split()[0], row["dataset"].split()[0]])
        for row in _rows("field_catalog.csv") + _rows("registry_fields.csv")
    ]
    return Catalogue(by_name.values(), entries)


CATALOGUE = _load()
