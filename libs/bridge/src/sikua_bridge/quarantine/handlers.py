"""A person looks at what could not be read: closes it with a word, or lets it go on its way once it can be read."""

from __future__ import annotations

from typing import Any

from sikua_chassis.errors import Conflict, NotFound
from sikua_chassis.session import Session

from sikua_bridge.datasets import Dataset, KeyKind, Mapped, Unmappable
from sikua_bridge.documents import read_document
from sikua_bridge.enquiries import store as enquiries
from sikua_bridge.enquiries.schedule import latest_as_of
from sikua_bridge.facts.handlers import state_row
from sikua_bridge.facts.items import Verdict
from sikua_bridge.projects.keys import Wanted
from sikua_bridge.quarantine import store
from sikua_bridge.quarantine.store import Form, QuarantineState
from sikua_bridge.tools import BridgeTools


class StillUnreadable(Conflict):
    """409: it can't be read any better than when it came."""

    slug = "still-unreadable"
    title_zh = "仍无法读取"
    title_en = "It still cannot be read"


async def resolve(session: Session, quarantine_id: str, resolution: str, by: str) -> Any:
    """Close an open one. Raises NotFound, or Conflict when it is closed."""
    await _open(session, quarantine_id)
    return await store.close(session, quarantine_id, QuarantineState.RESOLVED, resolution, by)


async def release(session: Session, quarantine_id: str, by: str) -> tuple[Any, Verdict | None]:
    """Read a row again and state it; ask again for an answer that was unreadable as a whole (then without a verdict).

    Raises NotFound, Conflict when it is closed, StillUnreadable with the reason.
    """
    tools: BridgeTools = session.tools
    kept = await _open(session, quarantine_id)
    dataset = tools.by_slug[kept["dataset"]]
    verdict: Verdict | None = None
    if kept["form"] == Form.ANSWER:
        await enquiries.ask_now(session, Wanted(dataset.slug, KeyKind(kept["key_kind"]), kept["key"]), by)
        resolution = "已重新查询 · asked again"
    else:
        verdict = await _state(session, dataset, kept)
        resolution = f"已放行 · released: {verdict.verdict}"
    return await store.close(session, quarantine_id, QuarantineState.RELEASED, resolution, by), verdict


async def _state(session: Session, dataset: Dataset, kept: Any) -> Verdict:
    try:
        row = read_document(kept["raw"])
    except (ValueError, RecursionError) as problem:
        raise StillUnreadable("不是 JSON · it is no JSON") from problem
    asked = (KeyKind(kept["key_kind"]), kept["key"]) if kept["key_kind"] is not None else None
    found: Mapped | Unmappable = dataset.answering(row, asked, latest_as_of(session.now))
    if isinstance(found, Unmappable):
        raise StillUnreadable(found.reason)
    return await state_row(session, dataset, found, row, asked, simulated=kept["simulated"], batch_id=kept["batch_id"])


async def _open(session: Session, quarantine_id: str) -> Any:
    row = await store.locked(session, quarantine_id)
    if row is None:
        raise NotFound(f"隔离区没有该记录 · nothing in quarantine with id {quarantine_id}")
    if row["state"] != QuarantineState.OPEN:
        raise Conflict("已处理 · it was dealt with before")
    return row
