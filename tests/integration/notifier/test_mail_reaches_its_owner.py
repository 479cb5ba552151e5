"""Mail, from the event to a real SMTP server."""

from __future__ import annotations

from datetime import timedelta

from sikua_contracts.scheduler import EscalationAcknowledged, EscalationResolved, StepBlocked, TrackOpened
from sikua_contracts.words import Owner, Rung, TrackReason
from support.notices import CENTRE, CHIEF, LAND, LAND_TWO, OWNER, Desk, armed, raised, step
from support.system import START

HOUR = timedelta(hours=1)
AFTERNOON = START + 5 * HOUR
NEXT_MORNING = START + 24 * HOUR


async def test_many_notices_to_one_person_leave_in_one_mail(desk: Desk) -> None:
    await desk.hear(*(armed(number) for number in range(1, 6)))
    assert desk.mails(LAND) == []
    await desk.system.turn_to(AFTERNOON)
    [mail] = desk.mails(LAND)
    assert "5 条待办提醒" in mail.message["Subject"]
    assert all(f"示范项目{number}" in mail.text() for number in range(1, 6))
    sent = await desk.events("sent")
    assert len(sent) == 5
    assert {said["digest_id"] for said in sent} == {mail.message_id.strip("<>").partition("@")[0]}
    assert {notice["state"] for notice in await desk.notices()} == {"sent"}


async def test_a_red_escalation_leaves_at_once_and_alone(desk: Desk) -> None:
    await desk.hear(raised(Rung.YELLOW, 1), raised(Rung.RED, 2))
    [mail] = desk.mails(CHIEF)
    assert "红色督办" in mail.message["Subject"]
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert "http://127.0.0.1:8100/command-office/office/projects/project-2" in mail.text()
    await desk.system.turn_to(AFTERNOON)
    assert len(desk.mails(CHIEF)) == 2


async def test_an_import_and_a_quiet_escalation_tell_nobody(desk: Desk) -> None:
    await desk.hear(armed(1, historic=True), raised(Rung.TOP, 2, quiet=True))
    await desk.system.turn_to(NEXT_MORNING)
    assert await desk.notices() == []
    assert desk.channels.mailbox.taken == 0


async def test_a_block_reaches_the_owner_whoever_is_waited_for_and_the_coordinator(desk: Desk) -> None:
    waiting_for = Owner(role="natural_resources.head", division="370211")
    await desk.hear(StepBlocked(step=step(), reason="用地指标未落实", waiting_for=waiting_for, by="office"))
    await desk.system.turn_to(AFTERNOON)
    told = {notice["recipient"] for notice in await desk.notices()}
    assert told == {LAND, CHIEF, CENTRE}
    assert "用地指标未落实" in desk.mails(LAND)[0].text()


async def test_the_coordinator_hears_of_a_new_track(desk: Desk) -> None:
    said = TrackOpened(
        track_id="t", project_id="p", project_name="甲", reasons=[TrackReason.CROSSING], opened_by="rule"
    )
    await desk.hear(said)
    assert [notice["recipient"] for notice in await desk.notices()] == [CENTRE]


async def test_nobody_is_told_of_a_track_of_a_plan_that_is_still_quiet(desk: Desk) -> None:
    reasons = [TrackReason.CROSSING]
    said = TrackOpened(track_id="t", project_id="p", project_name="甲", reasons=reasons, opened_by="rule", quiet=True)
    await desk.hear(said)
    assert await desk.notices() == []


async def test_an_owner_for_whom_nobody_stands_is_visible_as_failed(desk: Desk) -> None:
    nobody = Owner(role="tax", division="370202")
    await desk.hear(raised(Rung.RED, recipients=[nobody]))
    [notice] = await desk.notices(state="failed")
    assert (notice["recipient"], notice["reason"]) == ("tax@370202", "no_roster")
    [said] = await desk.events("failed")
    assert said["attempts"] == 0


async def test_a_server_that_says_later_is_tried_again_with_the_same_message_id(desk: Desk) -> None:
    desk.channels.mailbox.faults.try_later = 2
    await desk.hear(raised(Rung.RED))
    assert desk.channels.mailbox.attempts == 3
    assert len(desk.mails(CHIEF)) == 1
    assert [said["recipient"] for said in await desk.events("sent")] == [CHIEF]


async def test_a_lost_answer_sends_the_same_message_again_under_the_same_id(desk: Desk) -> None:
    desk.channels.mailbox.faults.drop_after = 1
    await desk.hear(raised(Rung.RED))
    first, second = desk.mails(CHIEF)
    assert first.message_id == second.message_id
    assert first.content == second.content
    assert len(await desk.events("sent")) == 1


