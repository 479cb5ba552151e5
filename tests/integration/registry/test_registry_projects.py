"""Projects over HTTP: registered in one statement, found, amended under a version, ordered, merged, and remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
from sikua_chassis.service import Service
from support.system import START, System

Register = Callable[..., Awaitable[dict[str, Any]]]
Said = Callable[[str], Awaitable[list[str]]]


async def test_a_project_is_registered_in_one_statement(
    registry: Service, officer: httpx.AsyncClient, said: Said, plant_form: dict[str, Any]
) -> None:
    before = registry.database.statements
    answer = await officer.post("/projects", json=plant_form, headers={"Idempotency-Key": "one"})
    statements = registry.database.statements - before
    assert answer.status_code == 201
    body = answer.json()
    assert statements == 1
    assert answer.headers["Location"] == f"/projects/{body['project_id']}"
    assert answer.headers["ETag"] == '"v1"'
    assert [crossing["kind"] for crossing in body["crossings"]] == ["DISTRICT"]
    assert body["fields"]["total_investment_wan"]["value"] == "300000.0000"
    assert await said(body["project_id"]) == ["registered"]


async def test_the_same_key_registers_once(
    registry: Service, officer: httpx.AsyncClient, registered: Register, plant_form: dict[str, Any]
) -> None:
    first = await registered()
    second = await registered()
    assert second == first
    assert await registry.database.pool.fetchval("SELECT count(*) FROM project") == 1
    other = await officer.post("/projects", json={**plant_form, "name": "别的"}, headers={"Idempotency-Key": "key-1"})
    assert other.status_code == 422


async def test_every_wrong_field_is_named_at_once(officer: httpx.AsyncClient) -> None:
    wrong = {
        "name": " ",
        "divisions": ["370299", "370282"],
        "uscc": ["91370200264574251F"],
        "project_codes": ["2513-370211-04-01-123456"],
        "industries": ["Z9"],
        "origins": ["NOWHERE"],
        "total_investment_wan": "-1",
        "colour": "red",
    }
    answer = await officer.post("/projects", json=wrong, headers={"Idempotency-Key": "x"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert sorted(error["field"] for error in answer.json()["errors"]) == [
        "/colour",
        "/divisions/0",
        "/divisions/1",
        "/industries/0",
        "/name",
        "/origins/0",
        "/project_codes/0",
        "/total_investment_wan",
        "/uscc/0",
    ]


async def test_a_project_is_found_by_its_keys_and_name(officer: httpx.AsyncClient, registered: Register) -> None:
    plant = await registered()
    await registered("key-2", name="另一个项目", divisions=["370212"], uscc=[], project_codes=[])
    for query in (
        {"uscc": "91370211ma3c00011m"},
        {"project_code": "2105-370211-04-01-123455"},
        {"name": "电池 产业园"},
        {"division": "370281"},
        {"name": "电池", "status": "ACTIVE"},
    ):
        answer = await officer.get("/projects", params=query)
        assert [item["project_id"] for item in answer.json()["items"]] == [plant["project_id"]], query
    assert (await officer.get("/projects", params={"uscc": "123"})).status_code == 422


async def test_a_list_is_read_page_by_page(officer: httpx.AsyncClient, registered: Register) -> None:
    made = [(await registered(f"key-{number}"))["project_id"] for number in range(5)]
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        answer = await officer.get("/projects", params=params)
        seen += [item["project_id"] for item in answer.json()["items"]]
        cursor = answer.json()["next"]
        if cursor is None:
            break
        assert 'rel="next"' in answer.headers["Link"]
        params["cursor"] = cursor
    assert seen == sorted(made)
    assert (await officer.get("/projects", params={"cursor": "WzEsMl0"})).status_code == 400


async def test_an_amendment_needs_the_version_it_amends(
    officer: httpx.AsyncClient, registered: Register, said: Said
) -> None:
    plant = await registered()
    path = f"/projects/{plant['project_id']}"
    change = {"divisions": ["370211"], "problem": "用地指标未落实", "investor_name": None}
    assert (await officer.patch(path, json=change)).status_code == 428
    assert (await officer.patch(path, json=change, headers={"If-Match": '"v7"'})).status_code == 412
    answer = await officer.patch(path, json=change, headers={"If-Match": '"v1"'})
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == '"v2"'
    assert answer.json()["crossings"] == []
    assert "investor_name" not in answer.json()["fields"]
    assert await said(plant["project_id"]) == ["registered", "amended", "crossed"]
    same = await officer.patch(path, json={"divisions": ["370211"]}, headers={"If-Match": '"v2"'})
    assert same.headers["ETag"] == '"v2"'


async def test_a_patch_names_all_wrong_fields(officer: httpx.AsyncClient, registered: Register) -> None:
    plant = await registered()
    answer = await officer.patch(
        f"/projects/{plant['project_id']}",
        json={"name": None, "status": "CLOSED", "zone": "", "stage_date": "2020-13"},
        headers={"If-Match": '"v1"'},
    )
    assert answer.status_code == 422
    assert sorted(error["field"] for error in answer.json()["errors"]) == ["/name", "/stage_date", "/status", "/zone"]


async def test_a_project_is_suspended_resumed_closed_and_reopened(
    officer: httpx.AsyncClient, registered: Register, said: Said
) -> None:
    plant = await registered()
    path = f"/projects/{plant['project_id']}"
    without = await officer.post(f"{path}/suspend", json={"reason": "等待上级批复"})
    assert without.status_code == 422
    assert without.json()["errors"][0]["field"] == "/document"
    paper = {"reason": "等待上级批复", "document": "青招商函〔2026〕3号"}
    assert (await officer.post(f"{path}/suspend", json=paper)).json()["status"] == "SUSPENDED"
    assert (await officer.post(f"{path}/suspend", json=paper)).status_code == 409
    assert (await officer.post(f"{path}/resume", json=paper)).json()["status"] == "ACTIVE"
    assert (await officer.post(f"{path}/close", json={"reason": "办结"})).json()["status"] == "CLOSED"
    closed = await officer.patch(path, json={"zone": "高新区"}, headers={"If-Match": '"v4"'})
    assert closed.status_code == 409
    assert (await officer.post(f"{path}/reopen", json={"reason": "误销号"})).json()["status"] == "ACTIVE"
    assert await said(plant["project_id"]) == ["registered", "suspended", "resumed", "closed", "reopened"]
    history = (await officer.get(f"{path}/history")).json()["items"]
    assert [line["said"] for line in history] == ["registered", "suspended", "resumed", "closed", "reopened"]
    assert history[3]["reason"] == "办结"
    assert [line["version"] for line in history] == [1, 2, 3, 4, 5]


async def test_a_project_is_read_as_it_stood(
    system: System, officer: httpx.AsyncClient, registered: Register, plant_form: dict[str, Any]
) -> None:
    plant = await registered()
    path = f"/projects/{plant['project_id']}"
    await system.turn_to(START + timedelta(days=10))
    await officer.patch(path, json={"name": "新名称"}, headers={"If-Match": '"v1"'})
    early = await officer.get(path, params={"as_of": (START + timedelta(days=3)).isoformat()})
    late = await officer.get(path, params={"as_of": (START + timedelta(days=11)).isoformat()})
    before = await officer.get(path, params={"as_of": (START - timedelta(days=1)).isoformat()})
    assert early.json()["name"] == plant_form["name"]
    assert late.json()["name"] == "新名称"
    assert before.status_code == 404
    assert late.json()["identity"]["name"]["stated_by"] == "registry"


async def test_crossings_are_declared_and_withdrawn_with_a_reason(
    officer: httpx.AsyncClient, registered: Register, said: Said
) -> None:
    plant = await registered()
    path = f"/projects/{plant['project_id']}/crossing"
    declared = await officer.post(path, json={"kind": "DEPARTMENT", "reason": "土地与能耗分属两个部门"})
    assert [found["kind"] for found in declared.json()["crossings"]] == ["DISTRICT", "DEPARTMENT"]
    computed = await officer.post(path, json={"kind": "DISTRICT", "reason": "不再跨区", "declare": False})
    assert computed.status_code == 409
    withdrawn = await officer.post(path, json={"kind": "DEPARTMENT", "reason": "已并联办理", "declare": False})
    assert [found["kind"] for found in withdrawn.json()["crossings"]] == ["DISTRICT"]
    assert await said(plant["project_id"]) == ["registered", "crossed", "crossed"]


async def test_two_entries_of_one_project_are_merged(
    officer: httpx.AsyncClient, registered: Register, said: Said, plant_form: dict[str, Any]
) -> None:
    staying = await registered("a", uscc=[], divisions=["370211"])
    ending = await registered("b", project_codes=[], divisions=["370212"], zone="高新区")
    path = f"/projects/{ending['project_id']}/merge"
    itself = await officer.post(path, json={"into": ending["project_id"], "reason": "x"})
    assert itself.status_code == 422
    merged = await officer.post(path, json={"into": staying["project_id"], "reason": "同一项目两次登记"})
    assert merged.json()["status"] == "MERGED"
    assert merged.json()["merged_into"] == staying["project_id"]
    stays = (await officer.get(f"/projects/{staying['project_id']}")).json()
    assert stays["divisions"] == ["370211", "370212"]
    assert stays["uscc"] == plant_form["uscc"]
    assert stays["zone"] == "高新区"
    assert await said(staying["project_id"]) == ["registered", "enriched", "crossed"]
    assert await said(ending["project_id"]) == ["registered", "merged"]


async def test_a_district_sees_only_its_own_projects(
    system: System, officer: httpx.AsyncClient, registered: Register, plant_form: dict[str, Any]
) -> None:
    plant = await registered()
    other = await registered("other", divisions=["370212"])
    district = system.client("registry", "district_owner", division="370281")
    listed = (await district.get("/projects")).json()["items"]
    assert [item["project_id"] for item in listed] == [plant["project_id"]]
    for path in ("", "/history", "/facts"):
        assert (await district.get(f"/projects/{plant['project_id']}{path}")).status_code == 200
        assert (await district.get(f"/projects/{other['project_id']}{path}")).status_code == 404
    writing = system.client("registry", "district_owner", division="370281", scope="projects:read projects:write")
    hidden = await writing.post(f"/projects/{other['project_id']}/close", json={"reason": "x"})
    assert hidden.status_code == 404
    foreign = await writing.post(
        "/projects", json={**plant_form, "divisions": ["370212"]}, headers={"Idempotency-Key": "f"}
    )
    assert foreign.status_code == 403
