"""`sikua status`: is all well, and what to do if not, in at most ten lines."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sikua_chassis.http import TIMEOUTS, Client
from sikua_contracts.topics import SERVICES

from sikua_cli.launcher.place import Place
from sikua_cli.reach import address, answered, reached
from sikua_cli.trouble import Exit

OLD_SECONDS = 10.0
STILL_SECONDS = 15.0
FAR_BEHIND = 1000
ASK_SECONDS = 10.0
AWAY = 503
FROZEN = "frozen"
MOST_ADVICE = 2


@dataclass(frozen=True, order=True)
class Advice:
    """What a person should do about one service; the smaller `urgency` is, the sooner."""

    urgency: int
    words: str
    service: str

    def __str__(self) -> str:
        return f"{self.service}:{self.words}"


def run(directory: Path, *, as_json: bool) -> None:
    """Print the state of every service; exit status 1 when something needs a person."""
    place = Place(directory)
    statuses = asyncio.run(_statuses(place))
    advice = advice_of(statuses)
    if as_json:
        told = {"url": address(place), "well": not advice, "services": statuses, "advice": advice}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for line in lines(address(place), statuses, advice):
            print(line)
    if advice:
        sys.exit(int(Exit.FAILED))


async def _statuses(place: Place) -> list[dict[str, Any]]:
    async with reached(place, "operator", "sikua status", timeout_seconds=ASK_SECONDS) as http:
        # All at once: each waits some seconds for a bus that does not answer.
        return list(await asyncio.gather(*(status_of(http, name) for name in SERVICES)))


async def status_of(http: Client, name: str) -> dict[str, Any]:
    """How one service stands; `away` names who does not answer, or says `frozen`. Raises Trouble when refused."""
    try:
        response = await http.get(f"/{name}/status")
    except TIMEOUTS:
        return {"service": name, "away": FROZEN}
    if response.status_code == AWAY:
        return {"service": name, "away": response.json().get("hop", name)}
    answer: dict[str, Any] = answered(response)
    return answer


def advise(status: dict[str, Any]) -> list[Advice]:
    """What a person should do about one service; nothing when all is well. A service that is busy is well."""
    name = status["service"]
    if "away" in status:
        return [Advice(0, _of_one_away(status["away"]), name)]
    said = [*_of_the_bus(status), *_of_what_is_held(status), *_of_what_is_late(status)]
    return [Advice(urgency, words, name) for urgency, words in said]


def _of_the_bus(status: dict[str, Any]) -> Iterator[tuple[int, str]]:
    if status["bus"]:
        # Each service notices in its own way; who reads this looks at the same broker.
        hop = status["bus"].partition(":")[0]
        yield 1, f"总线无应答,照常受理,恢复后送达 · {hop} is away: look at it; events wait and arrive when it is back"
    if status["halted"]:
        yield 2, f"已停止消费,请查日志后重启 · stopped consuming ({status['halted']}): look at the log, restart"


def _of_what_is_held(status: dict[str, Any]) -> Iterator[tuple[int, str]]:
    if status["outbox_parked"]:
        count = status["outbox_parked"]
        yield 3, f"{count} 个事件被总线拒收 · {count} events were refused by the bus: see outbox_parked in the log"
    if status["lanes"].get("parked"):
        count, name = status["lanes"]["parked"], status["service"]
        yield 3, f"{count} 条通道停住 · {count} lanes are parked: see GET /{name}/lanes, then redrive"


def _of_what_is_late(status: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Nothing moves while the bus is away, and of that something else is said."""
    if status["bus"]:
        return
    still, oldest, behind = status.get("still_seconds", 0.0), status["oldest_unpublished_seconds"], behind_of(status)
    if still > STILL_SECONDS:
        yield 4, f"{still:.0f} 秒没有前进 · has read nothing for {still:.0f} s: look at the log, restart it"
    if oldest > OLD_SECONDS:
        why = status.get("relay") or "is its relay alive?"
        yield 5, f"事件积压 {oldest:.0f} 秒 · its oldest event waits {oldest:.0f} s: {why}"
    if behind > FAR_BEHIND:
        yield 6, f"落后 {behind} · is {behind} events behind: it catches up by itself; if that grows, add a replica"


def behind_of(status: dict[str, Any]) -> int:
    """How many positions are between what a service has handled and what there is."""
    return sum(max(log["head"] - log["position"], 0) for log in status["logs"].values())


def advice_of(statuses: Sequence[dict[str, Any]]) -> list[str]:
    """What a person should do, the most urgent first; what several services suffer alike is said once."""
    return grouped([each for status in statuses for each in advise(status)])


def grouped(advice: Sequence[Advice]) -> list[str]:
    """What is to be done, the most urgent first; what several services suffer alike is said once."""
    who: dict[str, list[str]] = {}
    for each in sorted(advice, key=lambda one: one.urgency):
        who.setdefault(each.words, []).append(each.service)
    return [f"{_names(services)}:{words}" for words, services in who.items()]


def lines(url: str, statuses: list[dict[str, Any]], advice: Sequence[str]) -> list[str]:
    """One line on the whole, one per service, and the two most urgent things to do."""
    moment = next((status["business_now"] for status in statuses if "away" not in status), "?")
    well = "一切正常 · all is well" if not advice else f"需要处理 · needs attention: {len(advice)}"
    rows = [f"{url}  {well}  业务时间 · business time {moment}"]
    return [*rows, *(_line(status) for status in statuses), *advice[:MOST_ADVICE]]


def _line(status: dict[str, Any]) -> str:
    if "away" in status:
        return f"{status['service']:<15} 无应答 away: {status['away']}"
    due = sum(status["works"].values())
    held = sum(status["lanes"].values())
    state = "静 quiet" if status["quiet"] else "忙 busy "
    # Who does not hear from the bus cannot know how far there is to go.
    behind = "?" if status["bus"] else str(behind_of(status))
    return (
        f"{status['service']:<15} {state}  已发 said {status['published']:>6}  待发 to say {status['outbox']:>4}  "
        f"落后 behind {behind:>4}  待办 due {due:>4}  停住 held {held:>3}"
    )


def _of_one_away(away: str) -> str:
    if away == FROZEN:
        patience = f"{ASK_SECONDS:g}"
        return f"{patience} 秒内没有应答,可结束其进程 · no answer within {patience} s: end its process, it is started again"
    return f"{away} 无应答,会自动再启动 · {away} is away and is started again; if it stays so, see the log"


def _names(services: Sequence[str]) -> str:
    if len(services) == 1:
        return services[0]
    if len(services) == len(SERVICES):
        return "各服务 · all services"
    return f"{services[0]} 等 {len(services)} 个 · {services[0]} and {len(services) - 1} more"
