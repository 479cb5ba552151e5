"""What a service needs to know from outside: environment variables with prefix `SIKUA_`, then `.env`, then defaults."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from sikua_chassis.clock import ClockMode

PREFIX = "SIKUA_"
_MASK = "********"


class BusKind(StrEnum):
    """How events travel between services."""

    EMBEDDED = "embedded"
    KAFKA = "kafka"


class KafkaProtocol(StrEnum):
    """How clients talk to Kafka, under Kafka's own names (`security.protocol`)."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def has_sasl(self) -> bool:
        """Whether a name and a password are asked for."""
        return self.value.startswith("SASL")

    @property
    def has_tls(self) -> bool:
        """Whether the connection is encrypted and the broker's certificate checked."""
        return self.value.endswith("SSL")


class SaslMechanism(StrEnum):
    """How name and password are shown (`sasl.mechanism`)."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class ServiceSettings(BaseSettings):
    """Settings all services share. A service with settings of its own subclasses this."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    bus: BusKind = BusKind.EMBEDDED
    database_url: str = Field(default="", description="postgresql://…; empty: the embedded server under .sikua/")
    kafka_bootstrap: str = Field(default="127.0.0.1:9092", description="host:port, separated by commas")
    kafka_prefix: str = Field(default="", description="before topics and groups, where a cluster is shared; else empty")
    kafka_security_protocol: KafkaProtocol = KafkaProtocol.PLAINTEXT
    kafka_sasl_mechanism: SaslMechanism = SaslMechanism.SCRAM_SHA_512
    kafka_sasl_username: str = ""
    kafka_sasl_password_file: str = Field(default="", description="file that holds the password and nothing else")
    kafka_ssl_ca_file: str = Field(default="", description="PEM of who signed the brokers; empty: the system's")
    kafka_ssl_certificate_file: str = Field(default="", description="our certificate, PEM, where brokers ask for one")
    kafka_ssl_key_file: str = Field(default="", description="its key, PEM")
    kafka_ssl_key_password_file: str = Field(default="", description="file with the password of the key; empty: none")
    oidc_issuer: str = Field(default="urn:sikua:local-issuer", description="`iss` a token must carry")
    oidc_audience: str = "sikua"
    jwks: str = Field(default="", description="URL or file of the issuer's keys; empty: the local issuer's")
    local_issuer_key: str = Field(default=".sikua/issuer.jwk", description="file of the local issuer's key, mode 0600")
    business_time: ClockMode = ClockMode.SYSTEM
    host: str = "127.0.0.1"
    port: int = Field(default=8100, ge=0, le=65535)
    pool_size: int = Field(default=8, ge=1, le=200)
    max_body_bytes: int = Field(default=4 * 1024 * 1024, ge=1)
    max_upload_bytes: int = Field(default=64 * 1024 * 1024, ge=1)
    idempotency_hours: int = Field(
        default=72, ge=24, le=24 * 365, description="how long an answer is kept under its Idempotency-Key"
    )
    denial_days: int = Field(
        # 《网络安全法》: logs of what happens on a network are kept for at least six months.
        default=190,
        ge=184,
        le=3650,
        description="how long it is kept who was turned away",
    )
    log_level: str = "INFO"
    trace_sample_ratio: float = Field(default=0.05, ge=0.0, le=1.0)
    trace_file: str = Field(default="", description="spans are appended here as JSON lines")
    otlp_endpoint: str = Field(default="", description="base URL of a collector (OTLP over HTTP); empty: none is told")
    division: str = Field(default="370200", pattern=r"^\d{6}$", description="ours (GB/T 2260)")
    service_bearer_file: str = Field(
        default="", description="token shown to other services, read at each call; empty: the local issuer's"
    )
    services: dict[str, str] = Field(default_factory=dict, description="service name → base URL, as JSON")
    public_url: str = Field(default="http://127.0.0.1:8100", description="where people reach this system")


@dataclass(frozen=True)
class Setting:
    """One setting in force: its variable, its value as text with secrets masked, and where it comes from."""

    name: str
    value: str
    source: str


def explain(settings: BaseSettings, prefix: str = PREFIX) -> list[Setting]:
    """All settings in force, in order of declaration; `source` is `environment`, `.env`, `given` or `default`.

    `prefix` is what the variables of these settings begin with.
    """
    kind = type(settings)
    in_environment = EnvSettingsSource(kind, env_prefix=prefix)()
    in_file = DotEnvSettingsSource(kind, env_prefix=prefix)()
    explained = []
    for name, field in kind.model_fields.items():
        value = getattr(settings, name)
        if name in in_environment:
            source = "environment"
        elif name in in_file:
            source = ".env"
        else:
            source = "default" if value == field.get_default(call_default_factory=True) else "given"
        explained.append(Setting(f"{prefix}{name.upper()}", masked(name, value), source))
    return explained


def masked(name: str, value: Any) -> str:
    """A value as text without what must stay secret: secret strings, and the password inside a URL."""
    if isinstance(value, SecretStr):
        return _MASK if value.get_secret_value() else ""
    text = str(value)
    if not name.endswith("_file") and any(word in name for word in ("secret", "password", "token")):
        return _MASK if text else ""
    return without_password(text) if "://" in text else text


def without_password(url: str) -> str:
    """The URL with its password masked, in the authority and in a `password=` parameter."""
    parts = urlsplit(url)
    authority = parts.netloc
    if "@" in authority:
        user, _, host = authority.rpartition("@")
        name, colon, _ = user.partition(":")
        authority = f"{name}{colon}{_MASK if colon else ''}@{host}"
    query = "&".join(
        f"password={_MASK}" if piece.startswith("password=") else piece for piece in parts.query.split("&") if piece
    )
    return f"{parts.scheme}://{authority}{parts.path}{'?' if query else ''}{query}"


def unknown_variables(known: Iterable[str]) -> list[str]:
    """Variables with our prefix that are none of the known ones: most often a slip of the pen."""
    names = set(known)
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name.upper() not in names)
