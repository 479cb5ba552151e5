"""Contacts and rosters over HTTP: read, and write in bulk."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sikua_chassis.api import Cursor, Limit, Reading, Writing, allows, decode_cursor, link_next, page
from sikua_rules.divisions import find

from sikua_notifier.characters import masked_mail, masked_name, visible
from sikua_notifier.contacts import handlers, store
from sikua_notifier.kinds import KNOWN_ROLES

router = APIRouter(tags=["contacts"])
MOST = 2000


def _known_role(role: str) -> str:
    stem, _, suffix = role.partition(".")
    if stem not in KNOWN_ROLES or suffix not in ("", "head", "coordinator"):
        raise ValueError("责任岗位，可带 .head 或 .coordinator · a role of owners, or one with .head or .coordinator")
    return role


def _known_division(code: str) -> str:
    if find(code) is None:
        raise ValueError("六位行政区划代码（GB/T 2260）· a six-digit division code")
    return code


def _plain(text: str) -> str:
    if visible(text, len(text) + 1) != text:
        raise ValueError(
            "一行文字，不含控制、不可见或双向字符 · one line without control, invisible or bidirectional characters"
        )
    return text


Person = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$", description="stable id of a person")]
Role = Annotated[str, Field(max_length=60), AfterValidator(_known_role)]
Division = Annotated[str, Field(pattern=r"^\d{6}$"), AfterValidator(_known_division)]
Line = Annotated[str, Field(max_length=100), AfterValidator(_plain)]
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
Mail = Annotated[str, Field(max_length=254, pattern=rf"^(?:{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+)?$")]
EndpointName = Annotated[str, Field(max_length=60, pattern=r"^(?:[a-z0-9][a-z0-9-]*)?$")]
RoleFilter = Annotated[str | None, Query(min_length=1, max_length=60)]
DivisionFilter = Annotated[str | None, Query(pattern=r"^\d{6}$")]


class ContactIn(BaseModel):
    """A person. `webhook` names a registered endpoint, `deputy` a person with a contact; empty text where none."""

    model_config = ConfigDict(extra="forbid")

    person: Person
    name: Annotated[Line, Field(min_length=1)]
    unit: Annotated[Line, Field(min_length=1)]
    role: Role
    division: Division
    email: Mail = ""
    webhook: EndpointName = ""
    deputy: Annotated[str, Field(pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9._:-]{0,79})?$")] = ""


class ContactsIn(BaseModel):
    """Contacts to write, all or none."""

    model_config = ConfigDict(extra="forbid")

    contacts: list[ContactIn] = Field(min_length=1, max_length=MOST)


class RosterIn(BaseModel):
    """Who is on duty for a role in a division, in order; an empty list takes everybody off duty."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    division: Division
    persons: list[Person] = Field(max_length=20)


class RostersIn(BaseModel):
    """Rosters to replace, all or none."""

    model_config = ConfigDict(extra="forbid")

    rosters: list[RosterIn] = Field(min_length=1, max_length=MOST)


class Written(BaseModel):
    """How many were written."""

    written: int


class ContactView(BaseModel):
    """A contact as listed: name and mail masked for callers who may not write contacts."""

    person: str
    name: str
    unit: str
    role: str
    division: str
    email: str
    webhook: str
    deputy: str


class ContactPage(BaseModel):
    """Contacts in order of person, and the cursor of the next page."""

    items: list[ContactView]
    next: str | None


class RosterView(BaseModel):
    """A roster, the first on duty first."""

    role: str
    division: str
    persons: list[str]


class RosterPage(BaseModel):
    """Rosters in order of role and division, and the cursor of the next page."""

    items: list[RosterView]
    next: str | None


@router.get("/contacts", response_model=ContactPage, dependencies=[allows("notices:read")])
async def list_contacts(
    request: Request,
    response: Response,
    session: Reading,
    role: RoleFilter = None,
    division: DivisionFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Contacts; personal data is masked for callers without `contacts:write`."""
    after = (decode_cursor(cursor, str) or [""])[0]
    rows = await store.list_contacts(session, after, role, division, limit + 1)
    found = page(rows, limit, lambda row: [row["person"]])
    link_next(request, response, found["next"])
    plain = session.actor is not None and session.actor.may("contacts:write")
    return {"items": [_shown(dict(row), plain) for row in found["items"]], "next": found["next"]}


@router.put("/contacts", response_model=Written, dependencies=[allows("contacts:write")])
async def put_contacts(body: ContactsIn, session: Writing) -> Written:
    """Write contacts; a person known already is replaced. All wrong ones are named."""
    await handlers.write_contacts(session, body.contacts)
    return Written(written=len(body.contacts))


@router.get("/rosters", response_model=RosterPage, dependencies=[allows("notices:read")])
async def list_rosters(
    request: Request,
    response: Response,
    session: Reading,
    role: RoleFilter = None,
    division: DivisionFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Rosters."""
    after = decode_cursor(cursor, str, str) or ["", ""]
    rows = await store.list_rosters(session, (after[0], after[1]), role, division, limit + 1)
    found = page(rows, limit, lambda row: [row["role"], row["division"]])
    link_next(request, response, found["next"])
    return {"items": [dict(row) for row in found["items"]], "next": found["next"]}


@router.put("/rosters", response_model=Written, dependencies=[allows("contacts:write")])
async def put_rosters(body: RostersIn, session: Writing) -> Written:
    """Replace rosters; those not named stay as they are. All wrong ones are named."""
    await handlers.write_rosters(session, body.rosters)
    return Written(written=len(body.rosters))


def _shown(row: dict[str, Any], plain: bool) -> dict[str, Any]:
    if plain:
        return row
    return {**row, "name": masked_name(row["name"]), "email": masked_mail(row["email"])}
