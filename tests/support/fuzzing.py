"""Asks every operation of a described service for what it describes, and for what it does not, and checks each answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import Failure, FailureGroup
from sikua_chassis.description import operations

ALWAYS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
ENDLESS = {"/feed/stream"}
"""Streams that never end by themselves."""

JUDGES_BY_ITEM = {"/facts", "/receive"}
"""Routes that answer 200 with a verdict for each item, so that one wrong item does not keep the others back."""

EACH = settings(
    derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
Sign = Callable[[bytes], Mapping[str, str]]


@dataclass
class Service:
    """A served service: where, its description, real ids for its paths, and who asks. `sign` opens the signed door."""

    url: str
    description: dict[str, Any]
    ids: Mapping[str, Sequence[str]]
    token: str
    sign: Sign
    session: requests.Session = field(default_factory=requests.Session)


def faults(service: Service, examples: int) -> list[str]:
    """Every answer that is a server error or unlike its description, with how to ask for it again. Blocks: use a thread.

    Half of the examples follow the description, half break it; half of each name things that are there.
    """
    found: dict[str, str] = {}
    for result in schemathesis.openapi.from_dict(_unguarded(service.description)).get_all_operations():
        operation = result.ok()
        if operation.path in ENDLESS:
            continue
        asked = 0
        real = {name: values[0] for name, values in service.ids.items() if values and f"{{{name}}}" in operation.path}
        for mode, paths in product(GenerationMode, [None, real] if real else [None]):

            @settings(EACH, max_examples=examples // 2 if real else examples)
            @given(case=operation.as_strategy(generation_mode=mode, path_parameters=paths))
            def ask(case: Case) -> None:
                nonlocal asked
                asked += 1
                for fault in _wrong(service, case):
                    found.setdefault(f"{case.method} {case.operation.path}: {fault.title}", _told(fault, case))

            # Where nothing can be asked wrongly, there is nothing that breaks the description.
            with suppress(Unsatisfiable):
                ask()
        assert asked, f"{operation.method} {operation.path} was never asked"
    return [f"{what}\n{told}" for what, told in found.items()]


def _unguarded(description: dict[str, Any]) -> dict[str, Any]:
    """Who may ask is another test's; here a token left out would count as a wrong request that was let through."""
    copied = deepcopy(description)
    for _, operation in operations(copied):
        operation.pop("security", None)
    return copied


def _wrong(service: Service, case: Case) -> Sequence[Failure]:
    headers = {"Authorization": f"Bearer {service.token}"}
    if case.operation.path == "/receive":
        prepared = requests.Request(**case.as_transport_kwargs(base_url=service.url)).prepare()
        headers |= service.sign(_bytes(prepared.body))
    answer = case.call(base_url=service.url, session=service.session, headers=headers)
    checks = list(ALWAYS)
    if case.operation.path not in JUDGES_BY_ITEM:
        checks.append(negative_data_rejection)
    try:
        case.validate_response(answer, checks=checks)
    except FailureGroup as group:
        return [failure for failure in group.exceptions if isinstance(failure, Failure)]
    return []


def _bytes(body: bytes | str | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


def _told(fault: Failure, case: Case) -> str:
    return f"{fault.message}\n{case.as_curl_command()}"[:1500]
