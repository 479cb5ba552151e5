"""Webhooks, from the event to a real receiver that checks every signature."""

from __future__ import annotations

import asyncio
from typing import Any

from sikua_chassis.sealing import Seals
from sikua_contracts.scheduler import StepBlocked
from sikua_contracts.words import Rung
from support.notices import CHIEF, LAND, Desk, armed, contact, raised, step

NAME = "industry-platform"


async def with_endpoint(desk: Desk) -> dict[str, Any]:
    """Register the receiver and let LAND be reached by it alone."""
    answer = await desk.client.post("/webhooks", json={"name": NAME, "url": desk.channels.hook(NAME)})
    assert answer.status_code == 201, answer.text
    endpoint: dict[str, Any] = answer.json()
    desk.channels.receiver.secrets[NAME] = endpoint["secret"]
    people = [contact(LAND, "natural_resources", webhook=NAME) | {"email": ""}]
    assert (await desk.client.put("/contacts", json={"contacts": people})).status_code == 200
    return endpoint


async def test_a_notice_arrives_signed_and_at_once(desk: Desk) -> None:
    await with_endpoint(desk)
    await desk.hear(armed())
    [taken] = desk.channels.receiver.received
    [notice] = await desk.notices()
    assert taken.body["type"] == "notice.armed"
    assert taken.body["data"]["notice_id"] == notice["id"]
    assert taken.body["data"]["owner"] == {"role": "natural_resources", "division": "370211"}
    assert notice["state"] == "sent"
    assert "traceparent" not in taken.headers or taken.headers["traceparent"]


async def test_a_lost_answer_is_sent_again_under_the_same_id(desk: Desk) -> None:
    await with_endpoint(desk)
    desk.channels.receiver.faults.lose_answers = 1
    await desk.hear(armed())
    assert len(desk.channels.receiver.received) == 1
    assert desk.channels.receiver.requests == 2
    assert len(await desk.events("sent")) == 1


async def test_gone_disables_the_endpoint_and_enabling_takes_it_up_again(desk: Desk) -> None:
    endpoint = await with_endpoint(desk)
    desk.channels.receiver.faults.gone = True
    await desk.hear(armed(1))
    [listed] = (await desk.client.get("/webhooks")).json()["items"]
    assert (listed["state"], listed["disabled_reason"]) == ("disabled", "gone")
    assert "secret" not in listed
    await desk.hear(armed(2))
    assert desk.channels.receiver.requests == 1
    reasons = [notice["reason"] for notice in await desk.notices(recipient=LAND)]
    assert reasons == ["gone"]
    desk.channels.receiver.faults.gone = False
    assert (await desk.client.post(f"/webhooks/{endpoint['id']}/enable")).status_code == 200
    await desk.hear(armed(3))
    assert len(desk.channels.receiver.received) == 1


async def test_a_redirect_is_not_followed(desk: Desk) -> None:
    await with_endpoint(desk)
    desk.channels.receiver.faults.redirect_to = desk.channels.hook("elsewhere")
    await desk.hear(armed())
    assert desk.channels.receiver.requests == 1
    assert [said["reason"] for said in await desk.events("failed")] == ["redirected"]


async def test_an_endpoint_that_asks_to_wait_is_left_alone_for_that_long(desk: Desk) -> None:
    await with_endpoint(desk)
    desk.channels.receiver.faults.statuses.append(429)
    desk.channels.receiver.faults.retry_after = "2"
    started = asyncio.get_running_loop().time()
    await desk.hear(armed(1), armed(2), armed(3))
    assert asyncio.get_running_loop().time() - started >= 1.5
    assert len(desk.channels.receiver.received) == 3
    assert desk.channels.receiver.requests <= 6


async def test_a_slow_endpoint_costs_its_time_limit_and_is_tried_again(desk: Desk) -> None:
    await with_endpoint(desk)
    desk.channels.receiver.faults.slow_seconds = 2.0
    await desk.system.say("scheduler", armed())
    async with asyncio.timeout(60):
        while desk.channels.receiver.requests < 2:
            await asyncio.sleep(0.05)
    desk.channels.receiver.faults.slow_seconds = 0.0
    await desk.system.quiet()
    assert {taken.webhook_id for taken in desk.channels.receiver.received} == {
        (await desk.notices())[0]["digest_id"],
    }


