"""Browsers without a screen: a client that signs in on the officers' page as a person does, with a one-time code."""

from __future__ import annotations

import re
from typing import Any

import httpx
from support.system import System

PAGE = "/office"


async def code_for(system: System, role: str = "command_office", **claims: Any) -> str:
    """A one-time code that stands for a new token of this role."""
    answer = await system.client("command-office", role, **claims).post("/sign-in-codes")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def signed_in(system: System, role: str = "command_office", **claims: Any) -> httpx.AsyncClient:
    """A client with the cookie of an officer and nothing else."""
    browser = system.client("command-office")
    del browser.headers["Authorization"]
    answer = await browser.post(f"{PAGE}/sign-in", data={"code": await code_for(system, role, **claims)})
    assert answer.status_code == 303, answer.text
    return browser


def proof_in(html: str) -> str:
    """What the forms of a page carry to be taken."""
    found = re.search(r'name="proof" value="([0-9a-f]+)"', html)
    assert found, html[:500]
    return found[1]
