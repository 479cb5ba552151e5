"""A ledger goes in as it was exported, once; a dry run leaves no trace; what was held is confirmed by a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from sikua_chassis.service import Service
from support.system import System

DATA = Path(__file__).parents[2] / "unit" / "registry" / "data"
MESSY = (DATA / "messy_export.csv").read_bytes()
CLEAN = (DATA / "projects.csv").read_bytes()
CSV = {"Content-Type": "text/csv"}

Register = Callable[..., Awaitable[dict[str, Any]]]


async def taken(client: httpx.AsyncClient, content: bytes, **query: Any) -> dict[str, Any]:
    """The report of an import."""
    answer = await client.post("/imports", content=content, params=query, headers=CSV)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def count(registry: Service, table: str) -> int:
    """Rows of a table."""
    return int(await registry.database.pool.fetchval(f"SELECT count(*) FROM {table}"))


async def test_a_dry_run_reports_all_and_changes_nothing(registry: Service, officer: httpx.AsyncClient) -> None:
    report = await taken(officer, MESSY, dry_run=True)
    assert report["id"] is None
    assert report["summary"]["registered"] == 60
    assert len(report["rows"]) == report["summary"]["lines"] == 66
    assert all(row["project"] is None for row in report["rows"])
    for table in ("project", "import_report", "outbox", "published"):
        assert await count(registry, table) == 0


async def test_the_messy_ledger_goes_in_once(registry: Service, officer: httpx.AsyncClient) -> None:
    first = await taken(officer, MESSY, source="台账.csv")
    assert {row["action"] for row in first["rows"] if row["project"]} == {"accept", "normalise", "hold"}
    again = await taken(officer, MESSY, source="台账.csv")
    assert again["summary"]["registered"] == 0
    assert again["summary"]["same_file_as"] == first["id"]
    assert again["summary"]["already_registered"] == 60
    assert "nothing was added" in again["summary"]["message"]
    assert await count(registry, "project") == 60
    known = {row["line"]: row["project"] for row in first["rows"] if row["project"]}
    assert {row["line"]: row["project"] for row in again["rows"] if row["project"]} == known
    listed = (await officer.get("/imports")).json()["items"]
    assert [line["id"] for line in listed] == [again["id"], first["id"]]
    assert (await officer.get(f"/imports/{first['id']}")).json() == first


async def test_the_clean_ledger_goes_in_after_the_messy_one_without_doubling(
    registry: Service, officer: httpx.AsyncClient
) -> None:
    await taken(officer, MESSY)
    report = await taken(officer, CLEAN)
    assert report["summary"]["already_registered"] == 60
    assert report["summary"]["registered"] == 196
    assert await count(registry, "project") == 256


async def test_an_imported_project_is_historic_and_says_where_each_value_stood(
    registry: Service, officer: httpx.AsyncClient
) -> None:
    report = await taken(officer, CLEAN, source="projects.csv")
    line = next(row for row in report["rows"] if row["name"] == "蓝谷至胶东国际机场快速通道工程")
    read = (await officer.get(f"/projects/{line['project']}")).json()
    assert read["historic"] is True
    assert read["stage"] == "PERMITS"
    assert read["origins"] == ["PROVINCIAL_MAJOR"]
    assert [crossing["kind"] for crossing in read["crossings"]] == ["DISTRICT", "DEPARTMENT"]
    amount = read["fields"]["total_investment_wan"]
    assert amount["value"] == "2280000.0000"
    assert amount["stated_by"] == "import"
    assert amount["as_of"] == "2022-04-22T16:00:00Z"
    assert f"line {line['line']}" in amount["basis"]
    started = await registry.database.pool.fetchval(
        """SELECT count(*) FROM (SELECT payload FROM outbox UNION ALL SELECT payload FROM published) said
        WHERE (payload->>'started')::boolean"""
    )
    assert started == report["summary"]["started"] == 140


async def test_a_held_field_stays_empty_until_a_person_confirms_it(officer: httpx.AsyncClient) -> None:
    report = await taken(officer, MESSY)
    line = next(row for row in report["rows"] if row["name"] == "中科曙光全球研发总部项目")
    path = f"/projects/{line['project']}"
    read = await officer.get(path)
    assert "total_investment_wan" not in read.json()["fields"]
    assert [hold["as_written"] for hold in read.json()["held"]] == ["300000"]
    confirmed = await officer.patch(
        path,
        json={"total_investment_wan": "300000", "basis": "电话核实"},
        headers={"If-Match": read.headers["ETag"]},
    )
    assert confirmed.json()["held"] == []
    assert confirmed.json()["fields"]["total_investment_wan"]["basis"] == "电话核实"
    assert (await taken(officer, MESSY))["summary"]["registered"] == 0


async def test_confirming_merged_cells_fills_them_down(officer: httpx.AsyncClient) -> None:
    report = await taken(officer, MESSY, fill_down=True)
    row = next(row for row in report["rows"] if row["line"] == 10)
    assert row["action"] == "normalise"
    assert {"field": "divisions", "before": "", "after": "370211"} in row["changes"]
    read = (await officer.get(f"/projects/{row['project']}")).json()
    assert read["divisions"] == ["370211"]


async def test_a_project_registered_by_hand_is_not_imported_again(
    officer: httpx.AsyncClient, registered: Register
) -> None:
    made = await registered(name="康复大学", divisions=["370214"], uscc=[], project_codes=[])
    report = await taken(officer, CLEAN)
    line = next(row for row in report["rows"] if row["name"] == "康复大学")
    assert line["action"] == "reject"
    assert line["project"] == made["project_id"]


async def test_what_is_no_ledger_is_refused_in_words(officer: httpx.AsyncClient) -> None:
    for content in (b"", b"\xff\xff\xff\x80", b"a,b,c\r\n1,2,3\r\n", b'name_zh,districts\r\n"open'):
        answer = await officer.post("/imports", content=content, headers=CSV)
        assert answer.status_code in (200, 422), answer.text
        if answer.status_code == 422:
            assert answer.json()["errors"][0]["reason"] == "unreadable"


async def test_only_those_entitled_may_import(system: System, registry: Service) -> None:
    district = system.client("registry", "district_owner", division="370211")
    assert (await district.post("/imports", content=CLEAN, headers=CSV)).status_code == 403
    assert (await district.get("/imports")).status_code == 403
