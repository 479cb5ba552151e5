"""`sikua status` fits in ten lines, and says what a person should do only when a person is needed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sikua_chassis.http import client
from sikua_cli.commands.status import Advice, advice_of, advise, grouped, lines, status_of
from sikua_contracts.topics import SERVICES


def status(name: str = "scheduler", **more: Any) -> dict[str, Any]:
    return {
        "service": name,
        "business_now": "2026-03-02T01:00:00Z",
        "quiet": True,
        "outbox": 0,
        "outbox_parked": 0,
        "oldest_unpublished_seconds": 0.0,
        "published": 12,
        "logs": {"registry": {"position": 5, "head": 9}},
        "lanes": {},
        "works": {"ladder": 3},
        "shards": 16,
        "halted": None,
        "bus": None,
        **more,
    }


def test_a_busy_service_needs_nobody() -> None:
    assert advise(status(quiet=False, outbox=400)) == []


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ({"halted": "12 lanes fail alike"}, "look at the log"),
        ({"lanes": {"parked": 2}}, "2 lanes are parked"),
        ({"outbox_parked": 1}, "refused by the bus"),
        ({"oldest_unpublished_seconds": 61.0}, "waits 61 s"),
        ({"oldest_unpublished_seconds": 61.0, "relay": "TimeoutError()"}, "waits 61 s: TimeoutError()"),
        ({"still_seconds": 40.0}, "has read nothing for 40 s"),
        ({"logs": {"registry": {"position": 5, "head": 5005}}}, "5000 events behind"),
        ({"bus": "kafka: no answer"}, "arrive when it is back"),
    ],
)
def test_each_trouble_comes_with_what_to_do(trouble: dict[str, Any], words: str) -> None:
    (sentence,) = advise(status(**trouble))
    assert words in str(sentence)
    assert str(sentence).startswith("scheduler")


def test_seven_services_and_their_troubles_fit_in_ten_lines() -> None:
    statuses = [status(name, halted=name, outbox_parked=1, lanes={"parked": 1}) for name in SERVICES]
    shown = lines("http://127.0.0.1:8100", statuses, advice_of(statuses))
    assert len(shown) == 10
    assert "needs attention: 15" in shown[0]


def test_what_all_suffer_alike_is_said_once_and_the_most_urgent_first() -> None:
    away = [advice for name in SERVICES for advice in advise(status(name, bus="kafka: TimeoutError()"))]
    parked = advise(status("notifier", lanes={"parked": 2}))
    late = [advice for name in SERVICES[:3] for advice in advise(status(name, oldest_unpublished_seconds=61.0))]
    todo = grouped([*late, *parked, *away, Advice(0, "away", "registry")])
    assert [each.partition(":")[0] for each in todo] == [
        "registry",
        "各服务 · all services",
        "notifier",
        f"{SERVICES[0]} 等 3 个 · {SERVICES[0]} and 2 more",
    ]


def test_a_service_that_is_frozen_is_told_from_one_that_is_dead() -> None:
    (frozen,) = advise({"service": "registry", "away": "frozen"})
    (dead,) = advise({"service": "registry", "away": "registry"})
    assert "end its process" in str(frozen)
    assert "is started again" in str(dead)
    assert "end its process" not in str(dead)


def test_nobody_guesses_how_far_behind_a_service_is_while_the_bus_is_away() -> None:
    assert "behind    ?" in lines("u", [status(bus="kafka", logs={})], [])[1]


def test_a_bus_that_is_away_is_said_once_for_all_and_hides_nothing_else() -> None:
    cut_off = [
        status(name, bus=f"kafka: {name}'s reason", logs={}, oldest_unpublished_seconds=61.0, quiet=False)
        for name in SERVICES
    ]
    (sentence,) = advice_of(cut_off)
    assert sentence.startswith("各服务 · all services")
    assert "kafka is away: look at it; events wait and arrive when it is back" in sentence
    assert all("behind    ?" in line for line in lines("u", cut_off, [sentence])[1:8])
    some = [status("registry", bus="kafka: no answer", outbox_parked=1), status()]
    assert [one.partition(":")[0] for one in advice_of(some)] == ["registry", "registry"]


def test_a_line_shows_how_far_behind_a_service_is() -> None:
    assert "behind    4" in lines("u", [status()], [])[1]
    made_anew = {"registry": {"position": 5, "head": 9}, "scheduler": {"position": 7, "head": 1}}
    assert "behind    4" in lines("u", [status(logs=made_anew)], [])[1]


def test_a_service_that_is_away_is_named_and_the_others_are_shown_all_the_same() -> None:
    statuses = [{"service": "registry", "away": "registry"}, status()]
    (advice,) = advise(statuses[0])
    shown = lines("u", statuses, [str(advice)])
    assert "registry is away and is started again" in str(advice)
    assert "2026-03-02T01:00:00Z" in shown[0]
    assert shown[1].endswith("away: registry")
    assert "behind" in shown[2]


class Frozen(httpx.AsyncBaseTransport):
    """A door behind which a service takes the question and gives no answer."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("frozen", request=request)


async def test_a_service_that_takes_the_question_and_does_not_answer_is_frozen() -> None:
    async with client("http://door", transport=Frozen()) as http:
        assert await status_of(http, "registry") == {"service": "registry", "away": "frozen"}
