"""The state of a project in one sentence: "落实指标,等市自然资源局,已超 7 个工作日"."""

from __future__ import annotations

from sikua_contracts.words import STEP_NAMES, ProjectStatus, StepCode, StepStatus

from sikua_command_office.names import owner_name
from sikua_command_office.projects.cards import Lit, Project

Sentence = tuple[str, str]


def story(project: Project, worst: Lit | None, complete: frozenset[StepCode] = frozenset()) -> Sentence:
    """One sentence in both languages. `worst`: the worst of the open steps; `complete`: steps that are done."""
    if project.status is ProjectStatus.MERGED:
        return "与另一条目重复,已并入", "merged into another entry"
    if project.status is ProjectStatus.CLOSED:
        return _with_reason("已销号", "closed", project.reason)
    if project.status is ProjectStatus.SUSPENDED:
        return _with_reason("已暂停", "suspended", project.reason)
    if worst is not None:
        return of_step(worst)
    if project.started:
        return "登记时已开工,不再排程", "construction had begun before it was registered: no plan"
    if StepCode.START in complete:
        return "九个环节全部办结", "all nine steps are complete"
    if project.stage is not None:
        zh, en = STEP_NAMES[project.stage]
        return f"{zh}已办结,下一环节尚未开始", f"{en} is complete, the next step has not begun"
    return "尚未排程", "no plan yet"


def of_step(lit: Lit) -> Sentence:
    """The same for one open step: what, whose turn, how late."""
    state = lit.step.state
    owner = owner_name(lit.step.turn)
    what_zh, what_en = state.name_zh, state.name_en
    if state.status is StepStatus.PAUSED:
        return _with_reason(f"{what_zh},中止计时", f"{what_en}, clock stopped", lit.step.reason)
    if state.status is StepStatus.BLOCKED:
        what_zh, what_en = f"{what_zh}受阻", f"{what_en} is blocked"
    days_zh, days_en = days(lit)
    zh = ",".join(part for part in (what_zh, f"等{owner[0]}", days_zh) if part)
    en = ", ".join(part for part in (what_en, f"waiting for {owner[1]}", days_en) if part)
    return zh, en


def days(lit: Lit) -> Sentence:
    """How late or how near: "已超 7 个工作日", "今天到期", "还剩 3 个工作日"; empty without a due date."""
    if lit.left is None:
        return "", ""
    if lit.left < 0:
        return f"已超 {-lit.left} 个工作日", f"{_working_days(-lit.left)} overdue"
    if lit.left == 0:
        return "今天到期", "due today"
    return f"还剩 {lit.left} 个工作日", f"{_working_days(lit.left)} left"


def _with_reason(zh: str, en: str, reason: str | None) -> Sentence:
    return (f"{zh}:{reason}", f"{en}: {reason}") if reason else (zh, en)


def _working_days(number: int) -> str:
    return f"{number} working day{'' if number == 1 else 's'}"
