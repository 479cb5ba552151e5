"""What is stated, ready to leave: the values that may be disclosed, as of when, on what basis, of what quality.

A fact's id follows from dataset, project and row, so the same row said twice is one fact, whoever is quicker. Only after the
project's link to the row's key had ended and holds again is the row a fact of its own (`round`). Ids are shared more widely
than values: the namespace they are made in is the bridge's secret, so that no id can be used to try out what a row says.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sikua_contracts.bridges import FactReported, FactUnavailable, FieldValue
from sikua_contracts.words import Quality

from sikua_bridge.datasets import Dataset, KeyKind


def quality_of(simulated: bool) -> Quality:
    """What comes from the department's own system is confirmed, unless it says itself that it is made up."""
    return Quality.SIMULATED if simulated else Quality.CONFIRMED


@dataclass(frozen=True)
class Statement:
    """One row of one dataset under the key it came by; `document` is what is kept of it as JSON."""

    dataset: str
    department: str
    kind: KeyKind
    key: str
    document: dict[str, Any]
    row_hash: str
    batch_id: str | None = None
    unavailable: bool = False

    def id_for(self, namespace: uuid.UUID, project_id: str | None, round: int = 0) -> str:
        """The fact's id for a project (None: held, for no project yet)."""
        whose = project_id if project_id is not None else f"held:{self.kind}:{self.key}"
        again = f"|{round}" if round else ""
        return str(uuid.uuid5(namespace, f"{self.dataset}|{whose}|{self.row_hash}{again}"))

    def said_of(self, project_id: str, fact_id: str) -> FactReported | FactUnavailable:
        """The event that states it for one project."""
        if self.unavailable:
            return FactUnavailable(
                project_id=project_id, department=self.department, dataset=self.dataset, **self.document
            )
        return FactReported(
            project_id=project_id,
            department=self.department,
            dataset=self.dataset,
            fact_id=fact_id,
            row_hash=self.row_hash,
            batch_id=self.batch_id,
            **self.document,
        )


def reported(
    dataset: Dataset,
    kind: KeyKind,
    key: str,
    values: list[FieldValue],
    *,
    as_of: datetime,
    basis: str,
    quality: Quality,
    row_hash: str,
    batch_id: str | None = None,
) -> Statement:
    """A row that states something."""
    document = {
        "values": [value.model_dump(mode="json") for value in values],
        "as_of": as_of.isoformat(),
        "basis": basis,
        "quality": quality.value,
        "resource_id": dataset.resource_id,
    }
    return Statement(dataset.slug, dataset.department, kind, key, document, row_hash, batch_id)


def unavailable(
    dataset: Dataset,
    kind: KeyKind,
    key: str,
    *,
    reason: str,
    asked_at: datetime,
    ask_again_at: datetime,
    recorded_at: datetime,
) -> Statement:
    """An answer that brings nothing. `recorded_at`, real time, tells one such answer from the next."""
    document = {"reason": reason, "asked_at": asked_at.isoformat(), "ask_again_at": ask_again_at.isoformat()}
    news = f"unavailable|{key}|{recorded_at.isoformat()}"
    return Statement(dataset.slug, dataset.department, kind, key, document, news, unavailable=True)
