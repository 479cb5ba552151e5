"""Templates to responses: everything that isn't our own markup is escaped, and what would hide or turn text is made visible.

No script, style or image but our own files; nothing of a page is kept by a cache.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from sikua_contracts.words import RUNG_NAMES, STEP_NAMES
from sikua_rules.business_time import SHANGHAI

from sikua_command_office import names
from sikua_command_office.acts.owners import owner_choices
from sikua_command_office.pages.documents.kinds import LARGEST_BYTES
from sikua_command_office.pages.documents.reference import pieces
from sikua_command_office.pages.web.navigation import NAVIGATION
from sikua_command_office.pages.web.officer import Officer
from sikua_command_office.pages.web.sealing import new_key

HERE: Final = Path(__file__).parents[1]
SECURITY: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cn"})
_HARMLESS = frozenset("\n\t‌‍")


def made_visible(value: Any) -> Any:
    """Text with its control, bidirectional and other invisible characters written out: "⟨U+202E⟩"; markup stays."""
    if type(value) is not str or value.isprintable():
        return value
    return "".join(
        f"⟨U+{ord(sign):04X}⟩" if unicodedata.category(sign) in _UNSEEN and sign not in _HARMLESS else sign
        for sign in value
    )


def moment(value: datetime | None) -> str:
    """ "2026-03-02 09:00", in Shanghai."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"


def day(value: datetime | None) -> str:
    """ "2026-03-02", in Shanghai."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d") if value else "—"


def plain(value: Any, field: str = "") -> str:
    """A field's value as one reads it; lists joined, documents as JSON, codes of a known field by their names."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, list):
        return "、".join(plain(each, field) for each in value) or "—"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else names.value_name(field, str(value))


def linked(text: str | None, place: str) -> Markup:
    """A text in which names of kept documents lead to them; `place` is the address of the project's page."""
    parts = ((escape(made_visible(piece)), sha256) for piece, sha256 in pieces(text or "") if piece)
    return Markup("").join(
        Markup('<a class="document" href="{}/documents/{}">{}</a>').format(place, sha256, piece) if sha256 else piece
        for piece, sha256 in parts
    )


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=made_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(moment=moment, day=day, plain=plain, linked=linked)
    made.globals.update(
        LIGHTS=names.LIGHTS,
        CROSSINGS=names.CROSSINGS,
        RUNGS=RUNG_NAMES,
        STEPS=STEP_NAMES,
        STATUSES=names.PROJECT_STATUSES,
        STEP_STATUSES=names.STEP_STATUSES,
        TRACK_REASONS=names.TRACK_REASONS,
        OUTSIDE=names.OUTSIDE,
        NAVIGATION=NAVIGATION,
        LARGEST_BYTES=LARGEST_BYTES,
        new_key=new_key,
        owner_choices=owner_choices,
        dataset_name=names.dataset_name,
        department_name=names.department_name,
        division_name=names.division_name,
        field_name=names.field_name,
        owner_name=names.owner_name,
    )
    return made


ENVIRONMENT: Final = _environment()


def version_of_assets() -> str:
    """Changes when one of our files does; stands behind their addresses so that no browser shows an old one."""
    files = sorted((HERE / "static").iterdir())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


_ASSETS = version_of_assets()


def render(
    request: Request, template: str, officer: Officer | None = None, status: int = 200, **shown: Any
) -> HTMLResponse:
    """The page. `officer` is None on pages that everybody may see."""
    root = request.scope.get("root_path", "")
    text = ENVIRONMENT.get_template(template).render(
        base=root,
        assets=_ASSETS,
        officer=officer,
        here=request.url.path,
        query=request.url.query,
        address=str(request.url),
        **shown,
    )
    headers = {**SECURITY, "Cache-Control": "no-store", "Vary": "Cookie"}
    return HTMLResponse(text, status, headers=headers)
