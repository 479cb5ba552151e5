"""`sikua topics show|apply`: the topics of the Kafka in the settings against `deploy/kafka/topics.yaml`.

What is different is shown before anything is changed. Partition counts and copies are told, and never changed from here.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence

import typer
from sikua_chassis.bus.access import access_of
from sikua_chassis.bus.kafka_topics import topics_of
from sikua_chassis.bus.topics import Difference, Kind, Topic, differences
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.settings import ServiceSettings

from sikua_cli.launcher.topics import read
from sikua_cli.trouble import Exit, Trouble


def show(*, few_brokers: bool) -> None:
    """Print each topic and what is different about it; exit status 1 when anything is."""
    settings = ServiceSettings()
    wanted = asyncio.run(_wanted(settings, few_brokers))
    told = asyncio.run(_compare(settings, wanted))
    _print(settings, wanted, told)
    if told:
        sys.exit(int(Exit.FAILED))


def apply(*, few_brokers: bool, agreed: bool, ask: Callable[[str], bool] = typer.confirm) -> None:
    """Show what is different, ask, then make and mend; exit status 1 when something is left that a person must decide."""
    settings = ServiceSettings()
    wanted = asyncio.run(_wanted(settings, few_brokers))
    told = asyncio.run(_compare(settings, wanted))
    _print(settings, wanted, told)
    if any(each.mendable for each in told):
        if not (agreed or ask("按上面所列更改? · change what is listed above?")):
            raise Trouble("没有更改,可用 --yes 不再询问", "nothing was changed; --yes does not ask", Exit.REFUSED)
        asyncio.run(_apply(settings, wanted))
        print("已更改 · changed")
    if not all(each.mendable for each in told):
        sys.exit(int(Exit.FAILED))


def lines(wanted: Sequence[Topic], told: Sequence[Difference]) -> list[str]:
    """One line for each topic, followed by what is different about it."""
    shown = []
    for topic in wanted:
        own = [each for each in told if each.topic == topic.name]
        shown.append(f"{topic.name:<28} {'一致 as it should be' if not own else '不同 different'}")
        shown += [f"    {_sentence(each)}" for each in own]
    return shown


def _sentence(each: Difference) -> str:
    if each.kind is Kind.MISSING:
        return f"不存在,将以 {each.wanted} 个分区创建 · missing: will be made with {each.wanted} partitions"
    if each.kind is Kind.PARTITIONS:
        return (
            f"分区数应为 {each.wanted},实为 {each.found};分区数从不更改 · "
            f"has {each.found} partitions instead of {each.wanted}; that is never changed: make a new topic, v2"
        )
    if each.kind is Kind.REPLICATION:
        return (
            f"副本数应为 {each.wanted},实为 {each.found};请用 Kafka 自带工具调整 · "
            f"has {each.found} copies instead of {each.wanted}: reassign them with Kafka's own tools"
        )
    return f"{each.name}:{each.found} → {each.wanted}"


def _print(settings: ServiceSettings, wanted: Sequence[Topic], told: Sequence[Difference]) -> None:
    print(settings.kafka_bootstrap)
    for line in lines(wanted, told):
        print(line)


async def _wanted(settings: ServiceSettings, few_brokers: bool) -> list[Topic]:
    wanted = read(prefix=settings.kafka_prefix)
    try:
        async with topics_of(access_of(settings)) as topics:
            brokers = await topics.brokers()
    except EnvironmentFault as away:
        raise _away(settings, away) from away
    most = max(topic.replication for topic in wanted)
    if few_brokers:
        return [topic.on(brokers) for topic in wanted]
    if brokers < most:
        raise Trouble(
            f"集群只有 {brokers} 个节点,不足以保存 {most} 个副本;试用可加 --few-brokers",
            f"only {brokers} brokers answer, too few for {most} copies; for a trial give --few-brokers",
            Exit.REFUSED,
        )
    return wanted


async def _compare(settings: ServiceSettings, wanted: Sequence[Topic]) -> list[Difference]:
    try:
        async with topics_of(access_of(settings)) as topics:
            return differences(wanted, await topics.found(topic.name for topic in wanted))
    except EnvironmentFault as away:
        raise _away(settings, away) from away


async def _apply(settings: ServiceSettings, wanted: Sequence[Topic]) -> None:
    try:
        async with topics_of(access_of(settings)) as topics:
            await topics.apply(wanted)
    except EnvironmentFault as away:
        raise _away(settings, away) from away


def _away(settings: ServiceSettings, away: EnvironmentFault) -> Trouble:
    return Trouble(
        f"Kafka({settings.kafka_bootstrap})不可用:{away.reason}",
        f"Kafka at {settings.kafka_bootstrap} (SIKUA_KAFKA_BOOTSTRAP) does not do it: {away.reason}",
        Exit.MACHINE,
    )
