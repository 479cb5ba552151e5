"""What comes from outside is shown as text: in titles, in mails, in HTML, and never as a header."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_contracts.scheduler import EscalationRaised, EscalationResolved, StepState
from sikua_contracts.words import Owner, Rung, StepCode, StepStatus, TrackReason
from sikua_notifier import wording
from sikua_notifier.characters import masked_mail, masked_name, visible, without_personal_numbers
from sikua_notifier.kinds import NoticeKind, role_name
from sikua_notifier.letter import Item, Letter
from sikua_rules.limits import LimitUnit

DUE = datetime(2026, 3, 27, 9, 30, tzinfo=UTC)
OWNER = Owner(role="natural_resources", division="370211")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "甲\r\nBcc: everybody@example.org",
    "甲\nSubject: other",
    "abc\u202edef\u2066x",
    "zero\u200bwidth\ufeff",
    "\x1b[31mred\x07",
    "a" * 5000,
    "=?utf-8?b?PHNjcmlwdD4=?=",
    "\u2028line\u2029paragraph",
]


def step(name: str = "示范项目", **more: object) -> StepState:
    given = {
        "step_id": "s",
        "project_id": "p",
        "project_name": name,
        "code": StepCode.QUOTA,
        "name_zh": "落实指标",
        "name_en": "Securing quotas",
        "owner": OWNER,
        "status": StepStatus.ARMED,
        "limit_amount": 20,
        "limit_unit": LimitUnit.WORKING_DAY,
        "due_at": DUE,
    }
    return StepState.model_validate({**given, **more})


def letter(*contents: wording.Content, name: str = "张三") -> Letter:
    items = [Item(content, "http://127.0.0.1:8100/p", f"n{number}") for number, content in enumerate(contents)]
    return Letter("01-ab", "sikua@sikua.example", "sikua.example", name, "a@qd.example", items, DUE)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_mail_and_html(text: str) -> None:
    content = wording.blocked(step(text), text, OWNER)
    written = letter(content, name=text)
    message = message_from_bytes(written.message(), policy=default)
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
        *("Content-Language", "MIME-Version", "Content-Type"),
    }
    assert [address.addr_spec for address in message["To"].addresses] == ["a@qd.example"]
    assert not [c for c in message["Subject"] if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    assert message["Subject"] == written.subject
    html = written.html()
    assert "<script" not in html
    assert "<img" not in html
    assert not [c for c in html.replace("\n", "") if unicodedata.category(c) in ("Cc", "Cf")]


def every_kind(text: str) -> list[wording.Content]:
    """Each wording there is, with this text wherever people or departments can put one."""
    named = step(text, name_zh=text, name_en=text, blocked_reason=text)
    raised = [
        EscalationRaised(
            escalation_id=text, rung=rung, step=named, recipients=[OWNER], reason=text, overdue_working_days=5
        )
        for rung in Rung
    ]
    resolved = EscalationResolved(escalation_id=text, rung=Rung.RED, step=named, resolution=text, by=text)
    return [
        wording.armed(named),
        wording.blocked(named, text, OWNER),
        wording.reassigned(named, OWNER, text),
        *map(wording.raised, raised),
        wording.resolved(resolved),
        wording.tracked(text, [TrackReason.ORDER]),
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_kind_of_notice_lets_hostile_text_become_markup_or_hide(text: str) -> None:
    told = every_kind(text)
    assert {content.kind for content in told} == {*(kind for kind in NoticeKind)}
    for written in (*map(letter, told), letter(*told)):
        html, plain = written.html(), written.text()
        assert "<script" not in html
        assert "<img" not in html
        for shown in (html, plain, written.subject):
            assert not [c for c in shown.replace("\n", "") if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]


@given(st.text(max_size=400), st.text(max_size=100))
def test_any_reason_and_any_name_make_a_mail_that_says_one_thing(reason: str, name: str) -> None:
    content = wording.raised(
        EscalationRaised(
            escalation_id="e",
            rung=Rung.RED,
            step=step(name.encode("utf-8", "ignore").decode()),
            recipients=[OWNER],
            reason=reason.encode("utf-8", "ignore").decode(),
            overdue_working_days=5,
        )
    )
    raw = letter(content).message()
    message = message_from_bytes(raw, policy=default)
    assert message["Message-ID"] == "<01-ab@sikua.example>"
    assert len(message.get_all("Subject")) == 1
    assert raw == letter(content).message()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@given(st.text())
def test_visible_text_is_one_line_without_anything_hidden(text: str) -> None:
    shown = visible(text, 50)
    assert len(shown) <= 50
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]
    assert visible(shown, 50) == shown


def test_both_languages_stand_in_subject_text_and_html() -> None:
    said = EscalationRaised(
        escalation_id="e", rung=Rung.RED, step=step(), recipients=[OWNER], reason="缺指标", overdue_working_days=1
    )
    content = wording.raised(said)
    assert content.title_zh == "【红色督办】示范项目 落实指标 超期 1 个工作日"
    assert content.title_en == "Red: 示范项目, Securing quotas, overdue by 1 working day"
    assert content.title == f"{content.title_zh} · {content.title_en}"
    written = letter(content)
    assert "黄岛区 自然资源 · Natural resources" in written.text()
    assert "2026-03-27 17:30" in written.text()
    message = message_from_bytes(written.message(), policy=default)
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == written.text()
    assert "缺指标" in html.get_content()
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("rung", Rung)
def test_every_rung_has_words_and_says_what_was_resolved(rung: Rung) -> None:
    said = EscalationRaised(
        escalation_id="e", rung=rung, step=step(), recipients=[OWNER], reason="r", overdue_working_days=0
    )
    content = wording.raised(said)
    assert content.title_zh.startswith("【")
    assert content.kind is NoticeKind(rung.value.lower())
    over = wording.resolved(EscalationResolved(escalation_id="e", rung=rung, step=step(), resolution="好", by="x"))
    assert over.title_zh == "【已解决】示范项目 落实指标"


def test_the_other_notices_have_words() -> None:
    assert wording.armed(step(due_provisional=True)).lines[-1].value.endswith("（暂定 · provisional）")
    moved = wording.reassigned(step(), Owner(role="reform", division="000000"), "职责调整")
    assert "发展改革" in moved.lines[-2].value
    assert wording.tracked("甲", [TrackReason.CROSSING, TrackReason.ORDER]).lines[1].value == (
        "四跨、指挥部办公室指定 · crossing, by order"
    )
    content = wording.armed(step())
    assert wording.Content.from_json(content.as_json()) == content
    assert wording.Content.from_json(content.for_deputy().as_json()).title_zh.startswith("【代理】")


def test_personal_numbers_in_free_text_are_masked() -> None:
    text = "联系人13812348000,身份证370202199001010012,USCC 91370200264574251E,第 20260302 号"
    assert without_personal_numbers(text) == (
        "联系人138****8000,身份证3702**********0012,USCC 91370200264574251E,第 20260302 号"
    )
    assert "138****8000" in wording.blocked(step(), text, None).lines[-1].value


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张*"), ("欧阳修文", "欧阳**"), ("欧阳", "欧*"), ("王", "王*"), ("", "")]
)
def test_names_are_masked_to_the_family_name(name: str, shown: str) -> None:
    assert masked_name(name) == shown


def test_mail_addresses_are_masked_and_roles_named() -> None:
    assert masked_mail("zhang@qd.example") == "z***@qd.example"
    assert masked_mail("") == ""
    assert role_name("reform.head") == ("发展改革负责人", "Development and reform, head")
    assert role_name("unheard_of") == ("unheard_of", "unheard_of")


def test_many_notices_share_one_mail_whose_subject_counts_them() -> None:
    written = letter(*(wording.armed(step(f"项目{number}")) for number in range(3)))
    assert written.subject == "【四跨调度】3 条待办提醒 · sikua digest: 3 notices"
    assert all(f"项目{number}" in written.text() and f"项目{number}" in written.html() for number in range(3))
