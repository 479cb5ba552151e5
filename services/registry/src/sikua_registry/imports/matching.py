"""When two rows, or a row and a registered project, are the same one: the same name, and no divisions that contradict.

Names alone are not unique. A row whose divisions are blank or held matches any project of its name, so importing a ledger
again adds nothing even after a person has filled in what was held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sikua_registry.naming import name_key


@dataclass(frozen=True)
class Namesake:
    """A registered project of the same name: its id, its divisions now, and the key it was imported under, if it was."""

    project_id: str
    name_key: str
    divisions: tuple[str, ...]
    import_key: str | None = None


def import_key(name: str, divisions: Sequence[str]) -> str:
    """By what a row is known again: its name and its sorted divisions as the ledger had them."""
    return f"{name_key(name)}|{';'.join(sorted(divisions))}"


def same(name: str, divisions: Sequence[str], namesakes: Iterable[Namesake]) -> Namesake | None:
    """The registered project that this row is, or None."""
    key, wanted = import_key(name, divisions), set(divisions)
    of_name = [known for known in namesakes if known.name_key == name_key(name)]
    for known in of_name:
        if known.import_key == key or set(known.divisions) == wanted:
            return known
    for known in of_name:
        if not wanted or not known.divisions:
            return known
    return None
