"""The notifier, wired: its settings, its two channels, its routes."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from sikua_chassis.application import together
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.errors import SikuaError
from sikua_chassis.sealing import Seals
from sikua_chassis.service import Runtime, Service
from sikua_chassis.settings import ServiceSettings

from sikua_notifier.channels.smtp import MailChannel, MailServer, Security
from sikua_notifier.channels.webhook import WebhookChannel
from sikua_notifier.contacts.api import router as contacts
from sikua_notifier.delivery import Tools
from sikua_notifier.digest import DigestHours
from sikua_notifier.flow import FLOW
from sikua_notifier.notices.api import router as notices
from sikua_notifier.policy import Policy, hours_from
from sikua_notifier.retrying import Retrying
from sikua_notifier.silences.api import router as silences
from sikua_notifier.webhooks.api import router as webhooks

MIGRATIONS = Path(__file__).parent / "migrations"


class NotifierSettings(ServiceSettings):
    """Settings of the notifier, beside those that all services share."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=8193, ge=1, le=65535)
    smtp_security: Security = Security.NONE
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_ca_file: str = Field(default="", description="PEM file of the authority behind the mail server's certificate")
    smtp_timeout_seconds: float = Field(default=20.0, gt=0)
    smtp_own_name: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9.-]*|\[[A-Za-z0-9.:]+\])$",
        description="what we call ourselves to the mail server (EHLO); empty: this machine's name, looked up once",
    )
    mail_from: str = Field(default="sikua@sikua.example", pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$")
    digest_hours: str = Field(default="09:00,14:00", description="clock times, Asia/Shanghai; empty: at once")
    deputy_after_working_hours: float = Field(default=8.0, gt=0)
    delivery_attempts: int = Field(default=8, ge=1)
    delivery_first_wait_seconds: float = Field(default=5.0, gt=0)
    webhook_timeout_seconds: float = Field(default=15.0, gt=0, le=30.0)
    webhook_allow: str = Field(default="", description="hosts or host:port that need not be public, by commas")
    webhook_keys: SecretStr = Field(
        default=SecretStr(""),
        description="seal webhook secrets in the database; by commas, newest first; empty: the local issuer's key file",
    )
    notice_page: str = Field(
        default="/command-office/office/projects/{project_id}",
        description="where a notice leads, with {project_id}: an address, or a path below the public URL",
    )

    @field_validator("digest_hours")
    @classmethod
    def _readable_hours(cls, text: str) -> str:
        hours_from(text)
        return text


def build(runtime: Runtime, settings: NotifierSettings | None = None) -> Service:
    """The notifier. Without settings of its own it reads them from the environment."""
    chosen = settings if settings is not None else NotifierSettings()
    tools = Tools(
        policy_from(chosen, runtime.settings.public_url),
        MailChannel(_mail_server(chosen)),
        _webhook_channel(chosen),
        _seals(chosen, runtime.settings),
    )
    router = together(notices, contacts, silences, webhooks)
    return Service(
        name="notifier",
        title="sikua notifier",
        flow=FLOW,
        router=router,
        migrations=MIGRATIONS,
        runtime=runtime,
        tools=tools,
        start_tools=tools.webhooks.start,
        stop_tools=tools.webhooks.stop,
    )


def policy_from(settings: NotifierSettings, public_url: str) -> Policy:
    """The policy these settings describe."""
    below = settings.notice_page.startswith("/")
    page = public_url.rstrip("/") + settings.notice_page if below else settings.notice_page
    hours: tuple[time, ...] = hours_from(settings.digest_hours)
    return Policy(
        page=page,
        mail_from=settings.mail_from,
        digest=DigestHours(hours),
        deputy_after=timedelta(hours=settings.deputy_after_working_hours),
        retrying=Retrying(
            most_attempts=settings.delivery_attempts,
            first_seconds=settings.delivery_first_wait_seconds,
            longest_seconds=max(1800.0, settings.delivery_first_wait_seconds),
        ),
        webhook_exceptions=_exceptions(settings),
    )


def _mail_server(settings: NotifierSettings) -> MailServer:
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        ca_file=settings.smtp_ca_file,
        timeout_seconds=settings.smtp_timeout_seconds,
        own_name=settings.smtp_own_name,
    )


def _webhook_channel(settings: NotifierSettings) -> WebhookChannel:
    return WebhookChannel(_exceptions(settings), settings.webhook_timeout_seconds)


def _seals(settings: NotifierSettings, shared: ServiceSettings) -> Seals:
    given = settings.webhook_keys.get_secret_value()
    if shared.jwks and not given:
        # The key file belongs to one machine: replicas and whoever comes after a restart could not open what it sealed.
        raise SikuaError("under an issuer of one's own SIKUA_WEBHOOK_KEYS must seal the secrets of webhooks")
    local = Path(shared.local_issuer_key)
    return Seals.of(given, lambda: LocalIssuer.at(local).secret(), b"sikua webhook secrets")


def _exceptions(settings: NotifierSettings) -> frozenset[str]:
    return frozenset(part.strip().lower() for part in settings.webhook_allow.split(",") if part.strip())
