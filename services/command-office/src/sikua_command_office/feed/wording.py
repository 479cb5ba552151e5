"""Every event as one readable sentence, Chinese and English, that names no value above L2.

The project's name is not part of the sentence: it stands beside it. Reasons and resolutions are quoted (`quoting`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sikua_contracts import bridges, notifier, registry, scheduler
from sikua_contracts.envelope import AnyEvent, Said
from sikua_contracts.scheduler import StepState
from sikua_contracts.words import RUNG_NAMES, STEP_NAMES
from sikua_rules.business_time import shanghai_day

from sikua_command_office.feed.quoting import quoted
from sikua_command_office.feed.shareable import may_be_shown
from sikua_command_office.names import (
    CROSSINGS,
    TRACK_REASONS,
    dataset_name,
    department_name,
    division_name,
    field_name,
    listed,
    owner_name,
)

Sentence = tuple[str, str]


def sentence(event: AnyEvent) -> Sentence:
    """What happened, in both languages. A type without its own wording is named by its type."""
    wording = WORDINGS.get(event.type)
    return wording(event.data) if wording else (f"发生了 {event.type}", f"{event.type} happened")


def _registered(said: registry.ProjectRegistered) -> Sentence:
    places = listed([division_name(division) for division in said.record.divisions])
    zh = f"登记入册({places[0]})" if places[0] else "登记入册"
    en = f"entered the registry ({places[1]})" if places[1] else "entered the registry"
    return (f"{zh},已开工,不再排程", f"{en}; construction had begun, no plan") if said.started else (zh, en)


def _amended(said: registry.ProjectAmended) -> Sentence:
    fields = listed([field_name(field) for field in said.changed])
    return f"{said.amended_by} 更正了{fields[0]}", f"{said.amended_by} amended {fields[1]}"


def _enriched(said: registry.ProjectEnriched) -> Sentence:
    fields = listed([field_name(field) for field in said.changed])
    zh, en = (f"档案补充了{fields[0]}", f"the record gained {fields[1]}") if said.changed else ("档案未变", "no change")
    if said.withdrawn_reason is not None and said.changed:
        reason = quoted(said.withdrawn_reason)
        zh = f"事实撤回:{reason[0]};档案中的{fields[0]}随之改变"
        en = f"a fact was taken back: {reason[1]}; {fields[1]} of the record changed"
    if said.disagreeing:
        differing = listed([field_name(field) for field in said.disagreeing])
        return f"{zh};各方不一致:{differing[0]}", f"{en}; sources disagree on {differing[1]}"
    return zh, en


def _advanced(said: registry.ProjectAdvanced) -> Sentence:
    zh, en = STEP_NAMES[said.step]
    return f"进度更新为{zh}", f"the stage is now {en}"


def _crossed(said: registry.ProjectCrossed) -> Sentence:
    added = listed([CROSSINGS[kind] for kind in said.added])
    removed = listed([CROSSINGS[kind] for kind in said.removed])
    zh = [f"认定{added[0]}"] if said.added else []
    en = [f"crosses {added[1]}"] if said.added else []
    zh += [f"不再{removed[0]}"] if said.removed else []
    en += [f"no longer crosses {removed[1]}"] if said.removed else []
    return ",".join(zh) or "四跨情况未变", ", ".join(en) or "crossings unchanged"


def _ordered(zh: str, en: str) -> Callable[[Any], Sentence]:
    def wording(said: registry.ProjectSuspended) -> Sentence:
        reason = quoted(said.reason)
        return f"{zh}:{reason[0]}", f"{en}: {reason[1]}"

    return wording


def _merged(said: registry.ProjectMerged) -> Sentence:
    return "与另一条目重复,已并入", "was the same project as another entry and is merged into it"


def _reported(said: bridges.FactReported) -> Sentence:
    department, dataset = department_name(said.department), dataset_name(said.dataset)
    shared = [value for value in said.values if may_be_shown(value)]
    fields = listed([field_name(value.field) for value in shared])
    withheld = len(said.values) - len(shared)
    zh, en = f"{department[0]}提供{dataset[0]}", f"{department[1]} stated {dataset[1]}"
    if shared:
        zh, en = f"{zh}:{fields[0]}", f"{en}: {fields[1]}"
    if withheld:
        zh, en = f"{zh}(另有 {withheld} 项不在共享范围)", f"{en} ({withheld} more not shared)"
    return zh, en


def _unavailable(said: bridges.FactUnavailable) -> Sentence:
    department, dataset = department_name(said.department), dataset_name(said.dataset)
    reason = quoted(said.reason)
    zh = f"{department[0]}暂无{dataset[0]}:{reason[0]}"
    en = f"{department[1]} has no {dataset[1]}: {reason[1]}"
    if said.ask_again_at:
        day = _day(said.ask_again_at)
        return f"{zh},{day} 再问", f"{en}; asked again on {day}"
    return zh, en


def _withdrawn(said: bridges.FactWithdrawn) -> Sentence:
    department, dataset = department_name(said.department), dataset_name(said.dataset)
    reason = quoted(said.reason)
    return f"{department[0]}撤回{dataset[0]}:{reason[0]}", f"{department[1]} withdrew {dataset[1]}: {reason[1]}"


def _track_opened(said: scheduler.TrackOpened) -> Sentence:
    reasons = listed([TRACK_REASONS[reason] for reason in said.reasons])
    return f"纳入指挥部调度:{reasons[0]}", f"put under the command office's scheduling: {reasons[1]}"


def _track_closed(said: scheduler.TrackClosed) -> Sentence:
    reason = quoted(said.reason)
    return f"退出指挥部调度:{reason[0]}", f"left the command office's scheduling: {reason[1]}"


def _armed(said: scheduler.StepArmed) -> Sentence:
    step, owner = step_name(said.step), owner_name(said.step.owner)
    zh, en = f"轮到{owner[0]}办理{step[0]}", f"it is the turn of {owner[1]}: {step[1]}"
    if said.step.due_at:
        day = _day(said.step.due_at)
        return f"{zh},{day} 到期", f"{en}, due on {day}"
    return zh, en


def _started(said: scheduler.StepStarted) -> Sentence:
    step, owner = step_name(said.step), owner_name(said.step.owner)
    return f"{owner[0]}已接办{step[0]}", f"{owner[1]} has taken up {step[1]}"


def _completed(said: scheduler.StepCompleted) -> Sentence:
    step = step_name(said.step)
    if said.proof.field:
        field, by = field_name(said.proof.field), department_name(said.proof.stated_by)
        zh, en = f"凭{by[0]}的{field[0]}", f"proven by {field[1]} from {by[1]}"
    else:
        document = quoted(said.proof.document or "")
        zh, en = f"凭文件{document[0]}", f"with the document {document[1]}"
    zh, en = f"{step[0]}已办结,{zh}", f"{step[1]} is complete, {en}"
    days = said.overdue_working_days
    return (f"{zh},超期 {days} 个工作日", f"{en}, {_days(days)} late") if days else (zh, en)


def _step(zh: str, en: str, attribute: str) -> Callable[[Any], Sentence]:
    def wording(said: Any) -> Sentence:
        step, text = step_name(said.step), quoted(getattr(said, attribute))
        return f"{step[0]}{zh}:{text[0]}", f"{step[1]} {en}: {text[1]}"

    return wording


def _blocked(said: scheduler.StepBlocked) -> Sentence:
    step, reason = step_name(said.step), quoted(said.reason)
    if said.waiting_for:
        owner = owner_name(said.waiting_for)
        return f"{step[0]}受阻,等{owner[0]}:{reason[0]}", f"{step[1]} is blocked, waiting for {owner[1]}: {reason[1]}"
    return f"{step[0]}受阻:{reason[0]}", f"{step[1]} is blocked: {reason[1]}"


def _extended(said: scheduler.StepExtended) -> Sentence:
    step, reason = step_name(said.step), quoted(said.reason)
    unit = _UNITS[said.step.limit_unit.value]
    amount = said.extension_amount
    zh = f"{step[0]}延期 {amount} 个{unit[0]}({said.approved_by} 批准):{reason[0]}"
    return zh, f"{step[1]} extended by {amount} {unit[1]} (approved by {said.approved_by}): {reason[1]}"


def _rescheduled(said: scheduler.StepRescheduled) -> Sentence:
    step, reason = step_name(said.step), quoted(said.reason)
    day = _day(said.step.due_at) if said.step.due_at else ""
    zh, en = (f",改为 {day} 到期", f", now due on {day}") if day else ("", "")
    return f"{step[0]}时限重新计算{zh}:{reason[0]}", f"the due date of {step[1]} was computed anew{en}: {reason[1]}"


def _reassigned(said: scheduler.StepReassigned) -> Sentence:
    step, before, after = step_name(said.step), owner_name(said.owner_before), owner_name(said.step.owner)
    reason = quoted(said.reason)
    zh = f"{step[0]}由{before[0]}转{after[0]}办理:{reason[0]}"
    return zh, f"{step[1]} passed from {before[1]} to {after[1]}: {reason[1]}"


def _raised(said: scheduler.EscalationRaised) -> Sentence:
    step, rung = step_name(said.step), RUNG_NAMES[said.rung]
    recipients = listed([owner_name(owner) for owner in said.recipients])
    days = said.overdue_working_days
    zh, en = f"{step[0]}{rung[0]}", f"{step[1]}: {rung[1]}"
    if days > 0:
        zh, en = f"{zh},已超 {days} 个工作日", f"{en}, {_days(days)} overdue"
    if said.quiet:
        return f"{zh}(历史项目,未发通知)", f"{en} (historic, no notices)"
    return f"{zh},送{recipients[0]}", f"{en}, to {recipients[1]}"


def _escalation_acknowledged(said: scheduler.EscalationAcknowledged) -> Sentence:
    step, rung = step_name(said.step), RUNG_NAMES[said.rung]
    zh, en = f"{said.by} 已受理{step[0]}的{rung[0]}", f"{said.by} accepted the {rung[1]} on {step[1]}"
    if said.waits_until:
        day = _day(said.waits_until)
        return f"{zh},{day} 前暂不升级", f"{en}; the next rung waits until {day}"
    return zh, en


def _escalation_resolved(said: scheduler.EscalationResolved) -> Sentence:
    step, rung, text = step_name(said.step), RUNG_NAMES[said.rung], quoted(said.resolution)
    return f"{step[0]}的{rung[0]}解除:{text[0]}", f"the {rung[1]} on {step[1]} is over: {text[1]}"


def _calendar(said: scheduler.CalendarPublished) -> Sentence:
    zh = f"{said.year} 年放假安排已公布(第 {said.version} 版):休 {len(said.off)} 天,调休上班 {len(said.work)} 天"
    en = f"the calendar of {said.year} is published (version {said.version}): {len(said.off)} days off"
    return zh, f"{en}, {len(said.work)} make-up days"


def _notice_sent(said: notifier.NoticeSent) -> Sentence:
    zh, en = f"已通知{said.recipient}({said.channel})", f"{said.recipient} was notified ({said.channel})"
    subject = quoted(said.subject_line)
    return f"{zh}:{subject[0]}", f"{en}: {subject[1]}"


def _notice_failed(said: notifier.NoticeFailed) -> Sentence:
    reason = quoted(said.reason)
    zh = f"通知{said.recipient}失败({said.channel},试了 {said.attempts} 次):{reason[0]}"
    return zh, f"{said.recipient} could not be notified ({said.channel}, {said.attempts} attempts): {reason[1]}"


def _notice_acknowledged(said: notifier.NoticeAcknowledged) -> Sentence:
    return f"{said.acknowledged_by} 已阅通知", f"{said.acknowledged_by} has seen the notice"


def step_name(step: StepState) -> Sentence:
    """The step's own names, the item of a divided step included."""
    return step.name_zh, step.name_en


