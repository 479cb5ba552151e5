"""Everything that makes the scheduler act, and everything it says."""

from __future__ import annotations

from sikua_chassis.flow import Flow, Hears, Request, Tick, Work
from sikua_contracts import registry as projects
from sikua_contracts import scheduler as steps_said

from sikua_scheduler.calendars import handlers as calendars
from sikua_scheduler.escalations import handlers as escalations
from sikua_scheduler.escalations import ticker
from sikua_scheduler.plans import handlers as plans
from sikua_scheduler.steps import handlers as steps
from sikua_scheduler.tracks import handlers as tracks

FLOW = Flow(
    service="scheduler",
    hears=(
        Hears(projects.ProjectRegistered, plans.plan_project),
        Hears(projects.ProjectAmended, plans.take_amendment),
        Hears(projects.ProjectEnriched, plans.take_facts),
        Hears(projects.ProjectCrossed, plans.take_crossing),
        Hears(projects.ProjectSuspended, plans.suspend),
        Hears(projects.ProjectResumed, plans.resume),
        Hears(projects.ProjectClosed, plans.close),
        Hears(projects.ProjectReopened, plans.reopen),
        Hears(projects.ProjectMerged, plans.merge),
    ),
    requests=(
        Request("POST /steps/{step_id}/start", steps.start),
        Request("POST /steps/{step_id}/complete", steps.complete),
        Request("POST /steps/{step_id}/reopen", steps.reopen),
        Request("POST /steps/{step_id}/skip", steps.skip),
        Request("POST /steps/{step_id}/block", steps.block),
        Request("POST /steps/{step_id}/unblock", steps.unblock),
        Request("POST /steps/{step_id}/pause", steps.pause),
        Request("POST /steps/{step_id}/resume", steps.resume),
        Request("POST /steps/{step_id}/extend", steps.extend),
        Request("POST /steps/{step_id}/reassign", steps.reassign),
        Request("POST /plans/release", plans.release),
        Request("POST /plans/{project_id}/fast-lane", plans.fast_lane),
        Request("POST /tracks", tracks.open_by_order),
        Request("POST /tracks/{track_id}/close", tracks.close),
        Request("POST /escalations/{escalation_id}/acknowledge", escalations.acknowledge),
        Request("POST /escalations/{escalation_id}/raise", escalations.push),
        Request("POST /escalations/{escalation_id}/resolve", escalations.resolve),
        Request("PUT /calendars/{year}", calendars.publish),
    ),
    works=(
        Work(
            name="reproject due moments",
            claim=calendars.claim,
            record=calendars.record,
            due=calendars.due,
            batch=calendars.BATCH,
        ),
        Work(name="climb the ladder", claim=ticker.claim, record=ticker.record, due=ticker.due, batch=ticker.BATCH),
    ),
    ticks=(Tick(name="audit escalations", run=ticker.audit, every_seconds=5.0),),
    says=(
        steps_said.TrackOpened,
        steps_said.TrackClosed,
        steps_said.StepArmed,
        steps_said.StepStarted,
        steps_said.StepCompleted,
        steps_said.StepReopened,
        steps_said.StepSkipped,
        steps_said.StepBlocked,
        steps_said.StepUnblocked,
        steps_said.StepPaused,
        steps_said.StepResumed,
        steps_said.StepExtended,
        steps_said.StepRescheduled,
        steps_said.StepReassigned,
        steps_said.EscalationRaised,
        steps_said.EscalationAcknowledged,
        steps_said.EscalationResolved,
        steps_said.CalendarPublished,
    ),
)
