"""Find the projects that a row is about, and leave a link behind: certain, or pending for a person to decide."""

from __future__ import annotations

from sikua_chassis.session import Session

from sikua_bridge import linking
from sikua_bridge.datasets import Dataset, KeyKind, Mapped
from sikua_bridge.facts.statement import Statement
from sikua_bridge.facts.stating import catch_up
from sikua_bridge.linking import Certain, Uncertain
from sikua_bridge.links import store as links
from sikua_bridge.projects import store as projects
from sikua_bridge.projects.keys import name_key

_PREFERRED = (KeyKind.PROJECT_ID, KeyKind.PROJECT_CODE, KeyKind.USCC)


def statement_keys(dataset: Dataset, found: Mapped) -> tuple[KeyKind, str]:
    """The key a row is kept under: the dataset's own, if the row names it, else the best one it names, else its name."""
    kinds = [kind for kind in dataset.keys if kind is not KeyKind.NAME]
    for kind in (KeyKind.PROJECT_ID, *kinds, *_PREFERRED):
        if found.keys.get(kind):
            return kind, found.keys[kind]
    return KeyKind.NAME, name_key(found.name, found.divisions)


async def place(
    session: Session, statement: Statement, found: Mapped, among: tuple[KeyKind, str] | None
) -> tuple[str, ...]:
    """Ids of the projects the row is about, none when it must wait. The caller holds the locks.

    By its key first; else by name and division, among the projects that were asked for (`among`) or all of them. A link
    found by name is kept under the row's key: certain at once, uncertain as a question to a person.
    """
    wanted = [(statement.kind.value, statement.key)]
    if among is not None:
        wanted.append((among[0].value, among[1]))
    bearers = await links.projects_by_key(session, wanted)
    by_key = bearers.get((statement.kind.value, statement.key))
    if by_key:
        return tuple(by_key)
    if not found.name:
        return ()
    candidates = await projects.active_projects(
        session, None if among is None else bearers.get((among[0].value, among[1]), [])
    )
    match linking.by_name(found.name, found.divisions, candidates):
        case Certain(project_ids, reason):
            kept = [
                project_id
                for project_id in project_ids
                if await links.make_certain(session, project_id, statement.kind.value, statement.key, reason)
            ]
            for project_id in kept:
                await catch_up(session, project_id, [(statement.kind, statement.key)])
            return tuple(kept)
        case Uncertain(project_id, similarity, reason):
            await links.ask_a_person(
                session, project_id, statement.kind.value, statement.key, reason, similarity, found.name
            )
    return ()
