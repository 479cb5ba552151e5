"""One function per way an act comes in: from an officer's form, and from a program that sends the owner's own body."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from sikua_chassis.database import Database

from sikua_command_office.acts.acts import Act
from sikua_command_office.acts.delivery import Answer, Owners
from sikua_command_office.feed.store import entries

EFFECT_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 0.05


async def act_of_form(
    owners: Owners, act: Act, subject: str, given: Mapping[str, str], *, token: str, key: str
) -> Answer:
    """What the owner service answers to an officer's act. Raises NoAnswer."""
    return await owners.act(act.service, act.path_for(subject), act.body(subject, given), token=token, key=key)


async def act_of_program(owners: Owners, service: str, path: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    """The same for a program: its body and what of its headers concerns the owner, unread. Raises NoAnswer."""
    return await owners.ask(service, path, content, headers)


async def effect(database: Database, project_id: str, after: int) -> bool:
    """Wait until the feed tells something new of the project, so that whoever acted sees it; a short while at most."""
    try:
        async with asyncio.timeout(EFFECT_SECONDS):
            while True:
                async with database.unit_of_work(read_only=True) as session:
                    if await entries(session, after=after, project_id=project_id, limit=1):
                        return True
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        return False
