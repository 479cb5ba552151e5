"""What the drawing calls services, topics and events, Chinese and English; who is left of whom, and which colour a topic has."""

from __future__ import annotations

from sikua_contracts import topics

Name = tuple[str, str]

COLUMNS: tuple[tuple[str, ...], ...] = (
    ("tax-bridge", "reform-bridge", "finance-bridge"),
    ("registry",),
    ("scheduler",),
    ("notifier",),
)
"""Services from left to right as work flows; those of one column stand in one frame."""

BESIDE_ALL = "command-office"
"""The service that lies below all others."""

SERVICES: dict[str, Name] = {
    "tax-bridge": ("税务桥", "tax-bridge"),
    "reform-bridge": ("发改桥", "reform-bridge"),
    "finance-bridge": ("财政桥", "finance-bridge"),
    "registry": ("项目登记", "registry"),
    "scheduler": ("调度", "scheduler"),
    "notifier": ("通知", "notifier"),
    "command-office": ("指挥部", "command-office"),
}

OUTSIDE: dict[str, Name] = {
    "tax-bridge": ("税务系统", "tax office"),
    "reform-bridge": ("发改平台", "reform"),
    "finance-bridge": ("财政系统", "finance"),
    "notifier": ("责任人", "owners"),
    "command-office": ("各单位", "readers"),
}
"""Who stands beside a service and is not one of us."""

TOPICS: dict[str, tuple[Name, str]] = {
    topics.FACTS: (("事实", "facts"), "#0f766e"),
    topics.PROJECTS: (("项目", "projects"), "#1d4ed8"),
    topics.STEPS: (("环节", "steps"), "#b45309"),
    topics.NOTICES: (("通知单", "notices"), "#7e22ce"),
}

NOUNS: dict[str, str] = {
    "fact": "事实",
    "project": "项目",
    "track": "调度",
    "step": "环节",
    "escalation": "督办",
    "calendar": "放假安排",
    "notice": "通知",
}

HAPPENED: dict[str, str] = {
    "fact.reported": "提供",
    "fact.unavailable": "暂无",
    "fact.withdrawn": "撤回",
    "project.registered": "登记入册",
    "project.amended": "更正",
    "project.enriched": "补充",
    "project.advanced": "进度更新",
    "project.crossed": "四跨认定",
    "project.suspended": "暂停",
    "project.resumed": "恢复",
    "project.closed": "销号",
    "project.reopened": "重新入册",
    "project.merged": "并入",
    "track.opened": "纳入",
    "track.closed": "退出",
    "step.armed": "起算",
    "step.started": "接办",
    "step.completed": "办结",
    "step.reopened": "重新打开",
    "step.skipped": "不适用",
    "step.blocked": "受阻",
    "step.unblocked": "解堵",
    "step.paused": "中止计时",
    "step.resumed": "恢复计时",
    "step.extended": "延期",
    "step.rescheduled": "时限重算",
    "step.reassigned": "转办",
    "escalation.raised": "发出",
    "escalation.acknowledged": "受理",
    "escalation.resolved": "解除",
    "calendar.published": "公布",
    "notice.sent": "送出",
    "notice.failed": "失败",
    "notice.acknowledged": "已阅",
}
"""What happened to the noun, as the feed words it."""


def event_name(type_: str) -> Name:
    """`("环节起算", "step.armed")`; an event without a Chinese name raises KeyError: give it one above."""
    _, _, noun, verb, _ = type_.split(".")
    return f"{NOUNS[noun]}{HAPPENED[f'{noun}.{verb}']}", f"{noun}.{verb}"


def verb_name(type_: str) -> Name:
    """`("起算", "armed")`: what happened, without to what."""
    _, _, noun, verb, _ = type_.split(".")
    return HAPPENED[f"{noun}.{verb}"], verb
