"""What a notice says: both languages, Chinese first, from what an event of level L1 or L2 carries and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sikua_contracts.scheduler import EscalationRaised, EscalationResolved, StepState
from sikua_contracts.words import Owner, TrackReason
from sikua_rules.business_time import SHANGHAI
from sikua_rules.divisions import find

from sikua_notifier.characters import visible, without_personal_numbers
from sikua_notifier.kinds import KIND_NAMES, OF_RUNG, NoticeKind, role_name

_LONGEST_REASON = 500
_LONGEST_NAME = 80
_TRACK_REASONS: dict[TrackReason, tuple[str, str]] = {
    TrackReason.CROSSING: ("四跨", "crossing"),
    TrackReason.KEY_SIGNING: ("重点签约", "key signing"),
    TrackReason.MAJOR_EVENT: ("重大活动", "major event"),
    TrackReason.ORDER: ("指挥部办公室指定", "by order"),
}


@dataclass(frozen=True)
class Line:
    """One labelled line of a notice, in both languages."""

    label_zh: str
    label_en: str
    value: str


@dataclass(frozen=True)
class Content:
    """A notice in words. Plain text without hidden characters; whoever shows it as HTML escapes it."""

    kind: NoticeKind
    title_zh: str
    title_en: str
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """Both titles in one line."""
        return f"{self.title_zh} · {self.title_en}"

    def for_deputy(self) -> Content:
        """The same, said to the deputy of whoever did not acknowledge it."""
        return replace(
            self, title_zh=f"【代理】{self.title_zh}", title_en=f"For the deputy, not acknowledged: {self.title_en}"
        )

    def as_json(self) -> dict[str, Any]:
        """The shape kept in the notice's row."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Content:
        """Read back what `as_json` gave."""
        lines = tuple(Line(**line) for line in document["lines"])
        return cls(NoticeKind(document["kind"]), document["title_zh"], document["title_en"], lines)


def armed(step: StepState) -> Content:
    """The step's clock runs: it is the owner's turn."""
    return _of_step(NoticeKind.ARMED, step)


def blocked(step: StepState, reason: str, waiting_for: Owner | None) -> Content:
    """Something holds the step up; the clock runs on."""
    more = [_reason(reason)]
    if waiting_for is not None:
        more.append(Line("等待", "Waiting for", owner_name(waiting_for)))
    return _of_step(NoticeKind.BLOCKED, step, more)


def reassigned(step: StepState, owner_before: Owner, reason: str) -> Content:
    """The step has another owner, who reads this."""
    more = [Line("原责任单位", "Owner before", owner_name(owner_before)), _reason(reason)]
    return _of_step(NoticeKind.REASSIGNED, step, more)


def raised(said: EscalationRaised) -> Content:
    """A rung of the ladder was reached."""
    days = said.overdue_working_days
    late = [Line("超期", "Overdue", f"{days} 个工作日 · {_days(days)}")] if days > 0 else []
    return _of_step(OF_RUNG[said.rung], said.step, [*late, _reason(said.reason)], overdue=days)


def resolved(said: EscalationResolved) -> Content:
    """What was raised is over."""
    zh, en = KIND_NAMES[OF_RUNG[said.rung]]
    more = [Line("原督办", "Was", f"{zh} · {en}"), _reason(said.resolution, "结果", "Resolution")]
    return _of_step(NoticeKind.RESOLVED, said.step, more)


def tracked(project_name: str, reasons: Iterable[TrackReason]) -> Content:
    """The project came under the command office's scheduling."""
    zh, en = KIND_NAMES[NoticeKind.TRACKED]
    name = visible(project_name, _LONGEST_NAME)
    named = [_TRACK_REASONS[reason] for reason in reasons]
    why = f"{'、'.join(pair[0] for pair in named)} · {', '.join(pair[1] for pair in named)}"
    lines = (Line("项目", "Project", name), Line("原因", "Reason", why))
    return Content(NoticeKind.TRACKED, f"【{zh}】{name}", f"{en}: {name}", lines)


def owner_name(owner: Owner) -> str:
    """Division and role as people say them: 黄岛区 自然资源 · Natural resources."""
    division = find(owner.division)
    zh, en = role_name(owner.role)
    place = division.name_zh if division is not None else visible(owner.division, 20)
    return f"{place} {visible(zh, 60)} · {visible(en, 60)}"


def local_time(moment: datetime) -> str:
    """A moment as it is read on a wall in Shanghai: 2026-03-02 17:30."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _of_step(kind: NoticeKind, step: StepState, more: Iterable[Line] = (), overdue: int = 0) -> Content:
    zh, en = KIND_NAMES[kind]
    project = visible(step.project_name, _LONGEST_NAME)
    name_zh, name_en = visible(step.name_zh, 40), visible(step.name_en, 60)
    late_zh, late_en = (f" 超期 {overdue} 个工作日", f", overdue by {_days(overdue)}") if overdue > 0 else ("", "")
    lines = [
        Line("项目", "Project", project),
        Line("环节", "Step", f"{name_zh} · {name_en}"),
        Line("责任", "Owner", owner_name(step.owner)),
    ]
    if step.due_at is not None:
        mark = "（暂定 · provisional）" if step.due_provisional else ""
        lines.append(Line("到期", "Due", local_time(step.due_at) + mark))
    return Content(
        kind, f"【{zh}】{project} {name_zh}{late_zh}", f"{en}: {project}, {name_en}{late_en}", (*lines, *more)
    )


def _reason(text: str, label_zh: str = "原因", label_en: str = "Reason") -> Line:
    return Line(label_zh, label_en, visible(without_personal_numbers(text), _LONGEST_REASON))


def _days(days: int) -> str:
    return "1 working day" if days == 1 else f"{days} working days"
