"""A person orders an enquiry: by a key, or for a project by whatever keys its links show."""

from __future__ import annotations

from typing import Any

from sikua_chassis.errors import FieldError, Invalid
from sikua_chassis.session import Session

from sikua_bridge.datasets import KeyKind
from sikua_bridge.enquiries import store
from sikua_bridge.fields import WrongValue, code_of_project, credit_code
from sikua_bridge.projects.keys import Wanted
from sikua_bridge.tools import BridgeTools

_CHECKS = {KeyKind.PROJECT_CODE: code_of_project, KeyKind.USCC: credit_code}


async def order(session: Session, slug: str, kind: KeyKind, key: str, by: str) -> Any:
    """Ask now. Raises Invalid when the dataset, the kind of key or the key itself does not fit."""
    tools: BridgeTools = session.tools
    dataset = tools.by_slug.get(slug)
    if dataset is None:
        raise Invalid(errors=[FieldError("/dataset", "one of " + ", ".join(sorted(tools.by_slug)), slug)])
    errors: list[FieldError] = []
    if kind not in dataset.keys:
        errors.append(FieldError("/key_kind", "one of " + ", ".join(dataset.keys), kind.value))
    check = _CHECKS.get(kind)
    try:
        key = check(key) if check is not None else key
    except WrongValue as problem:
        errors.append(FieldError("/key", str(problem), key[:80]))
    if kind is KeyKind.NAME and "|" not in key:
        errors.append(FieldError("/key", "division|name, for example 370211|某某产业园项目", key[:80]))
    if errors:
        raise Invalid(errors=errors)
    return await store.ask_now(session, Wanted(slug, kind, key), by)
