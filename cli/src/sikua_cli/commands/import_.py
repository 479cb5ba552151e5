"""`sikua import`: hand a ledger to the registry and show what became of every line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from sikua_cli.launcher.place import Place
from sikua_cli.reach import answered, reached
from sikua_cli.trouble import Exit, Trouble

ACTIONS = {
    "accept": "照录 accept",
    "normalise": "规范 normalise",
    "hold": "待确认 hold",
    "reject": "拒绝 reject",
    "skip": "非数据 skip",
}
IMPORT_SECONDS = 600


def run(directory: Path, file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Import and print the report. What became of each line is in the report; the exit status only says that there is one."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Trouble(
            f"无法读取 {file}({error.strerror})", f"{file} cannot be read ({error.strerror})", Exit.REFUSED
        ) from error
    report = asyncio.run(_import(Place(directory), file.name, content, dry_run))
    if as_json:
        print(json.dumps({"summary": report["summary"], "rows": report["rows"]}, ensure_ascii=False, indent=1))
    else:
        _show(report, dry_run)


async def _import(place: Place, name: str, content: bytes, dry_run: bool) -> dict[str, Any]:
    async with reached(place, "operator", "sikua import", timeout_seconds=IMPORT_SECONDS) as http:
        response = await http.post(
            "/registry/imports",
            params={"source": name, "dry_run": "true" if dry_run else "false"},
            content=content,
            headers={"Content-Type": "text/csv"},
        )
        report: dict[str, Any] = answered(response)
        return report


def _show(report: dict[str, Any], dry_run: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title="试算,未改动任何数据 · dry run, nothing changed" if dry_run else "导入结果 · imported")
    for heading in ("行 line", "结果 action", "项目 project", "说明 what and why"):
        table.add_column(heading, no_wrap=heading.startswith(("行", "结果")))
    for row in report["rows"]:
        table.add_row(str(row["line"]), ACTIONS[row["action"]], row["name"] or "", _why(row))
    console.print(table)
    for line in told(report["summary"]):
        console.print(line, markup=False, highlight=False)


def told(summary: dict[str, Any]) -> list[str]:
    """The file as a whole, a line for each thing that there is to say; what it comes to last."""
    lines = [
        f"{summary['source']}({summary['encoding']}):{summary['lines']} 行 lines,{summary['rows']} 个项目 projects",
        "  ".join(f"{name} {summary[action]}" for action, name in ACTIONS.items()),
        f"新登记 registered {summary['registered']}(已开工 under way {summary['started']})  "
        f"此前已登记 registered before {summary['already_registered']}",
    ]
    if summary["unknown_columns"]:
        lines.append(f"未采用的列 columns left aside: {'、'.join(summary['unknown_columns'])}")
    total = summary["total"]
    if total is not None:
        lines.append(f"合计(第 {total['line']} 行)total of line {total['line']}: {total['explanation']}")
        if total["count_agrees"] is False:
            stated, counted = total["stated_count"], total["counted"]
            lines.append(f"项目数不符:写 {stated},实有 {counted} · stated are {stated} projects, there are {counted}")
    return [*lines, summary["message"]]


def _why(row: dict[str, Any]) -> str:
    said = [f"{change['field']}: {change['before']} → {change['after'] or '∅'}" for change in row["changes"]]
    said += [f"待确认 held: {field}" for field in row["held"]]
    return "\n".join([*said, *row["warnings"], *row["reasons"]])