async def test_one_project_is_told_in_order_and_one_at_a_time(desk: Desk) -> None:
    await with_endpoint(desk)
    desk.channels.receiver.faults.statuses.extend([503, 500])
    said = [StepBlocked(step=step(), reason=f"原因{number}", by="office") for number in range(6)]
    await desk.hear(*said)
    reasons = [
        line["value"]
        for taken in desk.channels.receiver.received
        for line in taken.body["data"]["lines"]
        if line["zh"] == "原因"
    ]
    assert reasons == [f"原因{number}" for number in range(6)]
    assert desk.channels.receiver.most_in_flight == 1


async def test_a_changed_secret_signs_beside_the_old_one(desk: Desk) -> None:
    endpoint = await with_endpoint(desk)
    rotated = (await desk.client.post(f"/webhooks/{endpoint['id']}/rotate")).json()
    assert rotated["secret"] != endpoint["secret"]
    await desk.hear(armed(1))
    desk.channels.receiver.secrets[NAME] = rotated["secret"]
    await desk.hear(armed(2))
    assert len(desk.channels.receiver.received) == 2
    assert not desk.channels.receiver.refused


async def test_secrets_lie_sealed_in_the_database_and_still_sign(desk: Desk) -> None:
    endpoint = await with_endpoint(desk)
    rotated = (await desk.client.post(f"/webhooks/{endpoint['id']}/rotate")).json()
    pool = desk.system.services["notifier"].database.pool
    rows = await pool.fetch("SELECT to_jsonb(endpoint)::text AS row FROM endpoint")
    assert [row["row"].count("whsec_") for row in rows] == [0]
    assert all(made["secret"].removeprefix("whsec_")[:20] not in rows[0]["row"] for made in (endpoint, rotated))
    desk.channels.receiver.secrets[NAME] = rotated["secret"]
    await desk.hear(armed())
    assert len(desk.channels.receiver.received) == 1


async def test_a_secret_that_no_key_opens_fails_the_notice_with_its_reason(desk: Desk) -> None:
    await with_endpoint(desk)
    pool = desk.system.services["notifier"].database.pool
    await pool.execute("UPDATE endpoint SET secret = $1", Seals.of("x" * 32, str, b"webhooks").seal("whsec_x"))
    await desk.hear(armed())
    assert desk.channels.receiver.requests == 0
    assert [notice["reason"] for notice in await desk.notices(recipient=LAND)] == ["misconfigured"]


async def test_a_secret_that_was_kept_before_there_were_seals_still_signs(desk: Desk) -> None:
    endpoint = await with_endpoint(desk)
    pool = desk.system.services["notifier"].database.pool
    await pool.execute("UPDATE endpoint SET secret = $1", endpoint["secret"])
    await desk.hear(armed())
    assert len(desk.channels.receiver.received) == 1


async def test_a_removed_endpoint_leaves_people_to_their_other_ways(desk: Desk) -> None:
    endpoint = await with_endpoint(desk)
    assert (await desk.client.delete(f"/webhooks/{endpoint['id']}")).status_code == 204
    assert (await desk.client.delete(f"/webhooks/{endpoint['id']}")).status_code == 404
    await desk.hear(raised(Rung.RED))
    assert len(desk.mails(CHIEF)) == 1


async def test_endpoints_inside_our_network_are_refused_by_name_of_the_field(desk: Desk) -> None:
    for url in ("http://example.org/x", "https://10.0.0.1/x", "https://user:x@example.org/", "https://localhost/", "x"):
        answer = await desk.client.post("/webhooks", json={"name": "inside", "url": url})
        assert answer.status_code == 422, url
        assert [error["field"] for error in answer.json()["errors"]] == ["/url"]
    taken = {"name": "twice", "url": "https://example.org/hook"}
    assert (await desk.client.post("/webhooks", json=taken)).status_code == 201
    assert (await desk.client.post("/webhooks", json=taken)).status_code == 409
