"""No cursor that a route did not give out breaks it or is taken for one of its own; each one it gave out leads on."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
from sikua_contracts.topics import SERVICES
from support.lived_in import LivedIn, good

FOREIGN: tuple[Any, ...] = (
    [],
    [None],
    [True],
    [1.5],
    [{"a": 1}],
    [[]],
    ["\x00"],
    ["\ud800"],
    [2**70],
    [None, None],
    ["a", "b", "c"],
    {"a": 1},
    "a",
)

MOST_PAGES = 20


def cursor(values: Any) -> str:
    """What a client might make up."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


def paged(document: dict[str, Any], ids: dict[str, list[str]]) -> Iterator[str]:
    """Paths of lists that are read by cursor, with real ids in them."""
    for path, item in document["paths"].items():
        parameters = item.get("get", {}).get("parameters", ())
        if any(parameter["name"] == "cursor" for parameter in parameters):
            yield path.format(**{name: values[0] for name, values in ids.items() if values})


async def test_a_cursor_of_somebody_else_is_refused_by_every_list(lived_in: LivedIn) -> None:
    asked = 0
    for service in SERVICES:
        client = lived_in.city.system.client(service, "operator")
        for path in paged(lived_in.city.system.services[service].app.openapi(), await lived_in.ids(service)):
            for values in FOREIGN:
                answer = await client.get(path, params={"cursor": cursor(values)})
                assert answer.status_code == 400, f"{service} {path} {values}: {answer.status_code}"
                assert [error["field"] for error in answer.json()["errors"]] == ["query.cursor"]
                asked += 1
    assert asked > 200


async def test_every_list_is_read_to_its_end_by_its_own_cursors(lived_in: LivedIn) -> None:
    for service in SERVICES:
        client = lived_in.city.system.client(service, "operator")
        for path in paged(lived_in.city.system.services[service].app.openapi(), await lived_in.ids(service)):
            whole = good(await client.get(path, params={"limit": 500}))["items"]
            found = await in_pages(client, path, max(1, len(whole) // MOST_PAGES + 1))
            assert [name_of(item) for item in found] == [name_of(item) for item in whole], f"{service} {path}"


def name_of(item: dict[str, Any]) -> Any:
    """What tells an item of a list from the others; the rest may move on meanwhile."""
    return (item["role"], item["division"]) if "persons" in item else next(iter(item.values()))


async def in_pages(client: httpx.AsyncClient, path: str, limit: int) -> list[Any]:
    """A list read page by page; each page but the last links to the following one."""
    items: list[Any] = []
    following: str | None = None
    for _ in range(MOST_PAGES + 1):
        answer = await client.get(path, params={"limit": limit, **({"cursor": following} if following else {})})
        page = good(answer)
        assert len(page["items"]) <= limit
        items += page["items"]
        following = page["next"]
        link = answer.links.get("next")
        assert (link is None) == (following is None), f"{path} has a next page and no link to it"
        if link is not None:
            assert httpx.URL(link["url"]).params["cursor"] == following
        if following is None:
            return items
    raise AssertionError(f"{path} does not end")
