"""Kafka over TLS and SASL: what the settings lead to, and every wrong one named at once, before anything is connected."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from sikua_chassis.bus.access import AccessRefused, access_of
from sikua_chassis.bus.choice import bus_of
from sikua_chassis.settings import ServiceSettings, explain
from sikua_cli.wrong_settings import trouble_with_settings
from support.certificates import Authority


def given(**kafka: Any) -> ServiceSettings:
    return ServiceSettings(**{f"kafka_{name}": value for name, value in kafka.items()})


def refused(settings: ServiceSettings) -> dict[str, str]:
    with pytest.raises(AccessRefused) as raised:
        access_of(settings)
    return dict(raised.value.wrong)


@pytest.fixture
def password(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text("geheim\n")
    return str(path)


def test_nothing_said_is_plain() -> None:
    access = access_of(given(bootstrap="kafka:9092"))
    assert access.client(client_id="x") == {
        "bootstrap_servers": "kafka:9092",
        "security_protocol": "PLAINTEXT",
        "client_id": "x",
    }


def test_a_name_and_a_password_from_a_file_lead_to_sasl(password: str) -> None:
    settings = given(security_protocol="SASL_SSL", sasl_username="registry", sasl_password_file=password)
    access = access_of(settings)
    context = access.options.pop("ssl_context")
    assert access.options == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "registry",
        "sasl_plain_password": "geheim",
    }
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_what_is_secret_is_neither_shown_nor_told(password: str) -> None:
    settings = given(security_protocol="SASL_PLAINTEXT", sasl_username="registry", sasl_password_file=password)
    shown = {setting.name: setting.value for setting in explain(settings)}
    assert shown["SIKUA_KAFKA_SASL_PASSWORD_FILE"] == password
    assert "geheim" not in str(shown) + repr(access_of(settings))


def test_an_authority_and_a_certificate_of_our_own_are_loaded(tmp_path: Path) -> None:
    authority = Authority.fresh()
    certificate, key = authority.write(tmp_path, "registry", password="geheim")
    (tmp_path / "key-password").write_text("geheim")
    settings = given(
        security_protocol="SSL",
        ssl_ca_file=str(authority.write_own(tmp_path)),
        ssl_certificate_file=str(certificate),
        ssl_key_file=str(key),
        ssl_key_password_file=str(tmp_path / "key-password"),
    )
    context = access_of(settings).options["ssl_context"]
    assert len(context.get_ca_certs()) == 1
    (tmp_path / "key-password").write_text("falsch")
    assert list(refused(settings)) == ["kafka_ssl_certificate_file"]


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    (tmp_path / "no-certificate").write_text("certainly not")
    wrong = refused(
        given(
            security_protocol="SASL_SSL",
            sasl_password_file=str(tmp_path / "empty"),
            ssl_ca_file=str(tmp_path / "no-certificate"),
            ssl_key_file=str(tmp_path / "away"),
        )
    )
    assert wrong["kafka_sasl_username"] == "needed for SASL_SSL"
    assert "is empty" in wrong["kafka_sasl_password_file"]
    assert "certificates in PEM" in wrong["kafka_ssl_ca_file"]
    assert "needs both" in wrong["kafka_ssl_certificate_file"]


def test_a_file_that_is_not_there_is_named() -> None:
    wrong = refused(given(security_protocol="SSL", ssl_ca_file="/nowhere/ca.pem"))
    assert "/nowhere/ca.pem: No such file" in wrong["kafka_ssl_ca_file"]


@pytest.mark.parametrize(
    ("protocol", "name", "fitting"),
    [
        ("PLAINTEXT", "sasl_username", "SASL_PLAINTEXT or SASL_SSL"),
        ("SSL", "sasl_username", "SASL_PLAINTEXT or SASL_SSL"),
        ("PLAINTEXT", "ssl_ca_file", "SSL or SASL_SSL"),
    ],
)
def test_a_setting_without_effect_is_a_slip_and_said(protocol: str, name: str, fitting: str) -> None:
    wrong = refused(given(security_protocol=protocol, **{name: "x"}))
    assert wrong == {
        f"kafka_{name}": f"has an effect only with SIKUA_KAFKA_SECURITY_PROTOCOL={fitting}; it is {protocol}"
    }


def test_the_command_ends_with_the_variables_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIKUA_BUS", "kafka")
    monkeypatch.setenv("SIKUA_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    with pytest.raises(AccessRefused) as raised:
        bus_of(ServiceSettings(), {})
    trouble = trouble_with_settings(raised.value)
    assert trouble is not None
    assert "SIKUA_KAFKA_SASL_USERNAME: needed for SASL_SSL; SIKUA_KAFKA_SASL_PASSWORD_FILE: needed" in str(trouble)
