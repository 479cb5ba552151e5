"""`sikua sign-in`: a one-time code that opens the officers' page in a browser; `sikua up` and the demo print the first."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.auth.roles import Role
from sikua_chassis.http import OUTSIDE_ERRORS, client

from sikua_cli.commands.token import issued
from sikua_cli.launcher.place import Place
from sikua_cli.reach import address, answered, not_running
from sikua_cli.trouble import Trouble

WORKING_DAY_HOURS = 12
WAIT_SECONDS = 20.0


def run(directory: Path, role: str, *, division: str, unit: str, name: str) -> None:
    """Print the code alone on standard output, and to people where to type it."""
    place = Place(directory)
    token = issued(place, role, division=division, unit=unit, name=name, hours=WORKING_DAY_HOURS)
    url = address(place)
    code = asyncio.run(code_for(url, token))
    where = f"请在此输入登录码,30 分钟内有效,只用一次 · type the code there; it works once, within 30 minutes: {url}/"
    print(where, file=sys.stderr, flush=True)
    print(code)


async def code_for(url: str, token: str) -> str:
    """A one-time code that stands for this token. Raises Trouble."""
    try:
        async with client(url, timeout_seconds=WAIT_SECONDS) as http:
            answer = await http.post("/command-office/sign-in-codes", headers={"Authorization": f"Bearer {token}"})
    except OUTSIDE_ERRORS as error:
        raise not_running(url) from error
    return str(answered(answer)["code"])


async def greeting(url: str, issuer: LocalIssuer) -> str:
    """Where the page is and with which code it opens; with a foreign issuer, how to come by one."""
    token = issuer.issue(
        "local:command_office",
        roles=[Role.COMMAND_OFFICE],
        name="指挥部值班 duty officer",
        unit="command_office",
        division="370200",
        lifetime_seconds=WORKING_DAY_HOURS * 3600,
    )
    try:
        code = await code_for(url, token)
    except Trouble:
        return (
            "页面登录码须以本市签发方的令牌索取 · ask for a sign-in code with your issuer's token: POST /sign-in-codes"
        )
    return f"页面 page: {url}/  登录码 sign-in code: {code}(再要一个 another: sikua sign-in --as command_office)"
