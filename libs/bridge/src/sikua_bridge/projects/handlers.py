"""What follows when the registry speaks of a project: its keys are noted, questions follow from new ones, waiting rows leave.

Any event that carries the record is looked at, and only for its keys; see `keys.py` for why that can't turn in a circle.
"""

from __future__ import annotations

from typing import Any

from sikua_chassis.flow import Hears, NotYet
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.registry import (
    ProjectAmended,
    ProjectClosed,
    ProjectEnriched,
    ProjectMerged,
    ProjectRegistered,
    ProjectReopened,
    Record,
)

from sikua_bridge.datasets import KeyKind
from sikua_bridge.enquiries import store as enquiries
from sikua_bridge.facts.stating import catch_up, take_back
from sikua_bridge.linking import KnownProject
from sikua_bridge.links import store as links
from sikua_bridge.projects import keys, store
from sikua_bridge.tools import BridgeTools


async def note_registered(session: Session, event: Event[ProjectRegistered]) -> NotYet | None:
    """Note a project that nobody has spoken of before: its registration is the first event of its stream."""
    tools: BridgeTools = session.tools
    record = event.data.record
    await _note(session, record, keys.signature(record, tools.datasets), is_new=True)
    return None


async def note_project(session: Session, event: Event[Any]) -> NotYet | None:
    """Note the project as its record now shows it."""
    await _note_changed(session, event.data.record)
    return None


async def note_merged(session: Session, event: Event[ProjectMerged]) -> NotYet | None:
    """The project that ends gives its links to the one that stays, and with them what was stated under its keys."""
    ended, into = event.data.record, event.data.into
    if not await store.is_known(session, into):
        return NotYet(f"project {into}, which stays, is not known yet")
    await links.lock_keys(session, await links.keys_of(session, ended.project_id))
    moved = [(KeyKind(kind), key) for kind, key in await links.move(session, ended.project_id, into)]
    await catch_up(session, into, moved)
    await _note_changed(session, ended)
    return None


async def _note_changed(session: Session, record: Record) -> None:
    tools: BridgeTools = session.tools
    signature = keys.signature(record, tools.datasets)
    known = await store.signature_of(session, record.project_id)
    if known != signature:
        await _note(session, record, signature, is_new=known is None)


async def _note(session: Session, record: Record, signature: str, *, is_new: bool) -> None:
    """Of a new project nothing can have ended, and nothing was asked. Reads come first: what is written then leaves as one."""
    tools: BridgeTools = session.tools
    project_id, active = record.project_id, keys.is_active(record)
    borne = [(kind, key) for kind, each in keys.keys_of(record).items() for key in each]
    shown = [] if is_new else await links.keys_of(session, project_id, "record")
    gone = [(KeyKind(kind), key) for kind, key in shown if (kind, key) not in borne]
    await links.lock_keys(session, [*borne, *gone])
    if active and gone:
        await _end(session, project_id, gone)
    asked_by = await enquiries.kinds_asked(session, project_id) if active and not is_new else {}
    if active:
        await catch_up(session, project_id, borne)
    store.note(session, KnownProject(project_id, record.name, tuple(record.divisions)), active, signature)
    if active:
        links.make_shown(session, project_id, [(kind.value, key) for kind, key in borne])
        enquiries.open_enquiries(session, keys.wanted(record, tools.datasets, asked_by))
    else:
        await enquiries.rest(session, await links.keys_of(session, project_id))


async def _end(session: Session, project_id: str, gone: list[tuple[KeyKind, str]]) -> None:
    """The record shows these keys no more: what is another company's or project's is not stated for this one any longer.

    A project that was renamed is the same project: what was found by its old name stays.
    """
    await links.end(session, project_id, gone)
    await enquiries.rest(session, gone)
    await take_back(session, project_id, [(kind, key) for kind, key in gone if kind is not KeyKind.NAME])


HEARS = (
    Hears(ProjectRegistered, note_registered),
    Hears(ProjectAmended, note_project),
    Hears(ProjectEnriched, note_project),
    Hears(ProjectClosed, note_project),
    Hears(ProjectReopened, note_project),
    Hears(ProjectMerged, note_merged),
)
"""What every bridge hears, and why: these are the events that can bring or end a key."""
