"""What makes the command office act: it hears everything, says nothing, and hands acts on to who owns what they change.

Each event is entered into the feed, which is a record, and then changes the picture of its project, which can be drawn anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sikua_chassis.flow import Flow, Hears, Request
from sikua_chassis.session import Session
from sikua_contracts import bridges, notifier, registry, scheduler
from sikua_contracts.envelope import AnyEvent, Said

from sikua_command_office.acts import handlers as acts
from sikua_command_office.desk import handlers as desk
from sikua_command_office.feed.handlers import enter
from sikua_command_office.pages import handlers as pages
from sikua_command_office.projects import handlers as projects

Keep = Callable[[Session, Any], Awaitable[None]]

PICTURE: dict[type[Said], Keep] = {
    registry.ProjectRegistered: projects.keep_record,
    registry.ProjectAmended: projects.keep_record,
    registry.ProjectEnriched: projects.keep_record,
    registry.ProjectAdvanced: projects.keep_record,
    registry.ProjectCrossed: projects.keep_record,
    registry.ProjectSuspended: projects.keep_record,
    registry.ProjectResumed: projects.keep_record,
    registry.ProjectClosed: projects.keep_record,
    registry.ProjectReopened: projects.keep_record,
    registry.ProjectMerged: projects.keep_record,
    bridges.FactReported: projects.keep_fact,
    bridges.FactUnavailable: projects.keep_silence,
    bridges.FactWithdrawn: projects.withdraw_fact,
    scheduler.TrackOpened: projects.keep_track,
    scheduler.TrackClosed: projects.keep_track,
    scheduler.StepArmed: projects.keep_step,
    scheduler.StepStarted: projects.keep_step,
    scheduler.StepCompleted: projects.keep_step,
    scheduler.StepReopened: projects.keep_step,
    scheduler.StepSkipped: projects.keep_step,
    scheduler.StepBlocked: projects.keep_step,
    scheduler.StepUnblocked: projects.keep_step,
    scheduler.StepPaused: projects.keep_step,
    scheduler.StepResumed: projects.keep_step,
    scheduler.StepExtended: projects.keep_step,
    scheduler.StepRescheduled: projects.keep_step,
    scheduler.StepReassigned: projects.keep_step,
    scheduler.EscalationRaised: projects.raise_escalation,
    scheduler.EscalationAcknowledged: projects.acknowledge_escalation,
    scheduler.EscalationResolved: projects.resolve_escalation,
    scheduler.CalendarPublished: projects.keep_calendar,
    notifier.NoticeSent: projects.keep_notice,
    notifier.NoticeFailed: projects.keep_notice,
    notifier.NoticeAcknowledged: projects.acknowledge_notice,
}
"""What each event changes in the picture of a project."""


def _entered_and(keep: Keep) -> Callable[[Session, AnyEvent], Awaitable[None]]:
    async def handle(session: Session, event: AnyEvent) -> None:
        await enter(session, event)
        await keep(session, event)

    handle.__name__ = f"enter, {keep.__name__}"
    handle.__module__ = keep.__module__
    handle.__doc__ = keep.__doc__
    return handle


FLOW = Flow(
    service="command-office",
    hears=tuple(Hears(said, _entered_and(keep)) for said, keep in PICTURE.items()),
    requests=(
        Request("POST /sign-in-codes", pages.offer_code),
        Request("POST /office/sign-in", pages.sign_in),
        Request("POST /office/sign-out", pages.sign_out),
        Request("POST /office/projects/{project_id}/acts/{word}/{subject}", acts.act_of_form),
        Request("POST /steps/{step_id}/{act}", acts.act_of_program),
        Request("POST /escalations/{escalation_id}/{act}", acts.act_of_program),
        Request("POST /tracks", acts.act_of_program),
        Request("POST /tracks/{track_id}/close", acts.act_of_program),
        Request("POST /projects/{project_id}/{act}", acts.act_of_program),
        Request("POST /office/desk/seen", desk.mark_seen),
    ),
)
