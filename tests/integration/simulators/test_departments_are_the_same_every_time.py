"""Two sets of departments of one seed say the same to everybody, in whatever order and however many at once they are asked."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

from sikua_bridge.answers import Answer, TryLater
from sikua_bridge.datasets import KeyKind
from sikua_bridge.department import Question
from sikua_bridge.gateway import Gateway
from sikua_simulators.departments import Background, FaultKind
from sikua_simulators.departments.chance import OPENING
from support.simulated_departments import SEED, Offices, Open

NAMES = ("tax", "reform", "finance")


def questions(offices: Offices) -> list[tuple[str, Question]]:
    """About every eighth company and project, at each department."""
    books = offices.departments.books
    companies = [(name, slug, KeyKind.USCC, code) for code in list(books.companies)[::8] for name, slug in OF_COMPANIES]
    projects = [
        (name, slug, KeyKind.PROJECT_CODE, code) for code in list(books.approvals)[::8] for name, slug in OF_PROJECTS
    ]
    return [(name, Question(slug, kind, key)) for name, slug, kind, key in companies + projects]


OF_COMPANIES = (("tax", "tax.registration"), ("tax", "tax.paid"), ("finance", "finance.incentive"))
OF_PROJECTS = (("reform", "reform.project"), ("finance", "finance.bond"))


async def asked(offices: Offices, order: random.Random | None, at_once: int) -> dict[Question, Answer]:
    """All answers, asked in this order and so many at once."""
    gateways: dict[str, Gateway] = {
        name: await offices.gateway(name, most_in_flight=at_once, calls_per_second=100_000, breaker_threshold=10**6)
        for name in NAMES
    }
    wanted = questions(offices)
    if order is not None:
        order.shuffle(wanted)
    places = asyncio.Semaphore(at_once)

    async def ask(name: str, question: Question) -> tuple[Question, Answer]:
        async with places:
            return question, await gateways[name].ask(question)

    return dict(await asyncio.gather(*(ask(name, question) for name, question in wanted)))


async def test_the_same_seed_gives_the_same_answers_in_another_order(open_offices: Open) -> None:
    background = Background(rate=0.4, kinds=tuple(FaultKind), seconds=0)
    one, other = [await open_offices(background=background) for _ in range(2)]
    first = await asked(one, None, 1)
    again = await asked(other, random.Random(1), 16)
    assert len(first) > 100
    assert first == again
    met = {name: {*one.departments.calls[name].by_outcome} for name in NAMES}
    assert set.union(*met.values()) >= {kind.value for kind in FaultKind}


async def test_passing_faults_change_nothing_that_is_said_in_the_end(open_offices: Open) -> None:
    calm, rough = await open_offices(), await open_offices(background=Background(rate=0.3, seconds=0))
    wanted = await asked(calm, None, 16)
    met = await asked(rough, random.Random(2), 16)
    failed = [question for question, answer in met.items() if isinstance(answer, TryLater)]
    assert 0.1 * len(met) < len(failed) < 0.5 * len(met)
    assert await asked(rough, random.Random(3), 16) == wanted


async def test_on_another_business_day_others_meet_a_fault(open_offices: Open) -> None:
    offices = await open_offices(background=Background(rate=0.3, seconds=0))
    first = await asked(offices, None, 16)
    offices.clock.moment = OPENING + timedelta(hours=3)
    assert not any(isinstance(answer, TryLater) for answer in (await asked(offices, None, 16)).values())
    offices.clock.moment = OPENING + timedelta(days=1)
    second = await asked(offices, None, 16)
    unlucky: list[set[Question]] = [
        {question for question, answer in answers.items() if isinstance(answer, TryLater)}
        for answers in (first, second)
    ]
    assert unlucky[0]
    assert unlucky[1]
    assert unlucky[0] != unlucky[1]


async def test_another_seed_has_other_records(open_offices: Open) -> None:
    one, other = await open_offices(seed=SEED), await open_offices(seed=SEED + 1)
    pages: list[Any] = [
        (await each.http("tax").get("/_records", params={"limit": 500})).json() for each in (one, other)
    ]
    codes = [{record["uscc"] for record in page["items"]} for page in pages]
    assert not codes[0] & codes[1]
    names = [{record["name"] for record in page["items"]} for page in pages]
    assert names[0] == names[1]
