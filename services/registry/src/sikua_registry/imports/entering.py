"""A row of a ledger becomes a project that is historic from the start and says of each field which line it rests on."""

from __future__ import annotations

from datetime import date, datetime

from sikua_contracts.registry import Crossing, Statement
from sikua_contracts.words import StepCode
from sikua_rules.business_time import SHANGHAI

from sikua_registry import declaring, progress
from sikua_registry.declaring import Voice
from sikua_registry.imports.rows import ReadRow
from sikua_registry.record import Project, composed


def entered(project_id: str, read: ReadRow, *, source: str, now: datetime) -> Project:
    """The project of a row, as of the day the ledger's information is from, where that is known to the day."""
    voice = Voice("import", _as_of(read.source_date, now), _basis(read, source), read.quality)
    opened = declaring.opened(project_id, read.values, voice)
    declared = [Crossing(kind=kind, declared=True, reason=_declared(read, source)) for kind in read.crossings]
    return composed(
        opened.model_copy(
            update={
                "historic": True,
                "started": read.started,
                "declared_crossings": declared,
                "held": list(read.held),
                "progress": progress.up_to(read.stage),
                "stage": _stage(read.stage, voice),
            }
        )
    )


def _stage(stage: StepCode | None, voice: Voice) -> Statement | None:
    return None if stage is None else voice.says(stage.value)


def _as_of(source_date: str | None, now: datetime) -> datetime:
    """A month or a year is no moment: then it is as of now, when it was told to us."""
    if source_date is None or len(source_date) != len("2020-02-13"):
        return now
    midnight = datetime.combine(date.fromisoformat(source_date), datetime.min.time(), SHANGHAI)
    return min(midnight.astimezone(now.tzinfo), now)


def _basis(read: ReadRow, source: str) -> str:
    parts = [f"{source} 第{read.line}行 · line {read.line}"]
    if read.source_date is not None:
        parts.append(read.source_date)
    if read.info_source is not None:
        parts.append(read.info_source)
    return "，".join(parts)


def _declared(read: ReadRow, source: str) -> str:
    return f"台账载明（{source} 第{read.line}行）· stated in the ledger, line {read.line}"
