"""`sikua status`: is all well, and what to do if not, in at most ten lines."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from sikua_chassis.http import TIMEOUTS, Client
from sikua_contracts.topics import SERVICES

from sikua_cli.launcher.place import Place
from sikua_cli.reach import address, answered, reached
from sikua_cli.trouble import Exit

OLD_SECONDS = 10.0
ANSWER_SECONDS = 10.0
AWAY = 503


def run(directory: Path, *, as_json: bool) -> None:
    """Print the state of every service; exit status 1 when something needs a person."""
    place = Place(directory)
    statuses = asyncio.run(_statuses(place))
    advice = advice_of(statuses)
    if as_json:
        print(json.dumps({"url": address(place), "well": not advice, "services": statuses, "advice": advice}, indent=1))
    else:
        for line in lines(address(place), statuses, advice):
            print(line)
    if advice:
        sys.exit(int(Exit.FAILED))


async def _statuses(place: Place) -> list[dict[str, Any]]:
    async with reached(place, "operator", "sikua status", timeout_seconds=ANSWER_SECONDS) as http:
        # All at once: each waits some seconds for a bus that does not answer.
        return list(await asyncio.gather(*(status_of(http, name) for name in SERVICES)))


async def status_of(http: Client, name: str) -> dict[str, Any]:
    """How one service stands; `away` names who does not answer. Raises Trouble when the question is refused."""
    try:
        response = await http.get(f"/{name}/status")
    except TIMEOUTS:
        return {"service": name, "away": name}
    if response.status_code == AWAY:
        return {"service": name, "away": response.json().get("hop", name)}
    answer: dict[str, Any] = answered(response)
    return answer


def advice_of(statuses: list[dict[str, Any]]) -> list[str]:
    """What a person should do, the most urgent first: what all services have in common is said once."""
    return [*_bus_away(statuses), *(sentence for status in statuses for sentence in advise(status))]


def _bus_away(statuses: list[dict[str, Any]]) -> list[str]:
    cut_off = [status for status in statuses if status.get("bus")]
    if not cut_off:
        return []
    who = (
        "、".join(status["service"] for status in cut_off) if len(cut_off) < len(statuses) else "各服务 · all services"
    )
    return [
        f"{who}:总线无应答,照常受理,事件会在恢复后送达 · {cut_off[0]['bus']}: events wait and arrive when it is back"
    ]


def advise(status: dict[str, Any]) -> list[str]:
    """What a person should do about one service; nothing when all is well. A service that is busy is well.

    Of a bus that is away `advice_of` speaks, once for all.
    """
    name = status["service"]
    if "away" in status:
        away = status["away"]
        return [f"{name}:{away} 无应答,会自动再启动 · {away} is away and is started again; if it stays so, see the log"]
    said = []
    if status["halted"]:
        said.append(
            f"{name}:已停止消费,请查日志后重启 · stopped consuming ({status['halted']}): look at the log, restart"
        )
    if status["lanes"].get("parked"):
        count = status["lanes"]["parked"]
        said.append(f"{name}:{count} 条通道停住 · {count} lanes are parked: see GET /{name}/lanes, then redrive")
    if status["outbox_parked"]:
        said.append(f"{name}:有事件被总线拒收 · {status['outbox_parked']} events were refused by the bus: see the log")
    if status["oldest_unpublished_seconds"] > OLD_SECONDS and not status["bus"]:
        said.append(
            f"{name}:事件积压 · the oldest event waits {status['oldest_unpublished_seconds']:.0f} s: is it alive?"
        )
    return said


def lines(url: str, statuses: list[dict[str, Any]], advice: list[str]) -> list[str]:
    """One line on the whole, one per service, and the two most urgent things to do."""
    moment = next((status["business_now"] for status in statuses if "away" not in status), "?")
    well = "一切正常 · all is well" if not advice else f"需要处理 · needs attention: {len(advice)}"
    rows = [f"{url}  {well}  业务时间 · business time {moment}"]
    for status in statuses:
        if "away" in status:
            rows.append(f"{status['service']:<15} 无应答 away: {status['away']}")
            continue
        # Who does not hear from the bus cannot know how far there is to go.
        behind = "?" if status["bus"] else sum(log["head"] - log["position"] for log in status["logs"].values())
        due = sum(status["works"].values())
        held = sum(status["lanes"].values())
        state = "静 quiet" if status["quiet"] else "忙 busy "
        rows.append(
            f"{status['service']:<15} {state}  已发 said {status['published']:>6}  待发 to say {status['outbox']:>4}  "
            f"落后 behind {behind:>4}  待办 due {due:>4}  停住 held {held:>3}"
        )
    return [*rows, *advice[:2]]
