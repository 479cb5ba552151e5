"""How a demo, a test or a partner steers a simulated gateway, beside the routes that the bridge asks.

`GET /_faults` what goes wrong now · `POST /_faults` let the next calls go wrong (kind `slow`, `500`, `wrong_signature`,
`malformed`, `rate_limited`, `ask_later` or `refused`; count, dataset, key, seconds, days) · `PUT /_faults/background` let a
share of all questions go wrong, chosen by the seed (rate, kinds, seconds, days) · `DELETE /_faults` all well again ·
`GET /_records` what is known, by project code · `POST /_records` enter a project, its records are made up from the seed ·
`POST /_push` send rows to a bridge's door *receive*, signed, or with a wrong signature · `GET /_calls` what was asked.
For example, three errors and then all well: `POST /_faults {"kind": "500", "count": 3}` at the tax office's port.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from sikua_rules import divisions
from sikua_rules.business_time import shanghai_day

from sikua_simulators.departments import problems
from sikua_simulators.departments.approvals import Approval
from sikua_simulators.departments.books import Books, BooksFull
from sikua_simulators.departments.calls import Calls
from sikua_simulators.departments.chance import real_now
from sikua_simulators.departments.dialects import Dialect
from sikua_simulators.departments.faults import Background, Fault, Faults, TooManyFaults
from sikua_simulators.departments.problems import Problem, wrong
from sikua_simulators.departments.pushing import NotHere, Push, send
from sikua_simulators.departments.seeds import ProjectSeed

_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 31)


def _known_division(code: str) -> str:
    if divisions.find(code) is None:
        raise ValueError("行政区划代码不存在 · a division code of six digits (GB/T 2260)")
    return code


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Named = Annotated[Text, StringConstraints(min_length=1)]
DivisionCode = Annotated[str, AfterValidator(_known_division)]


class InForce(BaseModel):
    """The faults of a gateway."""

    waiting: list[Fault]
    background: Background | None


class NewRecord(BaseModel):
    """A project to enter into the books; `invest_yi` in 亿元, `section` of GB/T 4754, `stage` its last step (开工 …)."""

    model_config = ConfigDict(extra="forbid")

    name: Named
    division: DivisionCode
    investor: Text = ""
    section: Annotated[str, StringConstraints(pattern="^[A-T]$")] = "C"
    foreign: bool = False
    invest_yi: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=4)
    stage: Text = ""
    stage_date: date | None = Field(default=None, ge=_EARLIEST, le=_LATEST)


class RecordView(BaseModel):
    """A project in the books, with the keys that departments are asked by."""

    project_code: str
    name: str
    division: str
    company: str
    uscc: str
    simulated: Literal[True] = True


class RecordPage(BaseModel):
    """Records by project code. `next` is the `after` of the following page, null at the end."""

    items: list[RecordView]
    next: str | None


class PushOrder(BaseModel):
    """Push what stands in the books of this dataset under this key. `asked` is the key in the department's own words, as in
    an enquiry, for example `{"nsrsbh": "…"}`; `url` a bridge's `…/receive` on this machine."""

    model_config = ConfigDict(extra="forbid")

    url: Named
    dataset: Named
    asked: dict[str, str] = Field(min_length=1, max_length=5)
    batch_id: Named | None = None
    wrong_signature: bool = False


class Pushed(BaseModel):
    """What the bridge said to it. `document` is null when that was no JSON."""

    batch_id: str
    rows: int
    status: int
    document: Any


def install(
    app: FastAPI, dialect: Dialect, books: Books, faults: Faults, calls: Calls, clock: Callable[[], datetime]
) -> None:
    """Add the routes that steer one gateway."""
    router = APIRouter()
    _steer_faults(router, faults)
    _steer_records(router, books)
    _steer_pushes(router, dialect, clock)

    @router.get("/_calls")
    async def shown() -> dict[str, Any]:
        return calls.shown()

    app.include_router(router)
    problems.install(app)


def _steer_faults(router: APIRouter, faults: Faults) -> None:
    @router.get("/_faults")
    async def in_force() -> InForce:
        return InForce(waiting=faults.waiting, background=faults.background)

    @router.post("/_faults", status_code=201)
    async def add_fault(fault: Fault) -> InForce:
        try:
            faults.add(fault)
        except TooManyFaults as full:
            raise Problem(409, "故障过多,请先清除 · too many faults wait; clear them first") from full
        return await in_force()

    @router.put("/_faults/background")
    async def set_background(background: Background) -> InForce:
        faults.background = background
        return await in_force()

    @router.delete("/_faults", status_code=204)
    async def clear_faults() -> Response:
        faults.clear()
        return Response(status_code=204)


def _steer_records(router: APIRouter, books: Books) -> None:
    @router.get("/_records")
    async def records(after: str = "", limit: Annotated[int, Query(ge=1, le=500)] = 100) -> RecordPage:
        found = sorted(code for code in books.approvals if code > after)
        items = [_view(books.approvals[code]) for code in found[:limit]]
        return RecordPage(items=items, next=items[-1].project_code if len(found) > limit else None)

    @router.post("/_records", status_code=201)
    async def add_record(record: NewRecord) -> RecordView:
        try:
            return _view(books.add(ProjectSeed(**record.model_dump())))
        except BooksFull as full:
            raise Problem(409, "记录过多 · the books are full") from full


def _steer_pushes(router: APIRouter, dialect: Dialect, clock: Callable[[], datetime]) -> None:
    @router.post("/_push")
    async def push(order: PushOrder) -> Pushed:
        if order.dataset not in dialect.paths:
            known = "one of " + ", ".join(dialect.paths)
            raise Problem(422, "没有这个数据集 · no such dataset", [wrong("/dataset", known, order.dataset)])
        now = clock()
        rows = dialect.rows_in(dialect.answer(order.dataset, order.asked, now))
        if not rows:
            raise Problem(404, "目前没有可推送的记录 · nothing is recorded under this key now")
        batch = order.batch_id or f"simulated-{order.dataset}-{shanghai_day(now):%Y%m%d}"
        message = Push(order.url, order.dataset, batch, rows, order.wrong_signature)
        try:
            reply = await send(message, dialect.push_seal, real_now())
        except NotHere as elsewhere:
            errors = [wrong("/url", "http://127.0.0.1:…/receive", order.url)]
            raise Problem(422, "只向本机推送 · pushes go to this machine only", errors) from elsewhere
        except OSError as away:
            raise Problem(502, f"网桥无应答 · the bridge does not answer: {away.strerror or away}") from away
        return Pushed(batch_id=batch, rows=len(rows), status=reply.status, document=reply.document)


def _view(approval: Approval) -> RecordView:
    return RecordView(
        project_code=approval.code,
        name=approval.seed.name,
        division=approval.seed.division,
        company=approval.company.name,
        uscc=approval.company.uscc,
    )
