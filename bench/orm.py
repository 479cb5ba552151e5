"""The straightforward way: the same POST with SQLModel objects in an AsyncSession, on the same tables, saying the same."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import asyncpg
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_json, to_jsonable_python
from sikua_chassis.admission import Caller, allows
from sikua_chassis.outbox import shard_of
from sikua_contracts.envelope import new_id, source_of
from sikua_contracts.registry import ProjectRegistered
from sikua_registry import declaring
from sikua_registry.declaring import Voice
from sikua_registry.naming import name_key
from sikua_registry.projects import views
from sikua_registry.projects.forms import NewProject
from sikua_registry.record import Project, record_of
from sikua_registry.tables import ProjectRow
from sqlalchemy import JSON, BigInteger, Column, DateTime, Identity, MetaData, SmallInteger
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

ROOM = "registry"


class DeliveryTable(SQLModel):
    """The tables of delivery, as objects."""

    metadata = MetaData()


def _moment() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


class Stream(DeliveryTable, table=True):
    """A stream's counter."""

    __tablename__ = "stream"

    topic: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    last_id: str
    prior_id: str | None = None


class Outbox(DeliveryTable, table=True):
    """What is to leave."""

    __tablename__ = "outbox"

    arrival: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    id: str
    aggregatetype: str
    aggregateid: str
    type: str
    payload: Any = Field(sa_column=Column(JSON, nullable=False))
    source: str
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    previousid: str | None = None
    time: datetime = Field(sa_column=_moment())
    recordedtime: datetime = Field(sa_column=_moment())
    headers: Any = Field(sa_column=Column(JSON, nullable=False))
    tracingspancontext: str | None = None
    shard: int = Field(sa_column=Column(SmallInteger, nullable=False))
    parked: str | None = None


class Answered(DeliveryTable, table=True):
    """What was answered to a key."""

    __tablename__ = "idempotency"

    key: str = Field(primary_key=True)
    principal: str = Field(primary_key=True)
    fingerprint: str
    status: int
    body: Any = Field(sa_column=Column(JSON, nullable=True))
    created_at: datetime = Field(sa_column=_moment())


def engine_for(url: str) -> AsyncEngine:
    """An engine with as many connections as the other side has."""

    async def connect() -> Any:
        return await asyncpg.connect(url, server_settings={"search_path": ROOM, "jit": "off"})

    return create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, pool_size=8, max_overflow=0, json_serializer=_json
    )


def _json(value: Any) -> str:
    return to_json(value).decode()


def router_for(engine: AsyncEngine) -> APIRouter:
    """`POST /projects` the straightforward way."""
    router = APIRouter()

    @router.post(
        "/projects", status_code=201, response_model=views.ProjectView, dependencies=[allows("projects:write")]
    )
    async def register(
        body: NewProject, request: Request, caller: Caller, idempotency_key: str = Header(alias="Idempotency-Key")
    ) -> Response:
        now = datetime.now(UTC)
        fingerprint = hashlib.sha256(await request.body()).hexdigest()
        async with AsyncSession(engine) as session:
            known = await session.get(Answered, (idempotency_key, caller.sub))
            if known is not None:
                return JSONResponse(known.body, known.status)
            project = declaring.opened(new_id(), body.stated(), Voice("registry", now, "登记"))
            shown = views.view(project).model_dump(mode="json")
            session.add(_row(project, caller.sub, now))
            await _say(session, project, caller.sub, now)
            session.add(
                Answered(
                    key=idempotency_key,
                    principal=caller.sub,
                    fingerprint=fingerprint,
                    status=201,
                    body=shown,
                    created_at=now,
                )
            )
            await session.commit()
        return JSONResponse(shown, 201, headers={"Location": f"/projects/{project.id}", "ETag": '"1"'})

    return router


def _row(project: Project, by: str, now: datetime) -> ProjectRow:
    return ProjectRow(
        id=project.id,
        version=project.version,
        status=project.status.value,
        name_key=name_key(project.name),
        divisions=project.divisions,
        uscc=project.uscc,
        project_codes=project.project_codes,
        document=to_jsonable_python(project),
        registered_at=now,
        valid_from=now,
        recorded_at=now,
        said="registered",
        said_by=by,
        changed=[],
    )


async def _say(session: AsyncSession, project: Project, by: str, now: datetime) -> None:
    said = ProjectRegistered(record=record_of(project), started=False, registered_by=by)
    wanted = select(Stream).where(Stream.topic == said.topic, Stream.subject == project.id).with_for_update()
    stream = (await session.exec(wanted)).first()
    event_id = new_id()
    if stream is None:
        stream = Stream(topic=said.topic, subject=project.id, sequence=0, last_id=event_id)
    previous = stream.last_id if stream.sequence else None
    stream.sequence += 1
    stream.prior_id, stream.last_id = previous, event_id
    session.add(stream)
    session.add(
        Outbox(
            id=event_id,
            aggregatetype=said.topic,
            aggregateid=project.id,
            type=said.type,
            payload=said.model_dump(mode="json"),
            source=source_of(ROOM),
            sequence=stream.sequence,
            previousid=previous,
            time=now,
            recordedtime=now,
            headers={"dataclassification": "L2"},
            shard=shard_of(project.id),
        )
    )
