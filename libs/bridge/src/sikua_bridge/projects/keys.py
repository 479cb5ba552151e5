"""Which keys a project's record shows, and which enquiries follow from them.

Only keys count, whatever event brought the record: a fact that comes back as a changed record shows no new key, so
nothing is asked because of it and no circle can close.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sikua_contracts.registry import Record
from sikua_contracts.words import ProjectStatus
from sikua_rules.characters import trimmed

from sikua_bridge.datasets import Dataset, KeyKind

_ENDED = frozenset({ProjectStatus.CLOSED, ProjectStatus.MERGED})


@dataclass(frozen=True)
class Wanted:
    """One question that should be asked: which dataset, by which key."""

    dataset: str
    kind: KeyKind
    key: str


def name_key(name: str, divisions: Iterable[str]) -> str:
    """The key of a project by name: its first division and its name as written, because the department is asked by it."""
    return f"{next(iter(divisions), '')}|{trimmed(name)}"


def named_by(key: str) -> tuple[str, str]:
    """Division (may be empty) and name of a key made by `name_key`."""
    division, _, name = key.partition("|")
    return division, name


def keys_of(record: Record) -> dict[KeyKind, tuple[str, ...]]:
    """The keys of a record by kind; the project's own id is one of them."""
    return {
        KeyKind.PROJECT_ID: (record.project_id,),
        KeyKind.NAME: (name_key(record.name, record.divisions),),
        KeyKind.PROJECT_CODE: tuple(record.project_codes),
        KeyKind.USCC: tuple(record.uscc),
    }


def is_active(record: Record) -> bool:
    """Whether a department is still asked about it."""
    return record.status not in _ENDED


def signature(record: Record, datasets: Iterable[Dataset]) -> str:
    """Changes exactly when something changes that enquiries or linking depend on."""
    asked = [dataset.slug for dataset in datasets if dataset.asked_for(record)]
    seen = [record.name, record.divisions, record.uscc, record.project_codes, is_active(record), asked]
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()


def wanted(record: Record, datasets: Iterable[Dataset], asked_by: Mapping[str, KeyKind]) -> list[Wanted]:
    """Questions that this record calls for. A dataset once asked by one kind of key (`asked_by`) stays with that kind."""
    keys = keys_of(record)
    found: list[Wanted] = []
    for dataset in datasets:
        if not dataset.asked_for(record):
            continue
        before = asked_by.get(dataset.slug)
        kinds = (before,) if before is not None else dataset.keys
        kind = next((kind for kind in kinds if keys[kind]), None)
        if kind is not None:
            found.extend(Wanted(dataset.slug, kind, key) for key in keys[kind])
    return found
