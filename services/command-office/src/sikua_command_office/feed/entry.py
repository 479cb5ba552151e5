"""An entry of the feed as readers get it, over REST and as one server-sent event."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel


class Entry(BaseModel):
    """What happened, under its number. `data` is the event's own, with nothing above L2; `time` is business time."""

    number: int
    id: str
    type: str
    source: str
    sequence: int
    project_id: str | None
    project_name: str | None
    time: AwareDatetime
    recorded_at: AwareDatetime
    correlation_id: str | None
    sentence_zh: str
    sentence_en: str
    data: Any


class EntryPage(BaseModel):
    """Entries, and the number to go on from: as `after` when rising, as `before` when falling; null at the end."""

    items: list[Entry]
    next: int | None


def entry_of_row(row: Any) -> Entry:
    """An entry from its row."""
    return Entry(
        number=row["number"],
        id=row["event_id"],
        type=row["type"],
        source=row["source"],
        sequence=row["sequence"],
        project_id=row["project_id"],
        project_name=row["project_name"],
        time=row["time"],
        recorded_at=row["recorded_at"],
        correlation_id=row["correlation_id"],
        sentence_zh=row["sentence_zh"],
        sentence_en=row["sentence_en"],
        data=row["data"],
    )


def sent(entry: Entry) -> bytes:
    """The entry as a server-sent event (HTML standard §9.2): its number is the id that a reader resumes from."""
    return f"id: {entry.number}\nevent: {entry.type}\ndata: {entry.model_dump_json()}\n\n".encode()


def glance(entry: Entry) -> bytes:
    """The same number as an unnamed event that tells only when and to which project something happened."""
    shown = _Glance(number=entry.number, project_id=entry.project_id).model_dump_json()
    return f"id: {entry.number}\ndata: {shown}\n\n".encode()


class _Glance(BaseModel):
    number: int
    project_id: str | None
