"""Silences hold notices back; contacts and rosters are written whole or not at all."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from sikua_contracts.words import Owner, Rung
from support.notices import CHIEF, LAND, LAND_TWO, Desk, armed, contact, raised
from support.system import START

HOUR = timedelta(hours=1)
UNITS = Path(__file__).parents[3] / "demo" / "units.csv"


async def silence(desk: Desk, ends_in: timedelta, **matched: str) -> dict[str, Any]:
    """Hold what matches back."""
    matchers = [{"field": field, "values": [value]} for field, value in matched.items()]
    body = {"matchers": matchers, "ends_at": (START + ends_in).isoformat(), "comment": "检修"}
    answer = await desk.client.post("/silences", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_silence_holds_what_matches_until_its_end_and_drops_nothing(desk: Desk) -> None:
    made = await silence(desk, 6 * HOUR, project_id="project-1")
    await desk.hear(raised(Rung.RED, 1), raised(Rung.RED, 2))
    assert ["示范项目2" in mail.text() for mail in desk.mails(CHIEF)] == [True]
    [held] = await desk.notices(state="waiting")
    assert held["held_by"] == made["id"]
    await desk.system.turn_to(START + 6 * HOUR)
    assert len(desk.mails(CHIEF)) == 2


async def test_ending_a_silence_lets_go_what_it_held(desk: Desk) -> None:
    made = await silence(desk, 48 * HOUR, kind="red")
    await desk.hear(raised(Rung.RED, 1))
    assert desk.mails(CHIEF) == []
    assert (await desk.client.delete(f"/silences/{made['id']}")).status_code == 204
    await desk.system.quiet()
    assert len(desk.mails(CHIEF)) == 1
    [listed] = (await desk.client.get("/silences")).json()["items"]
    assert listed["ended_by"] == "command_office@test"
    assert (await desk.client.get("/silences", params={"open_only": True})).json()["items"] == []


async def test_a_silence_needs_an_end_that_is_to_come(desk: Desk) -> None:
    matchers = [{"field": "kind", "values": ["red"]}]
    for ends_at in (START - HOUR, START + timedelta(days=100)):
        body = {"matchers": matchers, "ends_at": ends_at.isoformat(), "comment": "x"}
        answer = await desk.client.post("/silences", json=body)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["/ends_at"]
    answer = await desk.client.post("/silences", json={"matchers": []})
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"/matchers", "/ends_at", "/comment"}


async def test_all_wrong_contacts_are_named_and_none_is_written(desk: Desk) -> None:
    people = [
        contact("new-1", "natural_resources", deputy="nobody"),
        contact("new-1", "natural_resources"),
        contact("new-2", "natural_resources", webhook="unknown"),
    ]
    answer = await desk.client.put("/contacts", json={"contacts": people})
    assert answer.status_code == 422
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"/contacts/0/deputy", "/contacts/1/person", "/contacts/2/webhook"}
    wrong = [contact("new 3", "gardener", "999999", email="a@b\r\nBcc: x@y.z", name="张\u202e三")]
    answer = await desk.client.put("/contacts", json={"contacts": wrong})
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {f"/contacts/0/{name}" for name in ("person", "role", "division", "email", "name")}
    listed = (await desk.client.get("/contacts")).json()["items"]
    assert not [found for found in listed if found["person"].startswith("new")]


async def test_a_roster_names_known_people_once(desk: Desk) -> None:
    rosters = [
        {"role": "reform", "division": "370200", "persons": [LAND, LAND, "nobody"]},
        {"role": "reform", "division": "370200", "persons": []},
    ]
    answer = await desk.client.put("/rosters", json={"rosters": rosters})
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"/rosters/0/persons/1", "/rosters/0/persons/2", "/rosters/1"}


async def test_people_change_and_the_next_notice_follows(desk: Desk) -> None:
    rosters = [{"role": "natural_resources", "division": "370211", "persons": [LAND_TWO, LAND]}]
    assert (await desk.client.put("/rosters", json={"rosters": rosters})).status_code == 200
    await desk.hear(armed())
    assert [notice["recipient"] for notice in await desk.notices()] == [LAND_TWO]


async def test_lists_are_paged_and_masked_for_those_who_may_not_act(desk: Desk) -> None:
    await desk.hear(*(armed(number) for number in range(1, 8)))
    auditor = desk.system.client("notifier", "auditor")
    seen, cursor = [], None
    while True:
        page = (await auditor.get("/notices", params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert len({notice["id"] for notice in seen}) == 7
    assert {notice["recipient_name"] for notice in seen} == {"张**"}
    assert {notice["recipient_name"] for notice in await desk.notices()} == {"张三丰"}
    masked = (await auditor.get("/contacts")).json()["items"]
    assert {found["name"] for found in masked} == {"张**"}
    assert all(found["email"].endswith("***@qd.example") for found in masked)
    plain = (await desk.client.get("/contacts")).json()["items"]
    assert f"{LAND}@qd.example" in {found["email"] for found in plain}
    answer = await auditor.get("/notices", params={"cursor": "nonsense"})
    assert answer.status_code == 400


async def test_the_made_up_offices_stand_for_every_role_in_every_district(desk: Desk) -> None:
    rows = list(csv.DictReader(line for line in UNITS.read_text("utf-8").splitlines() if not line.startswith("#")))
    assert {row["made_up"] for row in rows} == {"yes"}
    for name in sorted({row["webhook"] for row in rows} - {""}):
        answer = await desk.client.post("/webhooks", json={"name": name, "url": desk.channels.hook(name)})
        desk.channels.receiver.secrets[name] = answer.json()["secret"]
    people = [{key: row[key] for key in row if key != "made_up"} for row in rows]
    assert (await desk.client.put("/contacts", json={"contacts": people})).status_code == 200
    rosters = [{"role": row["role"], "division": row["division"], "persons": [row["person"]]} for row in rows]
    assert (await desk.client.put("/rosters", json={"rosters": rosters})).status_code == 200
    owners = [Owner(role=row["role"], division=row["division"]) for row in rows]
    elsewhere = [Owner(role="industry", division="370211"), Owner(role="leader", division="370602")]
    await desk.hear(raised(Rung.TOP, recipients=[*owners, *elsewhere]))
    assert await desk.notices(state="failed") == []
    assert desk.channels.mailbox.taken == len(rows)