def _day(moment: datetime) -> str:
    return shanghai_day(moment).isoformat()


def _days(number: int) -> str:
    return f"{number} working day{'' if number == 1 else 's'}"


_UNITS: dict[str, Sentence] = {
    "WORKING_DAY": ("工作日", "working days"),
    "CALENDAR_DAY": ("自然日", "calendar days"),
    "MONTH": ("月", "months"),
}
_TABLE: tuple[tuple[type[Said], Callable[[Any], Sentence]], ...] = (
    (registry.ProjectRegistered, _registered),
    (registry.ProjectAmended, _amended),
    (registry.ProjectEnriched, _enriched),
    (registry.ProjectAdvanced, _advanced),
    (registry.ProjectCrossed, _crossed),
    (registry.ProjectSuspended, _ordered("暂停,全部时限中止", "suspended, all clocks stopped")),
    (registry.ProjectResumed, _ordered("恢复推进", "runs again")),
    (registry.ProjectClosed, _ordered("销号", "closed")),
    (registry.ProjectReopened, _ordered("重新入册", "on the books again")),
    (registry.ProjectMerged, _merged),
    (bridges.FactReported, _reported),
    (bridges.FactUnavailable, _unavailable),
    (bridges.FactWithdrawn, _withdrawn),
    (scheduler.TrackOpened, _track_opened),
    (scheduler.TrackClosed, _track_closed),
    (scheduler.StepArmed, _armed),
    (scheduler.StepStarted, _started),
    (scheduler.StepCompleted, _completed),
    (scheduler.StepReopened, _step("重新打开", "is open again", "reason")),
    (scheduler.StepSkipped, _step("不适用", "does not apply", "reason")),
    (scheduler.StepBlocked, _blocked),
    (scheduler.StepUnblocked, _step("堵点已解除", "is no longer blocked", "resolution")),
    (scheduler.StepPaused, _step("中止计时", "clock stopped", "reason")),
    (scheduler.StepResumed, _step("恢复计时", "clock runs again", "document")),
    (scheduler.StepExtended, _extended),
    (scheduler.StepRescheduled, _rescheduled),
    (scheduler.StepReassigned, _reassigned),
    (scheduler.EscalationRaised, _raised),
    (scheduler.EscalationAcknowledged, _escalation_acknowledged),
    (scheduler.EscalationResolved, _escalation_resolved),
    (scheduler.CalendarPublished, _calendar),
    (notifier.NoticeSent, _notice_sent),
    (notifier.NoticeFailed, _notice_failed),
    (notifier.NoticeAcknowledged, _notice_acknowledged),
)
WORDINGS: dict[str, Callable[[Any], Sentence]] = {said.type: wording for said, wording in _TABLE}
"""One wording per event type."""
