"""The acts of officers, one table: what each is called, what it asks for, and where its owner service takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Subject(StrEnum):
    """What an act is done to."""

    STEP = "step"
    ESCALATION = "escalation"
    TRACK = "track"
    PROJECT = "project"


class Kind(StrEnum):
    """How an answer is given: a line, a paragraph, a document's number with or without its file, a number, a choice."""

    LINE = "line"
    WORDS = "words"
    DOCUMENT = "document"
    NUMBER = "number"
    OWNER = "owner"
    RUNG = "rung"


@dataclass(frozen=True)
class Ask:
    """One thing an act asks for: its member in the owner's body, and what it is called."""

    name: str
    kind: Kind
    zh: str
    en: str
    needed: bool = True
    longest: int = 2000


@dataclass(frozen=True)
class Act:
    """One act. `path` is the owner's, with `{id}` for the subject; `named` is the member of the body that
    carries it instead."""

    word: str
    subject: Subject
    service: str
    path: str
    scope: str
    zh: str
    en: str
    asks: tuple[Ask, ...] = ()
    named: str | None = None

    def path_for(self, subject: str) -> str:
        """Where the owner takes it for this subject."""
        return self.path.format(id=subject)

    def body(self, subject: str, given: Mapping[str, str]) -> dict[str, Any] | None:
        """The owner's body from a form's fields; None when the owner takes none.

        What is left empty and not needed stays out. A number that is none goes as it was typed: the owner names it.
        """
        if not self.asks and self.named is None:
            return None
        body: dict[str, Any] = {} if self.named is None else {self.named: subject}
        for ask in self.asks:
            typed = given.get(ask.name, "").strip()
            if typed or ask.needed:
                body[ask.name] = _meant(ask.kind, typed)
        return body

    @property
    def takes_document(self) -> bool:
        """Whether a file may come with it."""
        return any(ask.kind is Kind.DOCUMENT for ask in self.asks)


def _meant(kind: Kind, typed: str) -> Any:
    if kind is Kind.NUMBER and typed.isascii() and typed.isdecimal() and len(typed) < 10:
        return int(typed)
    if kind is Kind.OWNER:
        role, _, division = typed.partition("@")
        return {"role": role, "division": division}
    return typed


_REASON: Final = Ask("reason", Kind.WORDS, "原因", "Reason")
_DOCUMENT: Final = Ask("document", Kind.DOCUMENT, "依据文件", "Document", longest=1000)


def _of_step(word: str, zh: str, en: str, *asks: Ask) -> Act:
    return Act(word, Subject.STEP, "scheduler", f"/steps/{{id}}/{word}", "steps:act", zh, en, asks)


def _of_escalation(word: str, zh: str, en: str, *asks: Ask) -> Act:
    path = f"/escalations/{{id}}/{word}"
    return Act(word, Subject.ESCALATION, "scheduler", path, "escalations:act", zh, en, asks)


def _table(acts: Iterable[Act]) -> dict[str, Act]:
    return {act.word: act for act in acts}


ACTS: Final = _table(
    (
        _of_step("start", "接办", "Take up"),
        _of_step(
            "complete", "办结", "Complete", _DOCUMENT, Ask("note", Kind.LINE, "说明", "Note", needed=False, longest=500)
        ),
        _of_step(
            "block",
            "登记堵点",
            "Block",
            Ask("reason", Kind.WORDS, "堵在哪里", "What holds it up"),
            Ask("waiting_for", Kind.OWNER, "等谁", "Waiting for", needed=False),
        ),
        _of_step("unblock", "解除堵点", "Unblock", Ask("resolution", Kind.WORDS, "如何解决", "How it was cleared")),
        _of_step("pause", "中止计时", "Stop the clock", _REASON, _DOCUMENT),
        _of_step("resume", "恢复计时", "Run the clock again", _DOCUMENT),
        _of_step(
            "extend",
            "延期一次",
            "Extend once",
            Ask("amount", Kind.NUMBER, "延长多少", "How many more"),
            _REASON,
            Ask("approved_by", Kind.LINE, "批准人", "Approved by", longest=200),
        ),
        _of_step("reassign", "改派", "Reassign", Ask("owner", Kind.OWNER, "新的责任单位", "New owner"), _REASON),
        _of_step("reopen", "重开", "Reopen", _REASON),
        _of_escalation("acknowledge", "受理", "Acknowledge"),
        _of_escalation("raise", "顶格推进", "Push to the top", Ask("rung", Kind.RUNG, "升到", "Up to"), _REASON),
        _of_escalation("resolve", "了结", "Resolve", Ask("resolution", Kind.WORDS, "如何解决", "How it was put right")),
        Act(
            "track",
            Subject.PROJECT,
            "scheduler",
            "/tracks",
            "tracks:write",
            "列入督办",
            "Put on a track",
            (_REASON, _DOCUMENT),
            named="project_id",
        ),
        Act(
            "untrack",
            Subject.TRACK,
            "scheduler",
            "/tracks/{id}/close",
            "tracks:write",
            "退出督办",
            "Take off the track",
            (_REASON,),
        ),
        Act(
            "close",
            Subject.PROJECT,
            "registry",
            "/projects/{id}/close",
            "projects:write",
            "销号",
            "Close the project",
            (_REASON, Ask("document", Kind.DOCUMENT, "依据文件", "Document", needed=False, longest=90)),
        ),
    )
)
"""Every act by its word. Bodies are those of the scheduler's and the registry's own routes."""
