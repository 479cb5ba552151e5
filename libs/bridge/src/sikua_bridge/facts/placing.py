"""Find the projects that a row is about, and leave a link behind: certain, or pending for a person to decide."""

from __future__ import annotations

from collections.abc import Iterable

from sikua_chassis.session import Session
from sikua_contracts.words import Quality

from sikua_bridge.datasets import Dataset, KeyKind, Mapped
from sikua_bridge.disclosure import disclosed
from sikua_bridge.facts.statement import Statement, reported
from sikua_bridge.facts.stating import catch_up
from sikua_bridge.linking import Candidates, Certain, Uncertain
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


def stated(
    dataset: Dataset,
    found: Mapped,
    asked: tuple[KeyKind, str] | None,
    granted: frozenset[str],
    *,
    quality: Quality,
    hashed: str,
    batch_id: str | None = None,
) -> Statement:
    """The statement of a row, as far as it may be disclosed, under the key it was asked by or the best one it names."""
    by_key = asked is not None and asked[0] is not KeyKind.NAME
    kind, key = asked if asked is not None and by_key else statement_keys(dataset, found)
    return reported(
        dataset,
        kind,
        key,
        disclosed(dataset, found.values, granted),
        as_of=found.as_of,
        basis=found.basis,
        quality=quality,
        row_hash=hashed,
        batch_id=batch_id,
    )


class Places:
    """Where rows belong, worked out together: who bears their keys is read once, what is linked on the way is kept in mind.

    `among` is the key that was asked by: its bearers are the only candidates by name; without it all active projects are.
    The caller holds the locks of all keys.
    """

    def __init__(self, session: Session, among: tuple[KeyKind, str] | None = None) -> None:
        self._session = session
        self._among = (among[0].value, among[1]) if among is not None else None
        self._bearers: dict[tuple[str, str], list[str]] = {}
        self._candidates: Candidates | None = None

    async def read(self, statements: Iterable[Statement]) -> None:
        """Look up who bears the keys of these statements."""
        wanted = {(statement.kind.value, statement.key) for statement in statements}
        if self._among is not None:
            wanted.add(self._among)
        self._bearers = await links.projects_by_key(self._session, wanted)

    async def of(self, statement: Statement, found: Mapped) -> tuple[str, ...]:
        """Ids of the projects the row is about, none when it must wait.

        By its key first, else by name and division. A link found by name is kept under the row's key: certain at once,
        uncertain as a question to a person.
        """
        kind, key = statement.kind.value, statement.key
        by_key = self._bearers.get((kind, key))
        if by_key:
            return tuple(by_key)
        if not found.name:
            return ()
        match (await self._named()).by_name(found.name, found.divisions):
            case Certain(project_id, reason):
                if await links.make_certain(self._session, project_id, [(kind, key)], reason):
                    self._bearers[kind, key] = [project_id]
                    await catch_up(self._session, project_id, [(statement.kind, key)])
                    return (project_id,)
            case Uncertain(project_id, similarity, reason):
                await links.ask_a_person(self._session, project_id, kind, key, reason, similarity, found.name)
        return ()

    async def _named(self) -> Candidates:
        if self._candidates is None:
            ids = None if self._among is None else self._bearers.get(self._among, [])
            self._candidates = Candidates(await projects.active_projects(self._session, ids))
        return self._candidates
