"""Missing events of a stream are asked of the service that said them, by its `GET /events` (delivery rule 18)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from sikua_chassis.bus.port import Record
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.http import OUTSIDE_ERRORS, client
from sikua_chassis.lanes import LaneKey

ASK_SECONDS = 10.0
MOST_EVENTS = 500


class Source:
    """The services by name (`directory`: service → base URL) and the token that we show them."""

    def __init__(self, directory: Mapping[str, str], token: Callable[[], str]) -> None:
        self._directory = directory
        self._token = token

    async def events(self, key: LaneKey, first: int, last: int) -> Sequence[Record]:
        """Events first … last of one stream; what is not there any more is not in the answer."""
        source, topic, subject = key
        base = self._directory.get(service_of(source))
        if base is None:
            return []
        query = {
            "topic": topic,
            "subject": subject,
            "from_sequence": str(first),
            "to_sequence": str(last),
            "limit": str(MOST_EVENTS),
        }
        async with client(base, timeout_seconds=ASK_SECONDS) as http:
            try:
                answer = await http.get("/events", params=query, headers={"Authorization": f"Bearer {self._token()}"})
            except OUTSIDE_ERRORS as trouble:
                raise EnvironmentFault(service_of(source), repr(trouble)) from trouble
        if answer.status_code != 200:
            return []
        return [_record(item) for item in answer.json()["items"]]


def service_of(source: str) -> str:
    """`urn:cn:org:370200:system:sikua-registry` → `registry`."""
    return source.rpartition(":system:sikua-")[2]


def _record(item: dict[str, Any]) -> Record:
    return Record(
        id=item["id"],
        source=item["source"],
        topic=item["topic"],
        subject=item["subject"],
        type=item["type"],
        payload=to_json(item["data"]).decode(),
        sequence=item["sequence"],
        previousid=item["previousid"],
        time=datetime.fromisoformat(item["time"]),
        recordedtime=datetime.fromisoformat(item["recordedtime"]),
        headers=item["headers"],
        traceparent=item["traceparent"],
    )
