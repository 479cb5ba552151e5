"""What a notice may be about, how pressing it is, and its words for officers."""

from __future__ import annotations

from enum import StrEnum

from sikua_contracts.words import RUNG_NAMES, Rung


class NoticeKind(StrEnum):
    """A closed list; five of them are the rungs of the ladder."""

    ARMED = "armed"
    BLOCKED = "blocked"
    REASSIGNED = "reassigned"
    TRACKED = "tracked"
    REMIND = "remind"
    YELLOW = "yellow"
    RED = "red"
    COORDINATE = "coordinate"
    TOP = "top"
    RESOLVED = "resolved"


class NoticeState(StrEnum):
    """WAITING for its moment or its channel; WITHDRAWN when what it told was over before it left."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


URGENT = frozenset({NoticeKind.RED, NoticeKind.COORDINATE, NoticeKind.TOP})
"""RED and above leave at once, outside working time too, and climb to a deputy when nobody acknowledges."""

OF_RUNG: dict[Rung, NoticeKind] = {rung: NoticeKind(rung.value.lower()) for rung in Rung}

KIND_NAMES: dict[NoticeKind, tuple[str, str]] = {
    NoticeKind.ARMED: ("轮到您办", "Your turn"),
    NoticeKind.BLOCKED: ("堵点", "Blocked"),
    NoticeKind.REASSIGNED: ("转您办理", "Assigned to you"),
    NoticeKind.TRACKED: ("纳入调度", "Under scheduling"),
    NoticeKind.RESOLVED: ("已解决", "Resolved"),
    **{kind: (RUNG_NAMES[rung][0], RUNG_NAMES[rung][1].capitalize()) for rung, kind in OF_RUNG.items()},
}

_ROLES: dict[str, tuple[str, str]] = {
    "lead_unit": ("招引单位", "Lead unit"),
    "commerce": ("商务", "Commerce"),
    "command_office": ("指挥部办公室", "Command office"),
    "industry": ("行业主管部门/产业专班", "Industry department"),
    "district_government": ("区市政府/功能区管委", "District government"),
    "approval_bureau": ("行政审批/市场监管", "Approval bureau"),
    "natural_resources": ("自然资源", "Natural resources"),
    "reform": ("发展改革", "Development and reform"),
    "ecology": ("生态环境", "Ecology and environment"),
    "housing": ("住房城乡建设", "Housing and construction"),
    "statistics": ("统计", "Statistics"),
    "finance": ("财政", "Finance"),
    "tax": ("税务", "Taxation"),
    "leader": ("分管领导", "Leader in charge"),
}
_SUFFIXES = {"head": ("负责人", ", head"), "coordinator": ("协调员", ", coordinator")}


def role_name(role: str) -> tuple[str, str]:
    """Chinese and English name of an owner's role, also of `<role>.head` and `.coordinator`; unknown: the code."""
    stem, _, suffix = role.partition(".")
    zh, en = _ROLES.get(stem, (stem, stem))
    if not suffix:
        return zh, en
    more_zh, more_en = _SUFFIXES.get(suffix, (suffix, f", {suffix}"))
    return zh + more_zh, en + more_en


KNOWN_ROLES = frozenset(_ROLES)
