"""A project's page as its readers get it: facts with provenance, the plan, what holds it up and why it shows its light."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sikua_contracts.registry import Crossing
from sikua_contracts.words import Light, Owner, ProjectStatus, Quality, Rung, StepCode, TrackReason

from sikua_command_office.feed.entry import EntryPage
from sikua_command_office.freshness import Freshness
from sikua_command_office.names import department_name, field_name
from sikua_command_office.projects.cards import Project
from sikua_command_office.projects.disagreement import Disagreement
from sikua_command_office.views import OwnerView, StepView, owner_view


class ProjectLine(BaseModel):
    """A project in a list."""

    project_id: str
    name: str
    status: ProjectStatus
    divisions: list[str]
    zone: str | None
    stage: StepCode | None
    crossings: list[str]
    historic: bool


class ProjectPage(BaseModel):
    """Projects by name; `next` is the cursor of the following page."""

    items: list[ProjectLine]
    next: str | None


class FieldView(BaseModel):
    """One field of the record: value, who stated it, as of when, on what basis, of what quality, by which fact."""

    field: str
    name_zh: str
    name_en: str
    value: Any
    stated_by: str
    stated_by_zh: str
    stated_by_en: str
    as_of: AwareDatetime
    basis: str
    quality: Quality
    fact_id: str | None
    disagreeing: bool


class FactView(BaseModel):
    """A fact as its department stated it. `withheld` names fields above L2, whose values are nowhere here."""

    fact_id: str
    department: str
    department_zh: str
    department_en: str
    dataset: str
    values: list[Any]
    withheld: list[str]
    as_of: AwareDatetime | None
    basis: str | None
    quality: str | None
    stated_at: AwareDatetime | None
    withdrawn_at: AwareDatetime | None
    withdrawn_reason: str | None


class SilenceView(BaseModel):
    """A department that was asked and had nothing to say."""

    department: str
    dataset: str
    reason: str
    asked_at: AwareDatetime
    ask_again_at: AwareDatetime | None


class SideView(BaseModel):
    """What one department states about a field that is in dispute."""

    value: Any
    stated_by: str
    stated_by_zh: str
    as_of: AwareDatetime | None
    basis: str | None
    quality: str | None
    fact_id: str


class DisagreementView(BaseModel):
    """A field about which departments differ, side by side; `record_value` is what the record carries."""

    field: str
    name_zh: str
    name_en: str
    record_value: Any
    sides: list[SideView]


class WhyView(BaseModel):
    """Why an open step shows its light, since which day, in words."""

    step_id: str
    light: Light
    since: date | None
    overdue_working_days: int
    rung: Rung | None
    text_zh: str
    text_en: str


class HoldView(BaseModel):
    """What holds the project up at one step: whose turn it is, and the reason of a block or a pause."""

    step_id: str
    waiting_for: OwnerView
    blocked_reason: str | None
    paused_reason: str | None
    since: AwareDatetime | None


class EscalationView(BaseModel):
    """A rung that was reached, who accepted it, and how it ended."""

    escalation_id: str
    step_id: str
    rung: Rung
    recipients: list[OwnerView]
    reason: str | None
    overdue_working_days: int | None
    quiet: bool
    raised_at: AwareDatetime | None
    acknowledged_by: str | None
    acknowledged_at: AwareDatetime | None
    waits_until: AwareDatetime | None
    resolved_by: str | None
    resolved_at: AwareDatetime | None
    resolution: str | None


class TrackView(BaseModel):
    """Why, and since when, the project stands under the command office's scheduling."""

    track_id: str
    open: bool
    reasons: list[TrackReason]
    opened_by: str | None
    opened_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    closed_reason: str | None


class NoticeView(BaseModel):
    """A notice and what became of it."""

    notice_id: str
    step_id: str | None
    escalation_id: str | None
    owner: OwnerView
    recipient: str
    channel: str
    status: str
    subject_line: str | None
    reason: str | None
    at: AwareDatetime | None
    acknowledged_by: str | None
    acknowledged_at: AwareDatetime | None


