"""The command answers at once, and trouble is one sentence with an exit status, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_cli.commands import config, token
from sikua_cli.launcher.place import Place
from sikua_cli.trouble import Exit, Trouble


def sikua(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "sikua"
    return subprocess.run([str(program), *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = sikua("--help", folder=tmp_path)
    assert shown.returncode == 0
    for command in ("up", "demo", "import", "status", "config", "feed", "token", "topics"):
        assert f"  {command} " in shown.stdout


def test_where_nobody_runs_the_command_says_how_to_start(tmp_path: Path) -> None:
    told = sikua("status", folder=tmp_path)
    assert told.returncode == Exit.NOT_RUNNING
    assert "sikua up" in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout == ""


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    told = sikua("import", "none.csv", folder=tmp_path)
    assert told.returncode == Exit.REFUSED
    assert "none.csv cannot be read" in told.stderr


async def test_a_token_of_the_local_issuer_carries_role_and_division(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issuer = LocalIssuer.at(Place(tmp_path).issuer_key)
    token.run(tmp_path, "district_owner", division="370211", unit="", name="", hours=1)
    principal = await issuer.verifier().verify(capsys.readouterr().out.strip())
    assert principal.division == "370211"
    assert principal.roles == {"district_owner"}


async def test_a_token_of_a_department_names_its_unit_and_may_state_and_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issuer = LocalIssuer.at(Place(tmp_path).issuer_key)
    token.run(tmp_path, "department_system", division="370200", unit="tax", name="", hours=1)
    principal = await issuer.verifier().verify(capsys.readouterr().out.strip())
    assert principal.unit == "tax"
    assert {"facts:write", "events:read", "feed:read", "projects:read"} <= principal.scopes


def test_a_role_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="district_owner"):
        token.run(tmp_path, "king", division="370200", unit="", name="", hours=1)


def test_a_token_is_only_given_where_a_system_has_been_started(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="no local issuer key"):
        token.run(tmp_path, "auditor", division="370200", unit="", name="", hours=1)


def test_config_says_where_each_setting_comes_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIKUA_PORT", "8123")
    monkeypatch.setenv("SIKUA_POTR", "1")
    config.run(as_json=True)
    said = capsys.readouterr()
    settings = {setting["name"]: setting for setting in json.loads(said.out)}
    assert settings["SIKUA_PORT"] == {"name": "SIKUA_PORT", "value": "8123", "source": "environment"}
    assert "SIKUA_POTR" in said.err


def test_config_shows_the_settings_of_every_service_and_masks_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIKUA_TAX_BRIDGE_PUSH_SECRET", "geheim")
    monkeypatch.setenv("SIKUA_SMTP_HOST", "mail.example.com")
    monkeypatch.setenv("SIKUA_DIRECTORY", "/srv/sikua")
    config.run(as_json=True)
    said = capsys.readouterr()
    shown = {setting["name"]: (setting["value"], setting["source"]) for setting in json.loads(said.out)}
    assert shown["SIKUA_TAX_BRIDGE_PUSH_SECRET"] == ("********", "environment")
    assert shown["SIKUA_SMTP_HOST"] == ("mail.example.com", "environment")
    assert shown["SIKUA_REFORM_BRIDGE_DEPARTMENT_URL"] == ("", "default")
    assert "SIKUA_SMTP_HOST" not in said.err
    assert "SIKUA_DIRECTORY" not in said.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("SIKUA_PORT", "abc"), ("SIKUA_SERVICES", "no json"), ("SIKUA_TAX_BRIDGE_TIMEOUT_SECONDS", "-1")],
)
def test_a_setting_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    told = sikua("config", folder=tmp_path)
    assert told.returncode == Exit.REFUSED
    assert name.removeprefix("SIKUA_").removeprefix("TAX_BRIDGE_").lower() in told.stderr.lower()
    assert "Traceback" not in told.stderr
