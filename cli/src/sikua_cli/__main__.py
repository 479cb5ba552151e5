"""`python -m sikua_cli` is the `sikua` command, wherever its script is."""

from __future__ import annotations

from sikua_cli.main import app

app()
