"""Everything that was said, held against the published schemas: what is documented is what travels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import asyncpg
import jsonschema_rs
from sikua_contracts.topics import SERVICES

SCHEMAS = Path(__file__).parents[2] / "schemas"


async def unlike_their_schema(url: str) -> list[str]:
    """Events whose data does not fit the schema of their type, each with the first thing wrong."""
    validators = published_validators()
    connection = await asyncpg.connect(url)
    wrong: list[str] = []
    try:
        for service in SERVICES:
            rows = await connection.fetch(f'SELECT id, type, payload::text AS payload FROM "{service}".published')
            for row in rows:
                validator = validators.get(row["type"])
                if validator is None:
                    wrong.append(f"{row['type']} has no published schema")
                    continue
                for error in validator.iter_errors(json.loads(row["payload"])):
                    wrong.append(f"{row['type']} {row['id']}: {error.message}")
                    break
    finally:
        await connection.close()
    return wrong


def published_validators() -> dict[str, Any]:
    """A validator per event type, from `schemas/<speaker>/<noun>.<verb>.v1.json`."""
    validators: dict[str, Any] = {}
    for path in sorted(SCHEMAS.glob("*/*.v[0-9]*.json")):
        if path.parent.name != "released":
            validators[f"cn.sikua.{path.name.removesuffix('.json')}"] = jsonschema_rs.validator_for(
                json.loads(path.read_text(encoding="utf-8"))
            )
    return validators
