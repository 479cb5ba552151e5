"""What the registry says about the invented project, one example of each event."""

from __future__ import annotations

from typing import Any

from sikua_contracts.envelope import Said
from sikua_contracts.examples.story import OTHER_PROJECT, PROJECT, PROJECT_CODE, PROJECT_NAME, USCC, at
from sikua_contracts.registry import (
    Crossing,
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
    Record,
    Statement,
)
from sikua_contracts.words import CrossingKind, ProjectStatus, Quality, StepCode

_OFFICER = "district-owner-370281"


def _statement(value: Any, stated_by: str, basis: str, fact_id: str | None = None) -> Statement:
    quality = Quality.CONFIRMED if fact_id else Quality.STATED
    return Statement(value=value, stated_by=stated_by, as_of=at(2), basis=basis, quality=quality, fact_id=fact_id)


RECORD = Record(
    project_id=PROJECT,
    version=1,
    status=ProjectStatus.ACTIVE,
    name=PROJECT_NAME,
    divisions=["370281", "370214"],
    industries=["38", "59"],
    origins=["LEADER_MEETING", "DISTRICT"],
    zone="QDZ-SCO",
    stage=StepCode.NEGOTIATE,
    crossings=[
        Crossing(kind=CrossingKind.DISTRICT, declared=False, reason="涉及胶州市、城阳区", evidence=["370281", "370214"])
    ],
    fields={
        "investor_name": _statement("某某智能家电有限公司", "registry", "洽谈纪要〔2026〕3号"),
        "total_investment_wan": _statement("150000.0000", "registry", "投资意向书"),
    },
)

IDENTIFIED = RECORD.model_copy(
    update={
        "version": 4,
        "uscc": [USCC],
        "project_codes": [PROJECT_CODE],
        "stage": StepCode.SIGN,
        "fields": {
            **RECORD.fields,
            "tax_reg_status": _statement("正常", "tax", "纳税人登记", "019de5b4-6c00-7001-8a00-000000000001"),
        },
    }
)


def _as(status: ProjectStatus) -> Record:
    return IDENTIFIED.model_copy(update={"status": status, "version": IDENTIFIED.version + 1})


SAID: tuple[tuple[str, Said], ...] = tuple(
    ("registry", said)
    for said in (
        ProjectRegistered(record=RECORD, started=False, registered_by=_OFFICER),
        ProjectAmended(record=IDENTIFIED, changed=["uscc"], amended_by=_OFFICER),
        ProjectEnriched(
            record=IDENTIFIED,
            changed=["tax_reg_status"],
            fact_ids=["019de5b4-6c00-7001-8a00-000000000001"],
            disagreeing=["total_investment_wan"],
        ),
        ProjectAdvanced(record=IDENTIFIED, step=StepCode.SIGN),
        ProjectCrossed(record=IDENTIFIED, added=[CrossingKind.DISTRICT, CrossingKind.INDUSTRY], removed=[]),
        ProjectSuspended(
            record=_as(ProjectStatus.SUSPENDED),
            reason="投资方内部重组，暂缓推进",
            document="青双招双引办函〔2026〕18号",
            ordered_by="command-office",
        ),
        ProjectResumed(record=_as(ProjectStatus.ACTIVE), reason="重组完成，恢复推进", ordered_by="command-office"),
        ProjectClosed(
            record=_as(ProjectStatus.CLOSED),
            reason="已开工入统，销号",
            document="青双招双引办销〔2026〕7号",
            ordered_by="command-office",
        ),
        ProjectReopened(record=_as(ProjectStatus.ACTIVE), reason="销号有误", ordered_by="command-office"),
        ProjectMerged(
            record=_as(ProjectStatus.MERGED).model_copy(update={"project_id": OTHER_PROJECT}),
            into=PROJECT,
            merged_by="command-office",
        ),
    )
)
