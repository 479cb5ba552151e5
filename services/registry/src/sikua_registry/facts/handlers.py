"""What departments and the scheduler say about a project becomes part of its record, in whichever order it is heard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sikua_chassis.flow import NotYet
from sikua_chassis.session import Session
from sikua_contracts.bridges import FactReported, FactUnavailable, FactWithdrawn
from sikua_contracts.envelope import Event, Said
from sikua_contracts.registry import ProjectAdvanced, ProjectEnriched, Statement
from sikua_contracts.scheduler import StepCompleted, StepReopened, StepSkipped, StepState
from sikua_contracts.words import ProjectStatus, Quality, StepCode

from sikua_registry import progress
from sikua_registry.facts import store
from sikua_registry.merging import Fact
from sikua_registry.progress import Progress
from sikua_registry.projects import store as projects
from sikua_registry.projects.handlers import Story, put
from sikua_registry.projects.store import Stored
from sikua_registry.record import Project, changed_fields, composed, record_of, stage_of


async def enrich(session: Session, event: Event[FactReported]) -> NotYet | None:
    """A department stated a row: keep it whole, and merge what may be shared into the record."""
    said = event.data
    stored = await _standing(session, said.project_id)
    if stored is None:
        return _unknown(said.project_id)
    store.has_spoken(session, stored.project.id, said.department, said.dataset)
    if any(fact.id == said.fact_id for fact in stored.facts):
        return None
    fact = _fact(said, stored.project.id)
    store.keep(session, fact, stated_for=said.project_id)
    _merge(session, replace(stored, facts=[*stored.facts, fact]), said.department, fact.id)
    return None


async def withdraw(session: Session, event: Event[FactWithdrawn]) -> NotYet | None:
    """A department takes a fact back: the record falls back to what remains."""
    said = event.data
    stored = await _standing(session, said.project_id)
    if stored is None:
        return _unknown(said.project_id)
    if all(fact.id != said.fact_id for fact in stored.facts):
        return NotYet(f"fact {said.fact_id} was not heard yet")
    store.withdraw(session, said.fact_id, said.reason)
    remaining = [
        fact.model_copy(update={"withdrawn_reason": said.reason}) if fact.id == said.fact_id else fact
        for fact in stored.facts
    ]
    _merge(session, replace(stored, facts=remaining), said.department, said.fact_id, said.reason)
    return None


async def note_unavailable(session: Session, event: Event[FactUnavailable]) -> NotYet | None:
    """A department was asked and had nothing to say: shown beside the facts, the record stays."""
    said = event.data
    stored = await _standing(session, said.project_id)
    if stored is None:
        return _unknown(said.project_id)
    store.keep_unavailable(session, stored.project.id, said)
    return None


async def advance(session: Session, event: Event[StepCompleted]) -> NotYet | None:
    """The scheduler says that a step is complete: the stage moves."""
    return await _move(session, event, event.data.step, progress.completing)


async def fall_back(session: Session, event: Event[StepReopened]) -> NotYet | None:
    """The scheduler says that a step is open again: the stage falls back."""
    return await _move(session, event, event.data.step, progress.reopening)


async def pass_over(session: Session, event: Event[StepSkipped]) -> NotYet | None:
    """The scheduler says that a step does not apply: one that was opened again holds the stage back no longer."""
    return await _move(session, event, event.data.step, progress.skipping)


async def _move(session: Session, event: Event[Any], step: StepState, moving: Any) -> NotYet | None:
    if step.item is not None:
        return None
    stored = await _standing(session, step.project_id, follow=False)
    if stored is None:
        return _unknown(step.project_id)
    before = stored.project
    moved: Progress = moving(before.progress, step.code)
    if moved == before.progress:
        return None
    stated = Statement(
        value=None, stated_by="scheduler", as_of=event.time, basis=f"step {step.step_id}", quality=Quality.CONFIRMED
    )
    after = stage_of(before, moved, stated)
    story = Story("advanced", event.source, None, ("stage",))
    _remember(session, put(session, stored, after, story, _advanced(step.code)))
    return None


def _merge(session: Session, stored: Stored, department: str, fact_id: str, reason: str | None = None) -> None:
    before = stored.project
    after = composed(before, stored.facts)
    changed = changed_fields(before, after)
    if not changed and after.disagreeing == before.disagreeing:
        _remember(session, stored)
        return
    story = Story("enriched", department, reason, tuple(changed))
    _remember(session, put(session, stored, after, story, _enriched(changed, fact_id, reason)))


def _enriched(changed: list[str], fact_id: str, withdrawn: str | None) -> Any:
    def said(after: Project) -> Said:
        return ProjectEnriched(
            record=record_of(after),
            changed=changed,
            fact_ids=[fact_id],
            disagreeing=after.disagreeing,
            withdrawn_reason=withdrawn,
        )

    return said


def _advanced(step: StepCode) -> Any:
    def said(after: Project) -> Said:
        return ProjectAdvanced(record=record_of(after), step=step)

    return said


async def _standing(session: Session, project_id: str, *, follow: bool = True) -> Stored | None:
    """The project, locked, as this batch has left it; a merged one stands for the one it went into."""
    known: Stored | None = session.memo.get(project_id)
    stored = known or await projects.locked(session, project_id)
    if stored is not None:
        session.memo[project_id] = stored
        if follow and stored.project.status is ProjectStatus.MERGED and stored.project.merged_into is not None:
            return await _standing(session, stored.project.merged_into)
    return stored


def _remember(session: Session, stored: Stored) -> None:
    session.memo[stored.project.id] = stored


def _unknown(project_id: str) -> NotYet:
    return NotYet(f"project {project_id} is not registered yet")


def _fact(said: FactReported, project_id: str) -> Fact:
    return Fact(
        id=said.fact_id,
        project_id=project_id,
        department=said.department,
        dataset=said.dataset,
        values=said.values,
        as_of=said.as_of,
        basis=said.basis,
        quality=said.quality,
        resource_id=said.resource_id,
        batch_id=said.batch_id,
        row_hash=said.row_hash,
    )
