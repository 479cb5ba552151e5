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
        answer = await self._ask(service_of(source), base, "/events", query)
        return [_record(item) for item in answer["items"]] if answer else []

    @property
    def services(self) -> Sequence[str]:
        """Whom we can ask."""
        return sorted(self._directory)

    async def heads(self, service: str, topic: str, after: str) -> tuple[str, dict[str, int], str | None]:
        """A page of what a service has published on a topic, after a subject: its source, the last sequence of each
        subject, and the subject to go on after; None at the end."""
        query = {"topic": topic, "after": after, "limit": str(MOST_EVENTS)}
        answer = await self._ask(service, self._directory[service], "/streams", query)
        if not answer:
            return "", {}, None
        heads = {item["subject"]: item["sequence"] for item in answer["items"]}
        return answer["source"], heads, answer["next"]

    async def _ask(self, service: str, base: str, path: str, query: Mapping[str, str]) -> dict[str, Any] | None:
        """The answer; None when it is gone for good. Raises EnvironmentFault when it may be had another time."""
        async with client(base, timeout_seconds=ASK_SECONDS) as http:
            try:
                answer = await http.get(path, params=query, headers={"Authorization": f"Bearer {self._token()}"})
            except OUTSIDE_ERRORS as trouble:
                raise EnvironmentFault(service, repr(trouble)) from trouble
        if answer.status_code in (404, 410):
            return None
        if answer.status_code != 200:
            raise EnvironmentFault(service, f"answers {answer.status_code} to {path}")
        found: dict[str, Any] = answer.json()
        return found


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
