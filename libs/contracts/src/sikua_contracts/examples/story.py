"""The invented project that all examples are about, and how an example becomes an event as it travels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sikua_contracts.envelope import Event, Said, source_of
from sikua_contracts.words import Owner

PROJECT = "019de5b4-6a00-7a11-8c01-3f0d5a7e0001"
OTHER_PROJECT = "019de5b4-6a00-7a11-8c01-3f0d5a7e0002"
PROJECT_NAME = "胶州湾智能家电配套产业园项目"
USCC = "91370281MAB1X2Y34U"
PROJECT_CODE = "2109-370281-04-01-543217"

REFORM = Owner(role="reform", division="370200")
DISTRICT = Owner(role="district_government", division="370281")
OFFICE = Owner(role="command_office", division="370200")

_FIRST = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of November 2026 in Shanghai, as aware UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def told(service: str, said: Said, number: int) -> Event[Any]:
    """The event as it would travel: ids and moments follow from its number, so that exports never change by themselves."""
    moment = _FIRST + timedelta(hours=number)
    return Event[Any](
        id=_id(number),
        source=source_of(service),
        type=said.type,
        topic=said.topic,
        subject=said.subject(),
        time=moment,
        recordedtime=moment + timedelta(milliseconds=120),
        sequence=number,
        previousid=_id(number - 1) if number > 1 else None,
        causationid=_id(900 + number),
        correlationid=_id(900),
        traceparent=f"00-{number:032x}-{number:016x}-01",
        dataclassification=said.level,
        data=said,
    )


def _id(number: int) -> str:
    return f"019de5b4-6b00-7{number:03x}-9f00-{number:012x}"
