"""What becomes of each line: the examined file beside what is registered already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sikua_registry.imports import matching, totals
from sikua_registry.imports.examining import Examined
from sikua_registry.imports.matching import Namesake
from sikua_registry.imports.report import Action, RowReport, Summary
from sikua_registry.imports.rows import ReadRow
from sikua_registry.naming import name_key

DRY_RUN = "试运行，未改动任何内容 · dry run: nothing was changed"


@dataclass(frozen=True)
class Decided:
    """Reports of all lines in order, and the rows to register with the line of their report."""

    reports: dict[int, RowReport]
    entering: list[ReadRow]
    already: int


def decide(examined: Examined, registered: Iterable[Namesake]) -> Decided:
    """Decide line by line. Nothing is registered twice."""
    by_name: dict[str, list[Namesake]] = {}
    for known in registered:
        by_name.setdefault(known.name_key, []).append(known)
    reports = {
        line: RowReport(line=line, action=Action.SKIP, reasons=[reason]) for line, reason in examined.skipped.items()
    }
    entering: list[ReadRow] = []
    already = 0
    for read in examined.rows:
        namesakes = by_name.get(name_key(read.name), []) if read.name is not None else []
        match = matching.same(read.name, read.divisions, namesakes) if read.name is not None else None
        if read.refusals:
            reports[read.line] = _refused(read, read.refusals, None)
        elif match is not None:
            already += 1
            reason = "已登记，未重复添加 · already registered, nothing added"
            reports[read.line] = _refused(read, [reason], match.project_id)
        else:
            entering.append(read)
            reports[read.line] = _taken(read, namesakes)
    return Decided(dict(sorted(reports.items())), entering, already)


def summarise(examined: Examined, decided: Decided, *, source: str, dry_run: bool, same_file_as: str | None) -> Summary:
    """The file as a whole, with its total reconciled."""
    counts = dict.fromkeys(Action, 0)
    for report in decided.reports.values():
        counts[report.action] += 1
    refused = [read for read in examined.rows if read.refusals]
    standing = [read for read in examined.rows if not read.refusals]
    total = examined.total
    registered = len(decided.entering)
    return Summary(
        source=source,
        sha256=examined.sha256,
        encoding=examined.sheet.encoding,
        dry_run=dry_run,
        lines=examined.sheet.lines,
        rows=len(examined.rows),
        accept=counts[Action.ACCEPT],
        normalise=counts[Action.NORMALISE],
        hold=counts[Action.HOLD],
        reject=counts[Action.REJECT],
        skip=counts[Action.SKIP],
        registered=registered,
        started=sum(read.started for read in decided.entering),
        already_registered=decided.already,
        same_file_as=same_file_as,
        unknown_columns=examined.sheet.unknown,
        total=None if total is None else totals.reconciled(examined.sheet, total, standing, refused),
        message=_message(registered, decided.already, dry_run, same_file_as),
    )


def _taken(read: ReadRow, namesakes: list[Namesake]) -> RowReport:
    warnings = list(read.warnings)
    if namesakes:
        ids = ", ".join(known.project_id for known in namesakes)
        warnings.append(
            f"已有同名项目，请核对是否合并 · projects of the same name exist, merge them if they are one: {ids}"
        )
    action = Action.HOLD if read.held else Action.NORMALISE if read.changes else Action.ACCEPT
    return RowReport(
        line=read.line,
        action=action,
        name=read.name,
        changes=read.changes,
        held=[hold.field for hold in read.held],
        warnings=warnings,
        reasons=[f"{hold.field}: {hold.reason}" for hold in read.held],
    )


def _refused(read: ReadRow, reasons: list[str], project: str | None) -> RowReport:
    return RowReport(
        line=read.line,
        action=Action.REJECT,
        name=read.name,
        warnings=read.warnings,
        reasons=reasons,
        project=project,
    )


def _message(registered: int, already: int, dry_run: bool, same_file_as: str | None) -> str:
    parts = []
    if same_file_as is not None:
        parts.append(f"此文件已导入过({same_file_as}) · this very file was imported before")
    if registered == 0:
        parts.append("没有新增项目 · nothing was added")
    elif dry_run:
        parts.append(f"将新增 {registered} 个项目 · {registered} projects would be added")
    else:
        parts.append(f"新增 {registered} 个项目 · {registered} projects were added")
    if already:
        parts.append(f"{already} 个已登记 · {already} were registered already")
    if dry_run:
        parts.append(DRY_RUN)
    return "；".join(parts)