class ProjectView(BaseModel):
    """All that the command office knows of a project at a moment. `why` and `holds`: worst first."""

    project_id: str
    version: int
    name: str
    status: ProjectStatus
    reason: str | None
    merged_into: str | None
    divisions: list[str]
    uscc: list[str]
    project_codes: list[str]
    industries: list[str]
    origins: list[str]
    zone: str | None
    stage: StepCode | None
    historic: bool
    crossings: list[Crossing]
    light: Light
    state_zh: str
    state_en: str
    fields: list[FieldView]
    disagreements: list[DisagreementView]
    facts: list[FactView]
    silences: list[SilenceView]
    plan: list[StepView]
    why: list[WhyView]
    holds: list[HoldView]
    tracks: list[TrackView]
    escalations: list[EscalationView]
    notices: list[NoticeView]
    timeline: EntryPage
    freshness: Freshness


def line_view(project: Project) -> ProjectLine:
    """A project in a list."""
    return ProjectLine(
        project_id=project.project_id,
        name=project.name,
        status=project.status,
        divisions=list(project.divisions),
        zone=project.zone,
        stage=project.stage,
        crossings=[kind.value for kind in project.crossings],
        historic=project.historic,
    )


def field_views(record: Any, disagreeing: frozenset[str]) -> list[FieldView]:
    """The record's fields with their provenance, by name."""
    views = []
    for field, statement in sorted(record["fields"].items()):
        (name_zh, name_en), (by_zh, by_en) = field_name(field), department_name(statement["stated_by"])
        views.append(
            FieldView(
                field=field,
                name_zh=name_zh,
                name_en=name_en,
                stated_by_zh=by_zh,
                stated_by_en=by_en,
                disagreeing=field in disagreeing,
                **statement,
            )
        )
    return views


def fact_view(row: Any) -> FactView:
    """A fact from its card's row."""
    zh, en = department_name(row["department"])
    taken = ("fact_id", "department", "dataset", "as_of", "basis", "quality", "stated_at")
    return FactView(
        **{name: row[name] for name in (*taken, "withdrawn_at", "withdrawn_reason")},
        department_zh=zh,
        department_en=en,
        values=row["field_values"] or [],
        withheld=row["withheld"] or [],
    )


def disagreement_view(found: Disagreement) -> DisagreementView:
    """A disagreement with names."""
    zh, en = field_name(found.field)
    sides = [
        SideView(
            value=side.value,
            stated_by=side.stated_by,
            stated_by_zh=department_name(side.stated_by)[0],
            as_of=side.as_of,
            basis=side.basis,
            quality=side.quality,
            fact_id=side.fact_id,
        )
        for side in found.sides
    ]
    return DisagreementView(field=found.field, name_zh=zh, name_en=en, record_value=found.record_value, sides=sides)


def escalation_view(row: Any) -> EscalationView:
    """An escalation from its card's row."""
    named = {name: row[name] for name in EscalationView.model_fields if name not in ("recipients", "quiet")}
    recipients = [owner_view(Owner.model_validate(owner)) for owner in row["recipients"] or []]
    return EscalationView(**named, recipients=recipients, quiet=bool(row["quiet"]))


def track_view(row: Any) -> TrackView:
    """A track from its card's row."""
    named = {name: row[name] for name in TrackView.model_fields if name != "reasons"}
    return TrackView(**named, reasons=row["reasons"] or [])


def notice_view(row: Any) -> NoticeView:
    """A notice from its card's row."""
    named = {name: row[name] for name in NoticeView.model_fields if name != "owner"}
    return NoticeView(**named, owner=owner_view(Owner.model_validate(row["owner"])))


def silence_view(row: Any) -> SilenceView:
    """A silence from its card's row."""
    return SilenceView(**{name: row[name] for name in SilenceView.model_fields})
