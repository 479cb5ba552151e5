"""Everything that makes the registry act, and everything it says."""

from __future__ import annotations

from sikua_chassis.flow import Flow, Hears, Request
from sikua_contracts.bridges import FactReported, FactUnavailable, FactWithdrawn
from sikua_contracts.registry import (
    ProjectAdvanced,
    ProjectAmended,
    ProjectClosed,
    ProjectCrossed,
    ProjectEnriched,
    ProjectMerged,
    ProjectRegistered,
    ProjectReopened,
    ProjectResumed,
    ProjectSuspended,
)
from sikua_contracts.scheduler import StepCompleted, StepReopened, StepSkipped

from sikua_registry.facts import handlers as facts
from sikua_registry.imports import handlers as imports
from sikua_registry.projects import handlers as projects

FLOW = Flow(
    service="registry",
    hears=(
        Hears(FactReported, facts.enrich),
        Hears(FactWithdrawn, facts.withdraw),
        Hears(FactUnavailable, facts.note_unavailable),
        Hears(StepCompleted, facts.advance),
        Hears(StepReopened, facts.fall_back),
        Hears(StepSkipped, facts.pass_over),
    ),
    requests=(
        Request("POST /projects", projects.register),
        Request("PATCH /projects/{project_id}", projects.amend),
        Request("POST /projects/{project_id}/suspend", projects.order),
        Request("POST /projects/{project_id}/resume", projects.order),
        Request("POST /projects/{project_id}/close", projects.order),
        Request("POST /projects/{project_id}/reopen", projects.order),
        Request("POST /projects/{project_id}/merge", projects.merge),
        Request("POST /projects/{project_id}/crossing", projects.cross),
        Request("POST /imports", imports.take),
    ),
    says=(
        ProjectRegistered,
        ProjectAmended,
        ProjectEnriched,
        ProjectAdvanced,
        ProjectCrossed,
        ProjectSuspended,
        ProjectResumed,
        ProjectClosed,
        ProjectReopened,
        ProjectMerged,
    ),
)
