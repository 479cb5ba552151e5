"""A mail, byte by byte the same at every attempt: Message-ID from the parcel, date from when it was gathered.

RFC 5322 message with text and HTML parts, RFC 2047 headers, RFC 3834 `Auto-Submitted`. Nothing from outside reaches a
header or the HTML unescaped.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from sikua_notifier.characters import visible
from sikua_notifier.wording import Content

_LONGEST_SUBJECT = 160
_ON_THE_WIRE = compat32.clone(linesep="\r\n")
_FOOT_ZH = "本邮件由四跨调度系统自动发出，请勿直接回复。"
_FOOT_EN = "Sent automatically by sikua; please do not reply."


@dataclass(frozen=True)
class Item:
    """One notice of a mail: its words, the page it leads to, and what the recipient acknowledges it by."""

    content: Content
    link: str
    notice_id: str


@dataclass(frozen=True)
class Letter:
    """Who writes to whom, and what about."""

    parcel_id: str
    sender: str
    sender_domain: str
    recipient_name: str
    recipient: str
    items: Sequence[Item]
    written_at: datetime

    @property
    def message_id(self) -> str:
        """RFC 5322 §3.6.4, from the parcel's id: the same mail sent twice is known as one."""
        return f"<{self.parcel_id}@{self.sender_domain}>"

    @property
    def subject(self) -> str:
        """The notice's title, or how many notices there are."""
        if len(self.items) == 1:
            return visible(self.items[0].content.title, _LONGEST_SUBJECT)
        count = len(self.items)
        return f"【四跨调度】{count} 条待办提醒 · sikua digest: {count} notices"

    def message(self) -> bytes:
        """The whole message with CRLF line ends, headers folded and encoded."""
        message = MIMEMultipart("alternative", boundary=f"=_sikua_{self.parcel_id.replace('-', '')}")
        message["From"] = _addressed("四跨调度 sikua", self.sender, "From")
        message["To"] = _addressed(visible(self.recipient_name, 60), self.recipient, "To")
        message["Subject"] = Header(self.subject, "utf-8", header_name="Subject").encode()
        message["Date"] = format_datetime(self.written_at)
        message["Message-ID"] = self.message_id
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["Content-Language"] = "zh-CN, en"
        message.attach(MIMEText(self.text(), "plain", "utf-8"))
        message.attach(MIMEText(self.html(), "html", "utf-8"))
        return message.as_bytes(policy=_ON_THE_WIRE)

    def text(self) -> str:
        """The plain part."""
        blocks = ["\n".join(_text_lines(item)) for item in self.items]
        return "\n\n".join([*blocks, f"{_FOOT_ZH}\n{_FOOT_EN}"]) + "\n"

    def html(self) -> str:
        """The HTML part: no script, no outside resource, every value escaped."""
        blocks = "\n".join(_html_block(item) for item in self.items)
        return (
            '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>'
            f"{html.escape(self.subject)}</title></head><body>\n{blocks}\n"
            f"<p><small>{_FOOT_ZH}<br>{_FOOT_EN}</small></p></body></html>\n"
        )


def _addressed(name: str, address: str, header: str) -> str:
    # Encoded whole, spaces too: nothing in a name can be read as an address, as an encoded word or as another header.
    written = Header(name, "utf-8", header_name=header)
    written.append(f"<{address}>", "us-ascii")
    return written.encode()


def _text_lines(item: Item) -> list[str]:
    content = item.content
    lines = [content.title_zh, content.title_en]
    lines += [f"  {line.label_zh} {line.label_en}: {line.value}" for line in content.lines]
    return [*lines, f"  查看 Open: {item.link}", f"  编号 Notice: {item.notice_id}"]


def _html_block(item: Item) -> str:
    content = item.content
    rows = "".join(
        f"<tr><th align=left>{html.escape(line.label_zh)} {html.escape(line.label_en)}</th>"
        f"<td><bdi>{html.escape(line.value)}</bdi></td></tr>"
        for line in content.lines
    )
    return (
        f"<section><h3><bdi>{html.escape(content.title_zh)}</bdi><br>"
        f"<small><bdi>{html.escape(content.title_en)}</bdi></small></h3><table>{rows}</table>"
        f'<p><a href="{html.escape(item.link, quote=True)}">查看 · Open</a> '
        f"<small>{html.escape(item.notice_id)}</small></p></section>"
    )
