"""Departments speak, in any order and more than once, and the record says what they said and where they differ."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sikua_chassis.service import Service
from sikua_contracts.bridges import FactReported, FactUnavailable, FactWithdrawn, FieldValue
from sikua_contracts.envelope import Level, new_id
from sikua_contracts.scheduler import Proof, StepCompleted, StepReopened, StepSkipped, StepState
from sikua_contracts.words import Owner, Quality, StepCode, StepStatus
from sikua_rules.limits import LimitUnit
from support.system import System

Register = Callable[..., Awaitable[dict[str, Any]]]
Said = Callable[[str], Awaitable[list[str]]]

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def fact(
    project_id: str, department: str = "reform", dataset: str = "reform.project", days: int = 0, **values: Any
) -> FactReported:
    """One stated row; `tax_…` values of amounts are L3, the rest L1."""
    return FactReported(
        project_id=project_id,
        department=department,
        dataset=dataset,
        fact_id=new_id(),
        values=[
            FieldValue(field=name, value=value, level=Level.L3 if name.startswith("tax_paid") else Level.L1)
            for name, value in values.items()
        ],
        as_of=MARCH + timedelta(days=days),
        basis="资源目录条目",
        quality=Quality.STATED,
        resource_id="res-1",
        row_hash="0" * 64,
    )


def step(project_id: str, code: StepCode, item: str | None = None) -> StepState:
    """A step of the project, complete."""
    return StepState(
        step_id=new_id(),
        project_id=project_id,
        project_name="某某项目",
        code=code,
        item=item,
        name_zh="环节",
        name_en="step",
        owner=Owner(role="lead_unit", division="370211"),
        status=StepStatus.COMPLETED,
        limit_amount=5,
        limit_unit=LimitUnit.WORKING_DAY,
    )


async def test_a_fact_fills_the_record_with_its_provenance(
    system: System, officer: httpx.AsyncClient, registered: Register, said: Said
) -> None:
    plant = await registered(uscc=[], project_codes=[], industries=["C"])
    project_id = plant["project_id"]
    first = fact(project_id, project_code="2611-370200-04-01-000015", applicant_uscc="91370211MA3C00011M")
    await system.say("reform-bridge", first)
    await system.quiet()
    read = (await officer.get(f"/projects/{project_id}")).json()
    assert read["project_codes"] == ["2611-370200-04-01-000015"]
    assert read["uscc"] == ["91370211MA3C00011M"]
    assert read["fields"]["project_code"]["stated_by"] == "reform"
    assert read["fields"]["project_code"]["fact_id"] == first.fact_id
    assert await said(project_id) == ["registered", "enriched"]
    found = await officer.get("/projects", params={"uscc": "91370211MA3C00011M"})
    assert [item["project_id"] for item in found.json()["items"]] == [project_id]


async def test_many_facts_of_one_batch_merge_one_after_the_other(
    system: System, officer: httpx.AsyncClient, registered: Register, said: Said
) -> None:
    project_id = (await registered())["project_id"]
    await system.say(
        "reform-bridge",
        *(fact(project_id, days=day, invested_to_date_wan=f"{day * 100}.0000") for day in (3, 1, 4, 2)),
    )
    await system.quiet()
    read = (await officer.get(f"/projects/{project_id}")).json()
    assert read["fields"]["invested_to_date_wan"]["value"] == "400.0000"
    facts = (await officer.get(f"/projects/{project_id}/facts")).json()["facts"]
    assert len(facts) == 4
    assert (await said(project_id)) == ["registered", "enriched", "enriched"]
    assert read["version"] == 3


async def test_disagreement_is_kept_named_and_shown_side_by_side(
    system: System, registry: Service, officer: httpx.AsyncClient, registered: Register
) -> None:
    project_id = (await registered())["project_id"]
    await system.say("reform-bridge", fact(project_id, total_investment_wan="280000.0000"))
    await system.quiet()
    read = (await officer.get(f"/projects/{project_id}")).json()
    assert read["fields"]["total_investment_wan"]["value"] == "280000.0000"
    assert read["disagreeing"] == ["total_investment_wan"]
    shown = (await officer.get(f"/projects/{project_id}/facts")).json()
    amount = next(field for field in shown["fields"] if field["field"] == "total_investment_wan")
    assert amount["disagree"] is True
    assert [other["value"] for other in amount["others"]] == ["300000.0000"]
    event = await registry.database.pool.fetchval(
        "SELECT payload FROM published WHERE type = 'cn.sikua.project.enriched.v1'"
    )
    assert event["disagreeing"] == ["total_investment_wan"]


async def test_sensitive_values_stay_in_the_registry(
    system: System, registry: Service, officer: httpx.AsyncClient, registered: Register
) -> None:
    project_id = (await registered())["project_id"]
    await system.say(
        "tax-bridge",
        fact(project_id, "tax", "tax.paid", tax_paid_band="100-500万", first_tax_date="2026-02-15"),
    )
    await system.quiet()
    read = (await officer.get(f"/projects/{project_id}")).json()
    assert "tax_paid_band" not in read["fields"]
    assert read["fields"]["first_tax_date"]["value"] == "2026-02-15"
    payloads = await registry.database.pool.fetch("SELECT payload FROM published")
    assert all("100-500万" not in str(row["payload"]) for row in payloads)
    shown = (await officer.get(f"/projects/{project_id}/facts")).json()["facts"][0]["values"]
    assert {"field": "tax_paid_band", "level": "L3", "value": None, "withheld": True} in shown
    granted = system.client("registry", "auditor", scope="projects:read facts:sensitive")
    seen = (await granted.get(f"/projects/{project_id}/facts")).json()["facts"][0]["values"]
    assert {"field": "tax_paid_band", "level": "L3", "value": "100-500万", "withheld": False} in seen


async def test_a_withdrawn_fact_lets_the_record_fall_back(
    system: System, registry: Service, officer: httpx.AsyncClient, registered: Register
) -> None:
    project_id = (await registered())["project_id"]
    old, new = fact(project_id, invested_to_date_wan="1.0000"), fact(project_id, days=5, invested_to_date_wan="9.0000")
    await system.say("reform-bridge", old, new)
    withdrawn = FactWithdrawn(
        project_id=project_id, department="reform", dataset="reform.project", fact_id=new.fact_id, reason="填报有误"
    )
    await system.say("reform-bridge", withdrawn)
    await system.quiet()
    read = (await officer.get(f"/projects/{project_id}")).json()
    assert read["fields"]["invested_to_date_wan"]["value"] == "1.0000"
    facts = (await officer.get(f"/projects/{project_id}/facts")).json()["facts"]
    assert [each["withdrawn_reason"] for each in facts] == [None, "填报有误"]
    said = await registry.database.pool.fetch(
        "SELECT payload FROM published WHERE type = 'cn.sikua.project.enriched.v1' ORDER BY position"
    )
    assert [(row["payload"]["fact_ids"], row["payload"].get("withdrawn_reason")) for row in said] == [
        ([old.fact_id], None),
        ([new.fact_id], None),
        ([new.fact_id], "填报有误"),
    ]


async def test_an_answer_that_nothing_is_known_is_shown_until_the_department_speaks(
    system: System, officer: httpx.AsyncClient, registered: Register
) -> None:
    project_id = (await registered())["project_id"]
    nothing = FactUnavailable(
        project_id=project_id, department="tax", dataset="tax.credit", reason="no such taxpayer", asked_at=MARCH
    )
    await system.say("tax-bridge", nothing)
    await system.quiet()
    shown = (await officer.get(f"/projects/{project_id}/facts")).json()
    assert [each["reason"] for each in shown["unavailable"]] == ["no such taxpayer"]
    grade = fact(project_id, "tax", "tax.credit", tax_credit_grade="B")
    await system.say("tax-bridge", grade)
    await system.quiet()
    assert (await officer.get(f"/projects/{project_id}/facts")).json()["unavailable"] == []

    await system.say("tax-bridge", nothing)
    await system.quiet()
    await system.say("tax-bridge", grade)
    await system.quiet()
    shown = (await officer.get(f"/projects/{project_id}/facts")).json()
    assert (shown["unavailable"], len(shown["facts"])) == ([], 1)


async def test_a_fact_of_an_unknown_project_waits_and_others_flow(
    system: System, registry: Service, officer: httpx.AsyncClient, registered: Register
) -> None:
    project_id = (await registered())["project_id"]
    stranger = new_id()
    await system.say("reform-bridge", fact(stranger, item_status="受理"), fact(project_id, item_status="办结通过"))
    async with asyncio.timeout(60):
        while "item_status" not in (await officer.get(f"/projects/{project_id}")).json()["fields"]:
            await asyncio.sleep(0.02)
    held = await registry.database.pool.fetch("SELECT subject, state FROM lane WHERE state IS NOT NULL")
    assert [(row["subject"], row["state"]) for row in held] == [(stranger, "waiting")]


async def test_the_stage_is_the_schedulers_word(
    system: System, officer: httpx.AsyncClient, registered: Register, said: Said
) -> None:
    project_id = (await registered())["project_id"]
    proof = Proof(document="纪要", stated_by="officer")
    await system.say(
        "scheduler",
        StepCompleted(step=step(project_id, StepCode.VISIT), proof=proof),
        StepCompleted(step=step(project_id, StepCode.NEGOTIATE, "NOTE"), proof=proof),
        StepCompleted(step=step(project_id, StepCode.NEGOTIATE), proof=proof),
        StepReopened(step=step(project_id, StepCode.NEGOTIATE), reason="材料不实", by="officer"),
    )
    await system.quiet()
    read = (await officer.get(f"/projects/{project_id}")).json()
    assert read["stage"] == "VISIT"
    assert read["fields"]["stage"]["stated_by"] == "scheduler"
    assert await said(project_id) == ["registered", "advanced", "advanced", "advanced"]


async def test_a_reopened_step_that_is_then_skipped_holds_the_stage_back_no_longer(
    system: System, officer: httpx.AsyncClient, registered: Register, said: Said
) -> None:
    project_id = (await registered())["project_id"]
    proof = Proof(document="纪要", stated_by="officer")
    await system.say(
        "scheduler",
        *(StepCompleted(step=step(project_id, code), proof=proof) for code in (StepCode.VISIT, StepCode.NEGOTIATE)),
        StepReopened(step=step(project_id, StepCode.VISIT), reason="材料不实", by="officer"),
        StepSkipped(step=step(project_id, StepCode.VISIT), reason="无需接洽", by="officer"),
        StepSkipped(step=step(project_id, StepCode.PRELIM_REVIEW), reason="免于预审", by="officer"),
    )
    await system.quiet()
    assert (await officer.get(f"/projects/{project_id}")).json()["stage"] == "NEGOTIATE"
    assert await said(project_id) == ["registered", *["advanced"] * 4]


async def test_facts_of_a_merged_project_go_to_the_one_that_stays(
    system: System, officer: httpx.AsyncClient, registered: Register
) -> None:
    staying = (await registered("a"))["project_id"]
    ending = (await registered("b"))["project_id"]
    await system.say("reform-bridge", fact(ending, item_status="受理"))
    await system.quiet()
    await officer.post(f"/projects/{ending}/merge", json={"into": staying, "reason": "重复登记"})
    await system.say("reform-bridge", fact(ending, days=3, item_status="办结通过"))
    await system.quiet()
    read = (await officer.get(f"/projects/{staying}")).json()
    assert read["fields"]["item_status"]["value"] == "办结通过"
    assert len((await officer.get(f"/projects/{staying}/facts")).json()["facts"]) == 2
