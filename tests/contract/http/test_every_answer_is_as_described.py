"""Whatever is asked of the seven services, no answer is a server error, and each is one that the description tells of."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sikua_chassis.auth.roles import ALL_SCOPES
from sikua_contracts.topics import SERVICES
from support.fuzzing import Service, faults
from support.lived_in import STATED, LivedIn

EXAMPLES = 6
"""Of each kind and operation. Many more were asked once; these keep what they found from coming back."""


@pytest.mark.timeout(400)
@pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize("service", SERVICES)
async def test_every_answer_is_one_that_the_description_tells_of(service: str, lived_in: LivedIn) -> None:
    system = lived_in.city.system
    running = system.services[service]
    unit = STATED[service][0] if service in STATED else "市指挥部办公室"

    def sign(body: bytes) -> dict[str, str]:
        signed: dict[str, str] = running.database.tools.pushed.sign(datetime.now(UTC), body)
        return signed

    for owner in ("registry", "scheduler"):
        # The command office hands acts on to these.
        system.runtime.settings.services[owner] = await system.serve(owner)
    asked = Service(
        url=await system.serve(service),
        description=running.app.openapi(),
        ids=await lived_in.ids(service),
        token=system.token("operator", unit=unit, scope=" ".join(sorted(ALL_SCOPES))),
        sign=sign,
    )
    found = await asyncio.to_thread(faults, asked, EXAMPLES)
    assert not found, "\n\n".join(found)
