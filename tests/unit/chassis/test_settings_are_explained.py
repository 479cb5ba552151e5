"""Settings come from the environment, then `.env`, then defaults; what is secret is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sikua_chassis.settings import ServiceSettings, explain, unknown_variables, without_password


class PartnerSettings(ServiceSettings):
    partner_key: SecretStr = SecretStr("")


@pytest.fixture(autouse=True)
def in_an_empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def shown() -> dict[str, tuple[str, str]]:
    return {setting.name: (setting.value, setting.source) for setting in explain(ServiceSettings())}


def test_each_setting_says_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SIKUA_PORT=9000\nSIKUA_BUS=kafka\n")
    monkeypatch.setenv("SIKUA_BUS", "embedded")
    settings = shown()
    assert settings["SIKUA_BUS"] == ("embedded", "environment")
    assert settings["SIKUA_PORT"] == ("9000", ".env")
    assert settings["SIKUA_DIVISION"] == ("370200", "default")


def test_a_password_in_an_address_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIKUA_DATABASE_URL", "postgresql://sikua:geheim@db:5432/sikua?password=geheim&sslmode=require")
    monkeypatch.setenv("SIKUA_PARTNER_KEY", "geheim")
    settings = {setting.name: (setting.value, setting.source) for setting in explain(PartnerSettings())}
    assert "geheim" not in str(settings)
    assert settings["SIKUA_DATABASE_URL"][0].startswith("postgresql://sikua:********@db:5432/sikua")
    assert settings["SIKUA_PARTNER_KEY"] == ("********", "environment")
    assert "geheim" not in repr(PartnerSettings().partner_key)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8100", "postgresql:///sikua?host=/tmp/place", "postgresql://sikua@db/x"]
)
def test_an_address_without_a_password_stays_as_it_is(url: str) -> None:
    assert without_password(url) == url


def test_where_services_are_is_read_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIKUA_SERVICES", '{"registry": "http://127.0.0.1:8101"}')
    assert ServiceSettings().services == {"registry": "http://127.0.0.1:8101"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("BUS", "rabbit"), ("PORT", "70000"), ("DIVISION", "青岛"), ("TRACE_SAMPLE_RATIO", "2"), ("POOL_SIZE", "0")],
)
def test_a_setting_out_of_range_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"SIKUA_{name}", value)
    with pytest.raises(ValidationError):
        ServiceSettings()


def test_a_slip_of_the_pen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIKUA_DATABSE_URL", "x")
    monkeypatch.setenv("SIKUA_BUS", "kafka")
    unknown = unknown_variables(setting.name for setting in explain(ServiceSettings()))
    assert "SIKUA_DATABSE_URL" in unknown
    assert "SIKUA_BUS" not in unknown
