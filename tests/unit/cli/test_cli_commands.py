"""The command answers at once, and trouble is one sentence with an exit status, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_cli.commands import config, import_, token
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


SUMMARY = {
    "source": "台账.csv",
    "encoding": "gb18030",
    "lines": 66,
    "rows": 61,
    **dict.fromkeys(import_.ACTIONS, 3),
    "registered": 6,
    "started": 2,
    "already_registered": 4,
    "unknown_columns": [],
    "total": None,
    "message": "新增 6 个项目 · 6 projects were added",
}


def test_what_became_of_a_ledger_is_told_in_both_languages_and_nothing_that_is_not_there() -> None:
    assert import_.told(SUMMARY) == [
        "台账.csv(gb18030):66 行 lines,61 个项目 projects",
        "照录 accept 3  规范 normalise 3  待确认 hold 3  拒绝 reject 3  非数据 skip 3",
        "新登记 registered 6(已开工 under way 2)  此前已登记 registered before 4",
        "新增 6 个项目 · 6 projects were added",
    ]


def test_columns_left_aside_and_a_total_that_does_not_agree_are_told() -> None:
    total = {
        "line": 66,
        "stated_count": 62,
        "counted": 61,
        "count_agrees": False,
        "explanation": "差 1亿元 · difference",
    }
    lines = import_.told({**SUMMARY, "unknown_columns": ["备注", "联系电话"], "total": total})
    assert lines[3:-1] == [
        "未采用的列 columns left aside: 备注、联系电话",
        "合计(第 66 行)total of line 66: 差 1亿元 · difference",
        "项目数不符:写 62,实有 61 · stated are 62 projects, there are 61",
    ]


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
