"""Projects over HTTP: registered in one statement, found, amended under a version, ordered, merged, and remembered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sikua_chassis.service import Service
from support.system import START, System

PLANT: dict[str, Any] = {
    "name": "某某新能源电池产业园项目",
    "divisions": ["370211", "370281"],
    "uscc": ["91370211MA3C00011M"],
    "project_codes": ["2105-370211-04-01-123455"],
    "industries": ["C", "39"],
    "origins": ["MAJOR_EVENT"],
    "total_investment_wan": "300000",
    "investor_name": "某某集团有限公司",
}


async def registered(client: httpx.AsyncClient, key: str = "key-1", **changes: Any) -> dict[str, Any]:
    answer = await client.post("/projects", json={**PLANT, **changes}, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def said(service: Service, subject: str) -> list[str]:
    rows = await service.database.pool.fetch(
        """SELECT type, sequence FROM outbox WHERE aggregateid = $1
        UNION ALL SELECT type, sequence FROM published WHERE aggregateid = $1 ORDER BY sequence""",
        subject,
    )
    return [row["type"].split(".")[-2] for row in rows]


async def test_a_project_is_registered_in_one_statement(registry: Service, officer: httpx.AsyncClient) -> None:
    before = registry.database.statements
    answer = await officer.post("/projects", json=PLANT, headers={"Idempotency-Key": "one"})
    statements = registry.database.statements - before
    assert answer.status_code == 201
    body = answer.json()
    assert statements == 1
    assert answer.headers["Location"] == f"/projects/{body['project_id']}"
    assert answer.headers["ETag"] == '"v1"'
    assert [crossing["kind"] for crossing in body["crossings"]] == ["DISTRICT"]
    assert body["fields"]["total_investment_wan"]["value"] == "300000.0000"
    assert await said(registry, body["project_id"]) == ["registered"]


async def test_the_same_key_registers_once(registry: Service, officer: httpx.AsyncClient) -> None:
    first = await registered(officer)
    second = await registered(officer)
    assert second == first
    assert await registry.database.pool.fetchval("SELECT count(*) FROM project") == 1
    other = await officer.post("/projects", json={**PLANT, "name": "别的"}, headers={"Idempotency-Key": "key-1"})
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


async def test_a_project_is_found_by_its_keys_and_name(officer: httpx.AsyncClient) -> None:
    plant = await registered(officer)
    await registered(officer, "key-2", name="另一个项目", divisions=["370212"], uscc=[], project_codes=[])
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


async def test_a_list_is_read_page_by_page(officer: httpx.AsyncClient) -> None:
    made = [(await registered(officer, f"key-{number}"))["project_id"] for number in range(5)]
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


async def test_an_amendment_needs_the_version_it_amends(registry: Service, officer: httpx.AsyncClient) -> None:
    plant = await registered(officer)
    path = f"/projects/{plant['project_id']}"
    change = {"divisions": ["370211"], "problem": "用地指标未落实", "investor_name": None}
    assert (await officer.patch(path, json=change)).status_code == 428
    assert (await officer.patch(path, json=change, headers={"If-Match": '"v7"'})).status_code == 412
    answer = await officer.patch(path, json=change, headers={"If-Match": '"v1"'})
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == '"v2"'
    assert answer.json()["crossings"] == []
    assert "investor_name" not in answer.json()["fields"]
    assert await said(registry, plant["project_id"]) == ["registered", "amended", "crossed"]
    same = await officer.patch(path, json={"divisions": ["370211"]}, headers={"If-Match": '"v2"'})
    assert same.headers["ETag"] == '"v2"'


async def test_a_patch_names_all_wrong_fields(officer: httpx.AsyncClient) -> None:
    plant = await registered(officer)
    answer = await officer.patch(
        f"/projects/{plant['project_id']}",
        json={"name": None, "status": "CLOSED", "zone": "", "stage_date": "2020-13"},
        headers={"If-Match": '"v1"'},
    )
    assert answer.status_code == 422
    assert sorted(error["field"] for error in answer.json()["errors"]) == ["/name", "/stage_date", "/status", "/zone"]


async def test_a_project_is_suspended_resumed_closed_and_reopened(
    registry: Service, officer: httpx.AsyncClient
) -> None:
    plant = await registered(officer)
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
    assert await said(registry, plant["project_id"]) == ["registered", "suspended", "resumed", "closed", "reopened"]
    history = (await officer.get(f"{path}/history")).json()["items"]
    assert [line["said"] for line in history] == ["registered", "suspended", "resumed", "closed", "reopened"]
    assert history[3]["reason"] == "办结"
    assert [line["version"] for line in history] == [1, 2, 3, 4, 5]


async def test_a_project_is_read_as_it_stood(system: System, officer: httpx.AsyncClient) -> None:
    plant = await registered(officer)
    path = f"/projects/{plant['project_id']}"
    await system.turn_to(START + timedelta(days=10))
    await officer.patch(path, json={"name": "新名称"}, headers={"If-Match": '"v1"'})
    early = await officer.get(path, params={"as_of": (START + timedelta(days=3)).isoformat()})
    late = await officer.get(path, params={"as_of": (START + timedelta(days=11)).isoformat()})
    before = await officer.get(path, params={"as_of": (START - timedelta(days=1)).isoformat()})
    assert early.json()["name"] == PLANT["name"]
    assert late.json()["name"] == "新名称"
    assert before.status_code == 404
    assert late.json()["identity"]["name"]["stated_by"] == "registry"


async def test_crossings_are_declared_and_withdrawn_with_a_reason(
    registry: Service, officer: httpx.AsyncClient
) -> None:
    plant = await registered(officer)
    path = f"/projects/{plant['project_id']}/crossing"
    declared = await officer.post(path, json={"kind": "DEPARTMENT", "reason": "土地与能耗分属两个部门"})
    assert [found["kind"] for found in declared.json()["crossings"]] == ["DISTRICT", "DEPARTMENT"]
    computed = await officer.post(path, json={"kind": "DISTRICT", "reason": "不再跨区", "declare": False})
    assert computed.status_code == 409
    withdrawn = await officer.post(path, json={"kind": "DEPARTMENT", "reason": "已并联办理", "declare": False})
    assert [found["kind"] for found in withdrawn.json()["crossings"]] == ["DISTRICT"]
    assert await said(registry, plant["project_id"]) == ["registered", "crossed", "crossed"]


async def test_two_entries_of_one_project_are_merged(registry: Service, officer: httpx.AsyncClient) -> None:
    staying = await registered(officer, "a", uscc=[], divisions=["370211"])
    ending = await registered(officer, "b", project_codes=[], divisions=["370212"], zone="高新区")
    path = f"/projects/{ending['project_id']}/merge"
    itself = await officer.post(path, json={"into": ending["project_id"], "reason": "x"})
    assert itself.status_code == 422
    merged = await officer.post(path, json={"into": staying["project_id"], "reason": "同一项目两次登记"})
    assert merged.json()["status"] == "MERGED"
    assert merged.json()["merged_into"] == staying["project_id"]
    stays = (await officer.get(f"/projects/{staying['project_id']}")).json()
    assert stays["divisions"] == ["370211", "370212"]
    assert stays["uscc"] == PLANT["uscc"]
    assert stays["zone"] == "高新区"
    assert await said(registry, staying["project_id"]) == ["registered", "enriched", "crossed"]
    assert await said(registry, ending["project_id"]) == ["registered", "merged"]


async def test_a_district_sees_only_its_own_projects(system: System, officer: httpx.AsyncClient) -> None:
    plant = await registered(officer)
    other = await registered(officer, "other", divisions=["370212"])
    district = system.client("registry", "district_owner", division="370281")
    listed = (await district.get("/projects")).json()["items"]
    assert [item["project_id"] for item in listed] == [plant["project_id"]]
    for path in ("", "/history", "/facts"):
        assert (await district.get(f"/projects/{plant['project_id']}{path}")).status_code == 200
        assert (await district.get(f"/projects/{other['project_id']}{path}")).status_code == 404
    writing = system.client("registry", "district_owner", division="370281", scope="projects:read projects:write")
    hidden = await writing.post(f"/projects/{other['project_id']}/close", json={"reason": "x"})
    assert hidden.status_code == 404
    foreign = await writing.post("/projects", json={**PLANT, "divisions": ["370212"]}, headers={"Idempotency-Key": "f"})
    assert foreign.status_code == 403
