"""What the notifier says: what became of each notice. Subject: the id of the project the notice is about."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime

from sikua_contracts.envelope import Said
from sikua_contracts.topics import NOTICES
from sikua_contracts.words import Owner


class _OfNotice(Said):
    topic: ClassVar[str] = NOTICES

    notice_id: str
    project_id: str
    step_id: str | None = None
    escalation_id: str | None = None
    owner: Owner
    recipient: str
    channel: str

    def subject(self) -> str:
        return self.project_id


class NoticeSent(_OfNotice):
    """A channel took the notice (for mail: the receiving server answered 250)."""

    type: ClassVar[str] = "cn.sikua.notice.sent.v1"

    subject_line: str
    sent_at: AwareDatetime
    digest_id: str | None = None


class NoticeFailed(_OfNotice):
    """No channel took the notice, and trying again will not help."""

    type: ClassVar[str] = "cn.sikua.notice.failed.v1"

    reason: str
    attempts: int


class NoticeAcknowledged(_OfNotice):
    """The recipient has seen the notice."""

    type: ClassVar[str] = "cn.sikua.notice.acknowledged.v1"

    acknowledged_by: str
    acknowledged_at: AwareDatetime
