"""What is above L2 reaches the registry's own store and nothing that is shared: no topic, feed, page or list of an operator."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sikua_contracts.catalogue import CATALOGUE
from sikua_contracts.envelope import Level
from sikua_simulators.departments.timelines import Timeline
from support.applications import build_of
from support.bridges import Bridges

AMOUNT, PER_MU, RECEIVED, PERIOD = "81237654.32", "4321.98", "7654321.00", "202511"
SECRETS = {
    "tax_paid_amount_wan": "8123.7654",
    "tax_per_mu_wan": PER_MU,
    "received_wan_usd": "765.4321",
    "tax_period": "2025-11",
    "tax_paid_band": ">5000万",
    "received_date": "2026-02-27",
}
ABOVE = {entry.field for entry in CATALOGUE.entries if entry.level in {Level.L3, Level.L4}}
SHARED = {
    "registry": ("published", "project", "history"),
    "scheduler": ("published",),
    "command-office": ("published", "feed_entry", "fact_card", "project_card", "silence_card"),
}


async def told(bridges: Bridges, **settings: Any) -> str:
    """A registered project of a company with every secret, all facts heard; the project's id."""
    system = bridges.system
    now = system.runtime.clock.now()
    known = bridges.seek(lambda each: each.project.at(now) is not None, established=True, foreign=True)
    uscc, yesterday = known.company.uscc, now - timedelta(days=1)
    stamped = f"{yesterday:%Y-%m-%d} 09:00:00"
    paid = {"nsrsbh": uscc, "sssq": PERIOD, "rkje": AMOUNT, "mjss": PER_MU, "sbrkrq": "20240105", "gxsj": stamped}
    capital = {
        "fieCode": uscc,
        "reportNo": "WZ202600001",
        "contractUsd": "20000000.00",
        "receivedUsd": RECEIVED,
        "receivedDate": "2026-02-27",
        "isIncrease": False,
        "updatedMillis": int(yesterday.timestamp() * 1000),
    }
    bridges.rewrite(
        known.company, paid=Timeline(((yesterday, paid),)), foreign_capital=Timeline(((yesterday, capital),))
    )
    await bridges.start("tax", "finance", **settings)
    for service in ("registry", "scheduler", "command-office"):
        await system.start(build_of(service))
    officer = system.client("registry", "command_office", unit="市指挥部办公室", division="370200")
    form = {"name": known.seed.name, "divisions": ["370211"], "uscc": [uscc], "foreign_capital": True}
    answer = await officer.post("/projects", json=form, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201, answer.text
    await system.quiet()
    return str(answer.json()["project_id"])


async def texts(bridges: Bridges, service: str, table: str) -> list[str]:
    pool = bridges.system.services[service].database.pool
    rows = await pool.fetch(f"SELECT row_to_json(t)::text AS row FROM {table} AS t")
    return [row["row"] for row in rows]


async def tables_of(bridges: Bridges, service: str) -> list[str]:
    pool = bridges.system.services[service].database.pool
    rows = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    return [row["tablename"] for row in rows]


def leaks(text: str) -> list[str]:
    return [field for field, value in SECRETS.items() if value in text or f'"{field}": "' in text]


async def test_values_above_l2_are_stated_to_the_registry_and_shared_with_nobody(bridges: Bridges) -> None:
    project = await told(bridges)
    stated = json.dumps([await bridges.said("tax"), await bridges.said("finance")], ensure_ascii=False)
    for field in ("tax_per_mu_wan", "received_wan_usd", "tax_period", "tax_paid_band"):
        assert SECRETS[field] in stated
    assert SECRETS["tax_paid_amount_wan"] not in stated

    for service, wanted in SHARED.items():
        there = await tables_of(bridges, service)
        for table in wanted:
            if table in there:
                rows = await texts(bridges, service, table)
                assert [found for row in rows for found in leaks(row)] == [], (service, table)
    assert await texts(bridges, "registry", "published")
    assert await texts(bridges, "command-office", "feed_entry")

    system = bridges.system
    for service, path in (
        ("registry", f"/projects/{project}"),
        ("registry", f"/projects/{project}/facts"),
        ("command-office", f"/projects/{project}"),
        ("command-office", "/feed"),
        ("tax-bridge", "/facts/held"),
        ("tax-bridge", "/enquiries"),
        ("tax-bridge", "/links"),
        ("tax-bridge", "/quarantine"),
        ("tax-bridge", "/events"),
        ("finance-bridge", "/events"),
    ):
        answer = await system.client(service, "command_office", division="370200").get(path)
        assert answer.status_code == 200, (service, path, answer.text)
        assert leaks(answer.text) == [], (service, path)


async def test_an_exact_amount_leaves_its_bridge_by_a_grant_only_and_even_then_not_beyond_the_registry(
    bridges: Bridges,
) -> None:
    await told(bridges, granted_fields=frozenset({"tax_paid_amount_wan"}))
    (fact,) = [fact for fact in await bridges.said("tax") if fact["dataset"] == "tax.paid"]
    (amount,) = [value for value in fact["values"] if value["field"] == "tax_paid_amount_wan"]
    assert (amount["value"], amount["level"]) == (SECRETS["tax_paid_amount_wan"], "L3")
    for service, table in (("registry", "published"), ("command-office", "feed_entry")):
        assert [found for row in await texts(bridges, service, table) for found in leaks(row)] == []


async def test_a_shared_field_beside_l3_values_is_shared_with_a_basis_that_tells_nothing_of_them(
    bridges: Bridges,
) -> None:
    project = await told(bridges)
    officer = bridges.system.client("registry", "command_office", division="370200")
    record = (await officer.get(f"/projects/{project}")).json()
    fields = record.get("fields") or record["record"]["fields"]
    assert not set(fields) & ABOVE
    first = fields["first_tax_date"]
    assert first["value"] == "2024-01-05"
    assert datetime.fromisoformat(first["as_of"]) < bridges.system.runtime.clock.now()
    assert leaks(json.dumps(first, ensure_ascii=False)) == []
