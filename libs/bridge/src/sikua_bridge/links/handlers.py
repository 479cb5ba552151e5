"""A person decides which project a key belongs to; what waited under the key leaves at once."""

from __future__ import annotations

from typing import Any

from sikua_chassis.errors import Conflict, FieldError, Invalid, NotFound
from sikua_chassis.session import Session

from sikua_bridge.datasets import KeyKind, always
from sikua_bridge.enquiries import store as enquiries
from sikua_bridge.facts.stating import catch_up
from sikua_bridge.fields import WrongValue, code_of_project, credit_code
from sikua_bridge.links import store
from sikua_bridge.links.store import LinkState
from sikua_bridge.projects import store as projects
from sikua_bridge.projects.keys import Wanted
from sikua_bridge.tools import BridgeTools

_CHECKS = {KeyKind.PROJECT_CODE: code_of_project, KeyKind.USCC: credit_code}


async def confirm(session: Session, link_id: str, by: str) -> Any:
    """The pending link holds. Raises NotFound, Conflict when it was decided before."""
    found = await _known(session, link_id)
    await store.lock_keys(session, [(found["key_kind"], found["key"])])
    row = await _decide(session, found, LinkState.CONFIRMED, by)
    await _let_go(session, row)
    return row


async def reject(session: Session, link_id: str, by: str) -> Any:
    """The pending link does not hold; what waits under its key goes on waiting. Raises like `confirm`."""
    return await _decide(session, await _known(session, link_id), LinkState.REJECTED, by)


async def link_by_hand(session: Session, project_id: str, kind: KeyKind, key: str, by: str) -> Any:
    """Link a key to a project. Raises NotFound for a project not heard of, Invalid for a wrong key, Conflict when it is."""
    if not await projects.is_known(session, project_id):
        raise NotFound(f"本网桥未见过该项目 · this bridge has not heard of project {project_id}")
    check = _CHECKS.get(kind)
    try:
        key = check(key) if check is not None else key
    except WrongValue as problem:
        raise Invalid(errors=[FieldError("/key", str(problem), key[:80])]) from problem
    await store.lock_keys(session, [(kind.value, key)])
    row = await store.confirm_by_hand(session, project_id, kind.value, key, by)
    if row is None:
        raise Conflict("该关联已存在 · the project has this key already")
    await _let_go(session, row)
    return row


async def _known(session: Session, link_id: str) -> Any:
    found = await store.get(session, link_id)
    if found is None:
        raise NotFound(f"没有这个关联 · no such link: {link_id}")
    return found


async def _decide(session: Session, found: Any, state: LinkState, by: str) -> Any:
    row = await store.decide(session, found["link_id"], state, by)
    if row is None:
        raise Conflict(f"该关联的状态为 {found['state']} · the link is {found['state']}, not pending")
    return row


async def _let_go(session: Session, row: Any) -> None:
    """State what waited under the key, and ask by it from now on. The caller holds the lock of the key."""
    tools: BridgeTools = session.tools
    kind, key, project_id = KeyKind(row["key_kind"]), row["key"], row["project_id"]
    if not await projects.active_projects(session, [project_id]):
        return
    asked_by = await enquiries.kinds_asked(session, project_id)
    wanted = [
        Wanted(dataset.slug, kind, key)
        for dataset in tools.datasets
        if kind in dataset.keys and dataset.asked_for is always and asked_by.get(dataset.slug, kind) is kind
    ]
    enquiries.open_enquiries(session, wanted)
    await catch_up(session, project_id, [(kind, key)])
