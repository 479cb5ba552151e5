"""The report says for every line of a file what became of it, and reconciles the stated total with the sum."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Action(StrEnum):
    """What became of a line: taken as it stands, taken with changes, taken with held fields, refused, or no data."""

    ACCEPT = "accept"
    NORMALISE = "normalise"
    HOLD = "hold"
    REJECT = "reject"
    SKIP = "skip"


class Change(BaseModel):
    """A cell as it was written and as it was taken; `after` is null when it said that nothing is known."""

    model_config = ConfigDict(frozen=True)

    field: str
    before: str
    after: str | None


class RowReport(BaseModel):
    """One line of the file. `held` names the fields that stay empty; `reasons` say why something was held or refused."""

    line: int
    action: Action
    name: str | None = None
    changes: list[Change] = []
    held: list[str] = []
    warnings: list[str] = []
    reasons: list[str] = []
    project: str | None = None


class Unsummed(BaseModel):
    """An amount that is not in the sum: held or of a refused line. `wan` is null when its size is unknown."""

    line: int
    as_written: str
    wan: str | None
    reason: str


class Total(BaseModel):
    """The stated total beside what was counted and summed, in 万元 as text. `agrees` only when nothing remains open."""

    line: int
    stated_count: int | None
    counted: int
    count_agrees: bool | None
    stated_wan: str | None
    sum_wan: str
    difference_wan: str | None
    agrees: bool | None
    unsummed: list[Unsummed]
    unexplained_wan: str | None
    explanation: str


class Summary(BaseModel):
    """The file as a whole. `registered` counts projects that were added (that would be, in a dry run)."""

    source: str
    sha256: str
    encoding: str
    dry_run: bool
    lines: int
    rows: int
    accept: int
    normalise: int
    hold: int
    reject: int
    skip: int
    registered: int
    started: int
    already_registered: int
    same_file_as: str | None = None
    unknown_columns: list[str] = []
    total: Total | None = None
    message: str


class ImportReport(BaseModel):
    """The answer to an import, for people and programs."""

    id: str | None
    summary: Summary
    rows: list[RowReport]


class ImportLine(BaseModel):
    """An import in a list: who took which file in, when, and its summary."""

    id: str
    imported_at: AwareDatetime
    imported_by: str
    summary: Summary


class ImportPage(BaseModel):
    """Imports, newest first."""

    items: list[ImportLine]
    next: str | None
