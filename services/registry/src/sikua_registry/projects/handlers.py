"""What an officer may do with a project: load it, ask the pure part, put the new version in place, say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sikua_chassis import outbox
from sikua_chassis.api import changed as version_changed
from sikua_chassis.auth.principal import Principal
from sikua_chassis.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from sikua_chassis.session import Session
from sikua_contracts.envelope import Said, new_id
from sikua_contracts.registry import (
    ProjectAmended,
    ProjectClosed,
    ProjectCrossed,
    ProjectEnriched,
    ProjectMerged,
    ProjectRegistered,
    ProjectReopened,
    ProjectResumed,
    ProjectSuspended,
    Record,
)
from sikua_contracts.words import ProjectStatus

from sikua_registry import crossing, declaring, life
from sikua_registry.declaring import Voice
from sikua_registry.life import Act
from sikua_registry.projects import store
from sikua_registry.projects.forms import Amendment, CrossingOrder, MergeOrder, NewProject, Order
from sikua_registry.projects.store import Stored
from sikua_registry.record import Project, changed_fields, composed, record_of
from sikua_registry.visibility import visible

ORDERS: dict[Act, type[ProjectSuspended | ProjectResumed | ProjectClosed | ProjectReopened]] = {
    Act.SUSPEND: ProjectSuspended,
    Act.RESUME: ProjectResumed,
    Act.CLOSE: ProjectClosed,
    Act.REOPEN: ProjectReopened,
}


@dataclass(frozen=True)
class Story:
    """How a new version came to be: the event's last word, who, why, and what changed."""

    said: str
    by: str
    reason: str | None = None
    changed: tuple[str, ...] = ()


async def register(session: Session, form: NewProject) -> tuple[Project, Record]:
    """Register a project; the record is what was said of it. Reads nothing, so that all of it leaves as one statement."""
    if not visible(form.divisions, session.actor):
        raise Forbidden("只能登记本区市的项目 · only projects of your own divisions can be registered")
    project = declaring.opened(new_id(), form.stated(), _voice(session, form.basis))
    by, record = _by(session), record_of(project)
    store.add(session, project, by=by)
    outbox.publish(session, ProjectRegistered(record=record, started=False, registered_by=by))
    return project, record


async def amend(session: Session, project_id: str, version: int, form: Amendment) -> Project:
    """Change declared fields of the version named; a change that changes nothing says nothing."""
    stored = await _mine(session, project_id)
    project = stored.project
    if project.version != version:
        raise version_changed(project.version)
    if project.status not in life.AMENDABLE:
        raise Conflict(f"项目状态为 {project.status}，不能修改 · a project that is {project.status} can't be amended")
    values = form.stated()
    changed = declaring.really_changed(project, values)
    if not changed:
        return project
    stated = {field: values[field] for field in changed}
    amended = declaring.amended(project, stated, _voice(session, form.basis), stored.facts)
    story = Story("amended", _by(session), None, tuple(changed))

    def said(after: Project) -> Said:
        return ProjectAmended(record=record_of(after), changed=changed, amended_by=story.by)

    return put(session, stored, amended, story, said).project


async def order(session: Session, project_id: str, act: Act, form: Order) -> Project:
    """Suspend, resume, close or reopen, if the project's status allows it."""
    stored = await _mine(session, project_id)
    project = stored.project
    _require(act, project)
    transition = life.TRANSITIONS[act]
    event = ORDERS[act]
    story = Story(_word(event), _by(session), form.reason)

    def said(after: Project) -> Said:
        return event(record=record_of(after), reason=form.reason, document=form.document, ordered_by=story.by)

    return put(session, stored, project.model_copy(update={"status": transition.to}), story, said).project


async def merge(session: Session, project_id: str, form: MergeOrder) -> Project:
    """Two entries were one project: this one ends, its facts and declarations go to the one that stays."""
    if form.into == project_id:
        raise Invalid(errors=[FieldError("/into", "另一个项目 · another project", form.into)])
    loaded = {key: await store.locked(session, key) for key in sorted((project_id, form.into))}
    ending, staying = _seen(session, loaded[project_id]), loaded[form.into]
    if staying is None or not visible(staying.project.divisions, session.actor):
        raise Invalid(errors=[FieldError("/into", "已登记的项目 · a registered project", form.into)])
    _require(Act.MERGE, ending.project)
    if staying.project.status not in life.AMENDABLE:
        raise Conflict(
            f"目标项目状态为 {staying.project.status} · the project to merge into is {staying.project.status}"
        )
    by = _by(session)
    _absorb(session, staying, ending, by, form.reason)
    ended = ending.project.model_copy(update={"status": ProjectStatus.MERGED, "merged_into": form.into})
    story = Story("merged", by, form.reason)

    def said(after: Project) -> Said:
        return ProjectMerged(record=record_of(after), into=form.into, merged_by=by)

    return put(session, ending, ended, story, said).project


