"""How a process gets to Kafka: plain, over TLS, with a name and password (SASL), or both; checked before anything is connected.

Secrets come from files, as containers mount them, and stand in no setting. Every wrong setting is named, all of them at once.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sikua_chassis.errors import SikuaError
from sikua_chassis.settings import PREFIX, KafkaProtocol, ServiceSettings

Wrong = list[tuple[str, str]]
"""Pairs of a setting, as in ServiceSettings, and what is expected of it."""

_ONLY_TLS = ("kafka_ssl_ca_file", "kafka_ssl_certificate_file", "kafka_ssl_key_file", "kafka_ssl_key_password_file")
_ONLY_SASL = ("kafka_sasl_username", "kafka_sasl_password_file")


class AccessRefused(SikuaError, ValueError):
    """Settings that lead to no cluster; the message names each variable and what is expected of it."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__("; ".join(f"{PREFIX}{name.upper()}: {expected}" for name, expected in wrong))
        self.wrong = wrong


@dataclass(frozen=True)
class Access:
    """One cluster, and how to be let in. `options` are what every client of it is made with."""

    bootstrap: str
    options: dict[str, Any] = field(default_factory=dict, repr=False)

    def client(self, **more: Any) -> dict[str, Any]:
        """Arguments of a client."""
        return {"bootstrap_servers": self.bootstrap, **self.options, **more}


def access_of(settings: ServiceSettings) -> Access:
    """The access that the settings describe; files are read now. Raises AccessRefused."""
    protocol, wrong = settings.kafka_security_protocol, _misplaced(settings)
    options: dict[str, Any] = {"security_protocol": protocol.value}
    if protocol.has_sasl:
        options |= _sasl(settings, wrong)
    if protocol.has_tls:
        options["ssl_context"] = _tls(settings, wrong)
    if wrong:
        raise AccessRefused(wrong)
    return Access(settings.kafka_bootstrap, options)


def _misplaced(settings: ServiceSettings) -> Wrong:
    """Settings without effect are slips: whoever names a password wants it asked for."""
    protocol, wrong = settings.kafka_security_protocol, []
    for names, used, kind in ((_ONLY_SASL, protocol.has_sasl, "SASL"), (_ONLY_TLS, protocol.has_tls, "SSL")):
        fitting = " or ".join(each.value for each in KafkaProtocol if kind in each.value.split("_"))
        told = f"has an effect only with {PREFIX}KAFKA_SECURITY_PROTOCOL={fitting}; it is {protocol.value}"
        wrong += [(name, told) for name in names if getattr(settings, name) and not used]
    return wrong


def _sasl(settings: ServiceSettings, wrong: Wrong) -> dict[str, Any]:
    protocol = settings.kafka_security_protocol
    for name in _ONLY_SASL:
        if not getattr(settings, name):
            wrong.append((name, f"needed for {protocol.value}"))
    password = _read("kafka_sasl_password_file", settings, wrong)
    return {
        "sasl_mechanism": settings.kafka_sasl_mechanism.value,
        "sasl_plain_username": settings.kafka_sasl_username,
        "sasl_plain_password": password,
    }


def _tls(settings: ServiceSettings, wrong: Wrong) -> ssl.SSLContext:
    """Brokers are always checked, by name too; against the system's authorities where no file names others."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authorities = _read("kafka_ssl_ca_file", settings, wrong)
    if authorities:
        _try(
            "kafka_ssl_ca_file",
            "certificates in PEM",
            wrong,
            lambda: context.load_verify_locations(cadata=authorities),
        )
    else:
        context.load_default_certs()
    certificate, key = settings.kafka_ssl_certificate_file, settings.kafka_ssl_key_file
    if bool(certificate) != bool(key):
        missing = "kafka_ssl_key_file" if certificate else "kafka_ssl_certificate_file"
        wrong.append((missing, "a client certificate needs both the certificate and its key"))
    elif certificate:
        password = _read("kafka_ssl_key_password_file", settings, wrong)
        _try(
            "kafka_ssl_certificate_file",
            "certificate and key in PEM that belong together",
            wrong,
            lambda: context.load_cert_chain(certificate, key, password=lambda: password),
        )
    return context


def _read(name: str, settings: ServiceSettings, wrong: Wrong) -> str:
    path = getattr(settings, name)
    if not path:
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        wrong.append((name, f"a file that can be read; {path}: {getattr(error, 'strerror', None) or 'not text'}"))
        return ""
    if not text:
        wrong.append((name, f"a file with something in it; {path} is empty"))
    return text


def _try(name: str, expected: str, wrong: Wrong, act: Callable[[], object]) -> None:
    try:
        act()
    except (OSError, ValueError) as error:
        wrong.append((name, f"{expected}: {error}"))