async def test_a_refused_mailbox_fails_at_once_and_the_deputy_hears(desk: Desk) -> None:
    desk.channels.mailbox.faults.refused.add(f"{CHIEF}@qd.example")
    await desk.hear(raised(Rung.RED))
    [failed] = await desk.notices(state="failed")
    assert (failed["recipient"], failed["reason"]) == (CHIEF, "rejected")
    assert [said["attempts"] for said in await desk.events("failed")] == [1]
    assert "代理" in desk.mails(LAND)[0].message["Subject"]


async def test_after_the_last_attempt_the_notice_has_failed(desk: Desk) -> None:
    desk.channels.mailbox.faults.try_later = 100
    await desk.hear(raised(Rung.YELLOW))
    await desk.system.turn_to(AFTERNOON)
    [said] = await desk.events("failed")
    assert (said["attempts"], said["reason"]) == (4, "away")


async def test_a_deputy_hears_when_nobody_acknowledges_for_eight_working_hours(desk: Desk) -> None:
    await desk.hear(raised(Rung.RED))
    await desk.system.turn_to(START + 7 * HOUR)
    assert desk.mails(LAND) == []
    await desk.system.turn_to(NEXT_MORNING)
    assert len(desk.mails(LAND)) == 1
    await desk.system.turn_to(NEXT_MORNING + 72 * HOUR)
    assert len(desk.mails(LAND)) == 1
    assert desk.mails(LAND_TWO) == []
    deputies = [notice for notice in await desk.notices() if notice["deputy_of"]]
    assert [(notice["recipient"], notice["deputy_of"]) for notice in deputies] == [(LAND, CHIEF)]


async def test_an_acknowledged_notice_needs_no_deputy_and_acknowledging_twice_says_it_once(desk: Desk) -> None:
    await desk.hear(raised(Rung.RED))
    [notice] = await desk.notices()
    own = desk.system.client("notifier", "department_owner", sub=CHIEF, division="370211")
    answers = [await own.post(f"/notices/{notice['id']}/acknowledge") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["acknowledged_by"] == CHIEF
    await desk.system.turn_to(NEXT_MORNING)
    assert desk.mails(LAND) == []
    assert [said["acknowledged_by"] for said in await desk.events("acknowledged")] == [CHIEF]


async def test_a_stranger_may_not_acknowledge_and_a_foreign_district_sees_nothing(desk: Desk) -> None:
    await desk.hear(raised(Rung.RED))
    [notice] = await desk.notices()
    neighbour = desk.system.client("notifier", "department_owner", sub="someone", division="370211")
    foreign = desk.system.client("notifier", "district_owner", sub="other", division="370202")
    assert (await neighbour.post(f"/notices/{notice['id']}/acknowledge")).status_code == 403
    assert (await neighbour.get(f"/notices/{notice['id']}")).status_code == 200
    assert (await foreign.get(f"/notices/{notice['id']}")).status_code == 404
    assert (await foreign.post(f"/notices/{notice['id']}/acknowledge")).status_code == 404
    assert (await foreign.get("/notices")).json()["items"] == []


async def test_an_accepted_escalation_calls_no_deputy(desk: Desk) -> None:
    said = raised(Rung.RED)
    await desk.hear(said)
    await desk.hear(EscalationAcknowledged(escalation_id=said.escalation_id, rung=said.rung, step=said.step, by="x"))
    await desk.system.turn_to(NEXT_MORNING)
    assert desk.mails(LAND) == []


async def test_what_was_told_is_told_as_resolved_and_what_still_waits_is_withdrawn(desk: Desk) -> None:
    red, yellow = raised(Rung.RED, 1), raised(Rung.YELLOW, 2, recipients=[OWNER])
    await desk.hear(red, yellow)
    for said in (red, yellow):
        over = EscalationResolved(
            escalation_id=said.escalation_id, rung=said.rung, step=said.step, resolution="指标已批复", by="x"
        )
        await desk.hear(over)
    await desk.system.turn_to(AFTERNOON)
    assert desk.mails(LAND) == []
    assert len(desk.mails(CHIEF)) == 2
    assert "指标已批复" in desk.mails(CHIEF)[1].text()
    assert [notice["recipient"] for notice in await desk.notices(state="withdrawn")] == [LAND]


async def test_a_digest_waits_for_the_next_working_morning(desk: Desk) -> None:
    friday_evening = START + 4 * 24 * HOUR + 9 * HOUR
    await desk.system.turn_to(friday_evening)
    await desk.hear(armed())
    await desk.system.turn_to(friday_evening + 50 * HOUR)
    assert desk.mails(LAND) == []
    await desk.system.turn_to(START + 7 * 24 * HOUR)
    assert len(desk.mails(LAND)) == 1
