"""A service whose handler a test writes: it hears the scheduler's tracks, which are small and easy to read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from sikua_chassis.flow import Flow, Hears, NotYet
from sikua_chassis.service import Runtime, Service
from sikua_chassis.session import Session
from sikua_contracts.envelope import Event
from sikua_contracts.notifier import NoticeAcknowledged
from sikua_contracts.scheduler import TrackClosed
from sikua_contracts.words import Owner

Handler = Callable[[Session, Event[TrackClosed]], Awaitable[NotYet | None]]


def closed(project: str, reason: str = "done") -> TrackClosed:
    """One track closed; the smallest event there is."""
    return TrackClosed(
        track_id=f"t-{project}", project_id=project, project_name="项目", reason=reason, closed_by="test"
    )


def seen(project: str) -> NoticeAcknowledged:
    """One notice seen, by the notifier's stream of a project."""
    return NoticeAcknowledged(
        notice_id=f"n-{project}",
        project_id=project,
        owner=Owner(role="reform", division="370211"),
        recipient="somebody",
        channel="mail",
        acknowledged_by="somebody",
        acknowledged_at="2026-03-02T01:00:00Z",
    )


class Heard:
    """What a small consumer heard, in order, kept in a table of its own so that it commits with the lane."""

    table = (
        "CREATE TABLE IF NOT EXISTS heard "
        "(number bigint GENERATED ALWAYS AS IDENTITY, subject text, sequence bigint, id text)"
    )
    write = "INSERT INTO heard (subject, sequence, id) VALUES ($1, $2, $3)"

    @classmethod
    async def note(cls, session: Session, event: Event[TrackClosed]) -> None:
        """Write down that this event was handled."""
        session.gather(cls.write, event.subject, event.sequence, event.id)

    @classmethod
    async def of(cls, service: Service, subject: str | None = None) -> list[tuple[str, int]]:
        """(subject, sequence) in the order of handling."""
        rows = await service.database.pool.fetch(
            "SELECT subject, sequence FROM heard WHERE $1::text IS NULL OR subject = $1 ORDER BY number", subject
        )
        return [(row["subject"], row["sequence"]) for row in rows]


def listener(
    handler: Handler, name: str = "command-office", also: tuple[Hears, ...] = ()
) -> Callable[[Runtime], Service]:
    """A service that hears TrackClosed with this handler."""
    flow = Flow(name, hears=(Hears(TrackClosed, handler), *also))

    def build(runtime: Runtime) -> Service:
        return Service(
            name=name,
            title="listener",
            flow=flow,
            router=APIRouter(),
            migrations=None,
            runtime=runtime,
            start_tools=lambda: _make_table(holder[0]),
        )

    holder: list[Service] = []

    def build_and_keep(runtime: Runtime) -> Service:
        holder.append(build(runtime))
        return holder[0]

    return build_and_keep


def silent(name: str) -> Callable[[Runtime], Service]:
    """A service with nothing but what every service has: it answers for what was said in its name."""

    def build(runtime: Runtime) -> Service:
        return Service(name=name, title=name, flow=Flow(name), router=APIRouter(), migrations=None, runtime=runtime)

    return build


async def _make_table(service: Service) -> None:
    await service.database.pool.execute(Heard.table)
