"""How the notifier behaves, as the operator set it: hours, patience, and where a notice's link leads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from urllib.parse import quote

from sikua_rules.business_time import CLOSE, OPEN

from sikua_notifier.digest import DigestHours
from sikua_notifier.retrying import Retrying


@dataclass(frozen=True)
class Policy:
    """Hours are clock times of Asia/Shanghai; `deputy_after` and `rotation` say how long one waits for a person.

    `deputy_after` is working time without an acknowledgement, `rotation` the real time in which both secrets sign.
    """

    page: str = "http://127.0.0.1:8100/command-office/office/projects/{project_id}"
    mail_from: str = "sikua@sikua.example"
    digest: DigestHours = field(default_factory=DigestHours)
    opens: time = OPEN
    closes: time = CLOSE
    deputy_after: timedelta = timedelta(hours=8)
    rotation: timedelta = timedelta(hours=24)
    retrying: Retrying = field(default_factory=Retrying)
    webhook_exceptions: frozenset[str] = frozenset()

    @property
    def mail_domain(self) -> str:
        """The domain of Message-IDs."""
        return self.mail_from.rpartition("@")[2]

    def link(self, project_id: str, escalation_id: str | None = None) -> str:
        """The page of a project, at the escalation when there is one."""
        page = self.page.replace("{project_id}", quote(project_id, safe=""))
        return f"{page}#escalation-{quote(escalation_id, safe='')}" if escalation_id else page


def hours_from(text: str) -> tuple[time, ...]:
    """ "09:00,14:00" as clock times, in order; empty text: none. Raises ValueError."""
    return tuple(sorted(time.fromisoformat(part.strip()) for part in text.split(",") if part.strip()))
