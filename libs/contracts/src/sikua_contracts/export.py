"""Write the published language into `schemas/`, or check that what lies there still says the same.

`python -m sikua_contracts.export` writes; `--check` writes nothing and fails when a file is stale or a released promise
is broken; `--release` copies the present schemas beside the released ones, for good.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from sikua_contracts import asyncapi
from sikua_contracts.catalogue import CATALOGUE
from sikua_contracts.compatibility import broken_promises
from sikua_contracts.language import EVENTS, MODULES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
RELEASED = Path("released/v1")
GENERATED = "# Generated from libs/contracts; never edited by hand.\n"


def schema_paths() -> dict[str, Path]:
    """For each event type where its schema lies below `schemas/`: `<who speaks>/<noun>.<verb>.v1.json`."""
    return {
        said: Path(name) / f"{asyncapi.short_name(said)}.json"
        for name, module in MODULES.items()
        for said, model in EVENTS.items()
        if model.__module__ == module.__name__
    }


def json_schema(event_type: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of the event's data. Fields with a default are optional: readers must do without them."""
    schema = EVENTS[event_type].model_json_schema(mode="validation")
    return {"$schema": DIALECT, "$id": f"urn:cn:sikua:schema:{event_type}", **schema}


def exported() -> dict[Path, str]:
    """All files of `schemas/` with their text."""
    paths = schema_paths()
    files = {path: _as_json(json_schema(said)) for said, path in paths.items()}
    files[Path("catalogue.yaml")] = _as_yaml(_catalogue())
    files[Path("asyncapi.yaml")] = _as_yaml(asyncapi.document({said: f"./{path}" for said, path in paths.items()}))
    return files


def stale(folder: Path) -> list[str]:
    """Files below the folder that differ from what would be exported, are missing, or have no right to be there."""
    files = exported()
    differing = [path for path, text in files.items() if _text(folder / path) != text]
    present = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    strangers = [path for path in present - files.keys() if not path.is_relative_to(RELEASED)]
    return sorted(str(path) for path in (*differing, *strangers))


def broken(folder: Path) -> list[str]:
    """Promises of released schemas that the present ones break, by event."""
    found: list[str] = []
    current = {path: said for said, path in schema_paths().items()}
    for path in sorted((folder / RELEASED).rglob("*.json")):
        said = current.get(path.relative_to(folder / RELEASED))
        if said is None:
            found.append(f"{path.name}: released, and no longer said")
            continue
        released = json.loads(path.read_text(encoding="utf-8"))
        found += [f"{said}: {promise}" for promise in broken_promises(released, json_schema(said))]
    return found


def write(folder: Path) -> None:
    """Write all files, and remove schemas of events that are no longer said."""
    for name in stale(folder):
        (folder / name).unlink(missing_ok=True)
    for path, text in exported().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def release(folder: Path) -> None:
    """Keep the present schemas as released: from now on they may only gain optional fields."""
    for said, path in schema_paths().items():
        target = folder / RELEASED / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_as_json(json_schema(said)), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 when all is well, 1 when something is stale or broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale or broken")
    parser.add_argument("--release", action="store_true", help="keep the present schemas as released")
    parser.add_argument("--folder", type=Path, default=Path("schemas"))
    chosen = parser.parse_args(arguments)
    if not chosen.check:
        write(chosen.folder)
    if chosen.release and not broken(chosen.folder):
        release(chosen.folder)
    troubles = [f"stale, export it anew: {name}" for name in stale(chosen.folder)]
    troubles += [f"breaks what was released: {promise}" for promise in broken(chosen.folder)]
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return 1 if troubles else 0


def _catalogue() -> dict[str, Any]:
    return {
        dataset.slug: {
            **dataset.model_dump(mode="json", exclude={"slug"}),
            "fields": {
                entry.field: entry.model_dump(
                    mode="json", include={"name_zh", "type", "level", "level_note", "frequency", "sharing", "note"}
                )
                for entry in CATALOGUE.fields(dataset.slug)
            },
        }
        for dataset in CATALOGUE.datasets.values()
    }


def _as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _as_yaml(content: dict[str, Any]) -> str:
    return GENERATED + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
