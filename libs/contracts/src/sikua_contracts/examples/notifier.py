"""What the notifier says about the invented project, one example of each event."""

from __future__ import annotations

from sikua_contracts.envelope import Said
from sikua_contracts.examples.scheduler import ENERGY
from sikua_contracts.examples.story import PROJECT, REFORM, at
from sikua_contracts.notifier import NoticeAcknowledged, NoticeFailed, NoticeSent

_NOTICE = "019de5b4-6f00-7001-8d00-000000000001"
_ESCALATION = "019de5b4-6e00-7001-8b00-000000000001"

SAID: tuple[tuple[str, Said], ...] = (
    (
        "notifier",
        NoticeSent(
            notice_id=_NOTICE,
            project_id=PROJECT,
            step_id=ENERGY.step_id,
            escalation_id=_ESCALATION,
            owner=REFORM,
            recipient="能耗指标经办人",
            channel="smtp",
            subject_line="【四跨协调】胶州湾智能家电配套产业园项目：落实能耗指标 · coordination",
            sent_at=at(24, 9, 5),
        ),
    ),
    (
        "notifier",
        NoticeFailed(
            notice_id=_NOTICE,
            project_id=PROJECT,
            step_id=ENERGY.step_id,
            escalation_id=_ESCALATION,
            owner=REFORM,
            recipient="能耗指标经办人",
            channel="webhook",
            reason="gone",
            attempts=1,
        ),
    ),
    (
        "notifier",
        NoticeAcknowledged(
            notice_id=_NOTICE,
            project_id=PROJECT,
            step_id=ENERGY.step_id,
            escalation_id=_ESCALATION,
            owner=REFORM,
            recipient="能耗指标经办人",
            channel="smtp",
            acknowledged_by="reform-officer-1",
            acknowledged_at=at(24, 9, 40),
        ),
    ),
)
