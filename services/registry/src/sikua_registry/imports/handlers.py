"""A file is examined, held against what is registered, and its projects enter in bounded chunks of one unit of work."""

from __future__ import annotations

import asyncio

from sikua_chassis import outbox
from sikua_chassis.errors import FieldError, Invalid
from sikua_chassis.session import Session
from sikua_contracts.envelope import new_id
from sikua_contracts.registry import ProjectRegistered

from sikua_registry.imports import deciding, store
from sikua_registry.imports.entering import entered
from sikua_registry.imports.examining import Examined, examine
from sikua_registry.imports.matching import import_key
from sikua_registry.imports.reading import Unreadable
from sikua_registry.imports.report import ImportReport
from sikua_registry.imports.rows import ReadRow
from sikua_registry.projects import store as projects
from sikua_registry.record import record_of

CHUNK = 200


async def take(session: Session, content: bytes, *, source: str, dry_run: bool, fill_down: bool) -> ImportReport:
    """Take a ledger in, or with `dry_run` say what would become of it. Raises Invalid for a file that can't be read."""
    examined = await _examined(content, fill_down)
    await store.take_turn(session)
    same_file_as = await store.same_file(session, examined.sha256)
    decided = deciding.decide(examined, await store.namesakes(session, examined.name_keys))
    summary = deciding.summarise(examined, decided, source=source, dry_run=dry_run, same_file_as=same_file_as)
    if dry_run:
        return ImportReport(id=None, summary=summary, rows=list(decided.reports.values()))
    by = session.actor.sub if session.actor else session.service
    for number, read in enumerate(decided.entering, start=1):
        decided.reports[read.line].project = _enter(session, read, source, by)
        if number % CHUNK == 0:
            await session.flush()
    report = ImportReport(id=new_id(), summary=summary, rows=list(decided.reports.values()))
    store.keep(session, report, by)
    return report


async def _examined(content: bytes, fill_down: bool) -> Examined:
    try:
        return await asyncio.to_thread(examine, content, fill_down=fill_down)
    except Unreadable as unreadable:
        raise Invalid(errors=[FieldError("", str(unreadable), f"{len(content)} bytes", "unreadable")]) from unreadable


def _enter(session: Session, read: ReadRow, source: str, by: str) -> str:
    project = entered(new_id(), read, source=source, now=session.now)
    projects.add(session, project, by=by, import_key=import_key(project.name, read.divisions))
    outbox.publish(session, ProjectRegistered(record=record_of(project), started=project.started, registered_by=by))
    return project.id