async def cross(session: Session, project_id: str, form: CrossingOrder) -> Project:
    """Declare a crossing with its reason, or withdraw one that was declared. What the rule found stays."""
    stored = await _mine(session, project_id)
    project = stored.project
    if project.status not in life.AMENDABLE:
        raise Conflict(f"项目状态为 {project.status} · the project is {project.status}")
    declared = {found.kind for found in project.declared_crossings}
    if form.declare:
        after = declaring.declaring(project, form.kind, form.reason, stored.facts)
    elif form.kind in declared:
        after = declaring.withdrawing(project, form.kind, stored.facts)
    elif form.kind in crossing.kinds(project.crossings):
        raise Conflict("由规则得出的四跨不能撤回 · a crossing found by rule can't be withdrawn; amend what it rests on")
    else:
        raise Conflict("没有声明过这项四跨 · this crossing was not declared")
    story = Story("crossed", _by(session), form.reason, (form.kind.value,))
    return put(session, stored, after, story).project


def put(session: Session, stored: Stored, after: Project, story: Story, said: Any = None) -> Stored:
    """Put the next version in place and say it; a change of crossings is said of the same version."""
    before = stored.project
    numbered = after.model_copy(update={"version": before.version + 1})
    placed = store.replace(
        session, stored, numbered, said=story.said, by=story.by, reason=story.reason, changed=story.changed
    )
    if said is not None:
        outbox.publish(session, said(numbered))
    was, now = crossing.kinds(before.crossings), crossing.kinds(numbered.crossings)
    if was != now:
        outbox.publish(
            session,
            ProjectCrossed(
                record=record_of(numbered),
                added=[kind for kind in now if kind not in was],
                removed=[kind for kind in was if kind not in now],
            ),
        )
    return placed


def _absorb(session: Session, staying: Stored, ending: Stored, by: str, reason: str) -> None:
    """What only the ending project knew goes to the staying one, with its provenance."""
    store.move_facts(session, ending.project.id, staying.project.id)
    declared = ending.project.declared | staying.project.declared
    for field in ("divisions", "uscc", "project_codes", "industries", "origins", "campaigns", "task_forces"):
        together = list(dict.fromkeys([*staying.project.many(field), *ending.project.many(field)]))
        if together != staying.project.many(field):
            source = staying.project.declared.get(field) or ending.project.declared[field]
            declared[field] = source.model_copy(update={"value": together})
    richer = composed(staying.project.model_copy(update={"declared": declared}), [*staying.facts, *ending.facts])
    changed = sorted({*changed_fields(staying.project, richer), *_identity_changes(staying.project, richer)})
    if not changed:
        return
    fact_ids = sorted(fact.id for fact in ending.facts)

    def said(after: Project) -> Said:
        return ProjectEnriched(
            record=record_of(after), changed=changed, fact_ids=fact_ids, disagreeing=after.disagreeing
        )

    put(session, staying, richer, Story("enriched", by, reason, tuple(changed)), said)


def _identity_changes(before: Project, after: Project) -> set[str]:
    return {name for name in ("divisions", "origins", "zone") if before.value(name) != after.value(name)}


async def _mine(session: Session, project_id: str) -> Stored:
    return _seen(session, await store.locked(session, project_id))


def _seen(session: Session, stored: Stored | None) -> Stored:
    if stored is None or not visible(stored.project.divisions, session.actor):
        raise NotFound("没有这个项目 · no such project")
    return stored


def _require(act: Act, project: Project) -> None:
    refused = life.refused(act, project.status)
    if refused is not None:
        raise Conflict(refused)


def _voice(session: Session, basis: str | None) -> Voice:
    actor = session.actor
    unit = (actor.unit or actor.name or actor.sub) if actor else session.service
    return Voice("registry", session.now, basis or f"{unit} 登记 · registered by {unit}")


def _by(session: Session) -> str:
    actor: Principal | None = session.actor
    return actor.sub if actor else session.service


def _word(event: type[Said]) -> str:
    return event.type.split(".")[-2]
